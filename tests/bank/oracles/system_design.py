"""System design, worked out by counting, by playing the protocol and by listing every state."""

from collections import OrderedDict
from fractions import Fraction
from itertools import accumulate, product
from math import log1p, prod
from typing import Any

PERCENT = Fraction(1, 100)


def connections_held(rate: Any, share: Any, total: Any, hold: Any, n: Any) -> Any:
    """Adds up the milliseconds of connections that one second of requests takes."""
    borrowing = Fraction(rate, n) * share * PERCENT
    return round(float(borrowing * hold / 1000), 2)


def instances_for_peak(users: Any, acts: Any, factor: Any, cap: Any, util: Any, zones: Any) -> Any:
    """Adds an instance to every zone until a zone may go."""
    peak = Fraction(users * 1_000_000 * acts, 24 * 60 * 60) * factor
    in_a_zone = 1
    while (zones - 1) * in_a_zone * cap * util * PERCENT < peak:
        in_a_zone += 1
    return zones * in_a_zone


def storage_slip(users: Any, every: Any, kb: Any, copies: Any, slip: Any) -> Any:
    """Rebuilds the colleague's figures and goes through them again, each from the figure above."""
    uploads = Fraction(users * every if slip == 1 else Fraction(users, every))
    daily = uploads * kb / (1 if slip == 2 else 1000)
    yearly = daily * (30 if slip == 3 else 365) / 1000
    stored = yearly * (copies - 1 if slip == 4 else copies)
    photo = kb * 10**3
    sound = {
        "Step 1, the uploads": uploads * every == users,
        "Step 2, the data of a day": daily * 10**12 == uploads * 10**6 * photo,
        "Step 3, the data of a year": yearly * 10**15 == sum([daily * 10**12] * 365),
        "Step 4, the copies": stored == sum([yearly] * int(copies)),
    }
    (wrong,) = (step for step, holds in sound.items() if not holds)
    return wrong


def two_queues(web: Any, store: Any, rate: Any, growth: Any) -> Any:
    """The mean number at each station from the chances of all numbers, then Little's law."""
    arrivals = float(rate * (100 + growth) * PERCENT / 1000)
    inside = 0.0
    for service in (web, store):
        busy = arrivals * float(service)
        assert busy < 1
        here, chance = 0, 1 - busy
        while here < 1 / (1 - busy) or here * chance > 1e-12:
            inside += here * chance
            here, chance = here + 1, chance * busy
    return round(inside / arrivals, 1)


def cache_node_lost(reads: Any, hit: Any, n: Any) -> Any:
    """Sums up what every node lets through, the lost one all of it."""
    hits = [hit * PERCENT] * (int(n) - 1) + [Fraction(0)]
    return round(sum(Fraction(reads, n) * (1 - ratio) for ratio in hits))


def lru_second_victim(seat: Any, stride: Any, t1: Any, again: Any, place: Any) -> Any:
    """Plays the nine reads."""
    names = [f"k{10 + (seat + 13 * stride * number) % 80}" for number in range(6)]
    middle = {6: (t1, 1, again), 7: (t1, again, 1)}[place]
    cache: OrderedDict[str, None] = OrderedDict()
    victim = ""
    for key in [*names[:4], *(names[number] for number in middle), *names[4:]]:
        victim = "" if key in cache or len(cache) < 4 else cache.popitem(last=False)[0]
        cache[key] = None
        cache.move_to_end(key)
    return victim


def chain_with_pair(lb: Any, app: Any, n: Any, db: Any) -> Any:
    """Goes through every combination of parts that are up or down."""
    chances = [value * PERCENT for value in (lb, db, *[app] * int(n))]
    down = Fraction(0)
    for state in product((True, False), repeat=len(chances)):
        if not (state[0] and state[1] and any(state[2:])):
            down += prod(chance if up else 1 - chance for chance, up in zip(chances, state, strict=True))
    return round(float(down * 30 * 24 * 60), 1)


def budget_left(slo: Any, days: Any, gone: Any, used: Any, fail: Any) -> Any:
    """With 100,000 requests a minute: what may fail, what has failed, what fails each minute."""
    minute = 100_000
    allowed = (100 - slo) * PERCENT * minute * days * 24 * 60
    failed = used * PERCENT * minute * gone * 24 * 60
    moment = (allowed - failed) / (fail * PERCENT * minute)
    assert 0 < moment < (days - gone) * 24 * 60
    return round(float(moment), 1)


def raft_commit_index(low: Any, g1: Any, g2: Any, g3: Any, g4: Any, turn: Any, flip: Any) -> Any:
    """Counts members for every index, from the leader's last down."""
    stored = list(accumulate([low, g1, g2, g3, g4]))
    return next(at for at in range(max(stored), low - 1, -1) if sum(last >= at for last in stored) > 5 / 2)


def clocks_compare(
    rel: Any, x1: Any, x2: Any, x3: Any, e1: Any, e2: Any, e3: Any, side: Any, gap: Any
) -> Any:
    """An event is before another if that one's process had heard of it by then."""
    x = (x1, x2, x3)
    y = {
        0: (x1 + e1 - 1, x2 + e2, x3 + e3),
        1: (x1 - e1, x2 - e2 + 1, x3 - e3),
        2: (x1 - e1, x2 + e2, x3 - e3 if side else x3 + e3),
    }[rel]
    y_knows_x, x_knows_y = y[0] >= x[0], x[1] >= y[1]
    assert not (y_knows_x and x_knows_y)
    if y_knows_x:
        return "x happened before y"
    return "y happened before x" if x_knows_y else "x and y are concurrent"


def catch_up_consumers(rate: Any, each: Any, outage: Any, within: Any, parts: Any) -> Any:
    """Lets more and more consumers work, minute by minute, until the backlog goes in time."""

    def backlog(consumers: int) -> int:
        waiting = rate * 60 * outage
        for _minute in range(int(within)):
            waiting = max(0, waiting + (rate - consumers * each) * 60)
        return int(waiting)

    return next(consumers for consumers in range(1, parts + 1) if backlog(consumers) == 0)


def fan_out_doubled(n: Any, slow: Any, limit: Any) -> Any:
    """The chance that some shard is slow, shard by shard."""
    share = slow * PERCENT
    waits = Fraction(0)
    for _shard in range(int(n)):
        waits += (1 - waits) * share * share
    return float(f"{float(100 * waits):.3g}")


def bloom_size(n: Any, percent: Any) -> Any:
    """Tries whole numbers of hash functions and takes the smallest array that does."""
    wanted = float(percent) / 100
    sizes = [-functions / log1p(-(wanted ** (1 / functions))) for functions in range(1, 30)]
    return round(n * min(sizes) / 8)


def ring_weighted_node(keys: Any, small: Any, large: Any, fresh: Any) -> Any:
    """Every virtual node on the ring has the same share of the keys, on average."""
    ring = [100] * int(small) + [250] * int(large) + [fresh]
    return round(float(Fraction(keys * ring[-1], sum(ring))), 2)


ORACLES = {
    "sd-connections-held-drawn": connections_held,
    "sd-instances-for-peak-drawn": instances_for_peak,
    "sd-storage-slip-drawn": storage_slip,
    "sd-two-queues-drawn": two_queues,
    "sd-cache-node-lost-drawn": cache_node_lost,
    "sd-lru-second-victim-drawn": lru_second_victim,
    "sd-chain-with-pair-drawn": chain_with_pair,
    "sd-budget-left-drawn": budget_left,
    "sd-raft-commit-index-drawn": raft_commit_index,
    "sd-clocks-compare-drawn": clocks_compare,
    "sd-catch-up-consumers-drawn": catch_up_consumers,
    "sd-fan-out-doubled-drawn": fan_out_doubled,
    "sd-bloom-size-drawn": bloom_size,
    "sd-ring-weighted-node-drawn": ring_weighted_node,
}
