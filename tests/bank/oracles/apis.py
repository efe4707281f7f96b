"""APIs, worked out by playing client and server and by counting what passes between them."""

from bisect import bisect_right
from typing import Any


def page_size_for_window(rows: Any, minutes: Any, limit: Any, share: Any) -> Any:
    """Reads the list with larger and larger pages until the last one comes in time."""
    allowed = max(used for used in range(limit + 1) if (limit - used) * 100 >= limit * share)
    size = 10
    while len(range(0, rows, size)) > allowed * minutes:
        size += 10
    return size


def offset_shift(size: Any, new: Any, gone: Any) -> Any:
    """Reads a list of ten pages while it changes under the reader."""
    orders = list(range(10 * size))
    kept = orders[gone:]
    later = [-number for number in range(1, new + 1)] + kept
    read = orders[:size] + later[size:]
    twice = sum(read.count(order) > 1 for order in kept)
    missing = sum(order not in read for order in kept)
    if twice and missing:
        return f"{twice} orders come twice, and {missing} are left out"
    if twice:
        return f"{twice} orders come twice, and none is left out"
    if missing:
        return f"{missing} orders are left out, and none comes twice"
    return "No order comes twice, and none is left out"


def retry_after_bucket(cap: Any, rate: Any, cost: Any, first: Any, pause: Any, second: Any) -> Any:
    """Plays both bursts, and then waits second by second."""
    tokens, refused = cap, 0
    for burst, idle in ((first, pause), (second, 0)):
        refused = 0
        for _request in range(burst):
            passes = tokens >= cost
            tokens -= cost if passes else 0
            refused += not passes
        tokens = min(cap, tokens + rate * idle)
    assert refused
    wait = 0
    while tokens < cost:
        tokens, wait = tokens + rate, wait + 1
    return wait


def key_lifetime_for_retries(timeout: Any, base: Any, cap: Any, tries: Any, later: Any) -> Any:
    """Follows the client's clock through attempts and pauses."""
    clock, pause = 0, base
    for attempt in range(1, tries + 1):
        clock += timeout
        if attempt < tries:
            clock += min(pause, cap)
            pause *= 2
    return clock + later * 60


def retries_multiply(users: Any, lines: Any, gate: Any, client: Any, mesh: Any) -> Any:
    """Counts the calls of one user's request, well and ill."""

    def calls(ill: bool) -> int:
        count = 0
        for _of_gateway in range(gate if ill else 1):
            for _line in range(lines):
                for _of_client in range(client if ill else 1):
                    count += mesh if ill else 1
        return count

    return users * (calls(ill=True) - calls(ill=False))


def largest_base64_upload(mib: Any, around: Any) -> Any:
    """Searches for the last size of a file that passes; every three bytes begun take four characters."""
    most = mib * 2**20
    sizes = range(most)
    return bisect_right(sizes, most, key=lambda size: around + len(range(0, size, 3)) * 4) - 1


def stale_page_worst_case(browser: Any, shared: Any, edge: Any) -> Any:
    """Tries every second at which a browser may get the old page from the edge."""
    latest = 0
    for fetched in range(shared + 1):
        age = fetched if edge == "keeps" else 0
        latest = max(latest, fetched + max(0, browser - age))
    return latest


def webhook_after_outage(first: Any, cap: Any, down: Any) -> Any:
    """Plays the nine attempts."""
    clock, pause = 0, first
    for _repeat in range(2, 10):
        clock += pause
        if clock >= down:
            return clock - down
        pause = min(cap, 2 * pause)
    raise AssertionError("it gives up before")


def batched_lookups(orders: Any, items: Any, customers: Any, products: Any, batch: Any) -> Any:
    """Gives out the keys of each level in portions."""
    levels = [1, customers, orders, products]
    return sum(len(range(0, keys, batch)) for keys in levels)


def content_range(total: Any, amount: Any, kind: Any) -> Any:
    """Takes the bytes of the file that are asked for, by their numbers."""
    file = range(total)
    asked = {"suffix": file[-amount:], "open": file[amount:], "beyond": file[amount : total + amount]}[kind]
    return f"bytes {asked[0]}-{asked[-1]}/{len(file)}"


ORACLES = {
    "api-page-size-for-window-drawn": page_size_for_window,
    "api-offset-shift-drawn": offset_shift,
    "api-retry-after-bucket-drawn": retry_after_bucket,
    "api-key-lifetime-for-retries-drawn": key_lifetime_for_retries,
    "api-retries-multiply-drawn": retries_multiply,
    "api-largest-base64-upload-drawn": largest_base64_upload,
    "api-stale-page-worst-case-drawn": stale_page_worst_case,
    "api-webhook-after-outage-drawn": webhook_after_outage,
    "api-batched-lookups-drawn": batched_lookups,
    "api-content-range-drawn": content_range,
}
