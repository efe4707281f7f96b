"""Security, worked out by trying guesses one by one, enumerating addresses and running the code shown."""

import base64
import posixpath
from decimal import Decimal, localcontext
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network
from math import isqrt
from socket import inet_aton
from typing import Any

DAY = 24 * 60 * 60


def bcrypt_list_attack_days(rate: Any, cost: Any, words: Any, users: Any) -> Any:
    """A list per salt; each step of the cost parameter doubles the work of a guess."""
    a_second = Fraction(rate)
    for _step in range(10, cost):
        a_second /= 2
    return round(float(users * (words / a_second) / DAY), 1)


def totp_guessing_under_lockout(digits: Any, window: Any, tries: Any, lock: Any) -> Any:
    """Counts the rounds that go by without luck, on average; each ends with a lock."""
    accepted = len(range(-window, window + 1))
    with localcontext() as context:
        context.prec = 50
        unlucky = (1 - Decimal(int(accepted)) / 10 ** int(digits)) ** int(tries)
        rounds = unlucky / (1 - unlucky)
        return round(rounds * int(lock) / (24 * 60), 1)


def random_nonce_key_rotation(size: Any, gap: Any, machines: Any, rate: Any) -> Any:
    """The largest whole number of messages whose square is still small enough."""
    bits = int(8 * size)
    k = bits - int(gap)
    messages = isqrt(2 ** (bits + 1) // 2**k)
    return float(Fraction(messages, machines * rate * 3600))


def access_after_account_lock(life: Any, leeway: Any, behind: Any, cache: Any, refresh: Any) -> Any:
    """Asks each second whether a check would pass; the last verdict is then kept for a while."""
    expires = life * 60
    last_check = max(second for second in range(2 * expires) if second - behind < expires + leeway)
    return last_check + 1 + cache


def roles_that_fit_the_cookie(alg: Any, head: Any, fixed: Any, each: Any) -> Any:
    """Encodes ever longer tokens until a browser would ignore the cookie."""
    if alg.startswith("RS256"):
        signature = int(alg.split()[-2].replace(",", "")) // 8
    else:
        signature = {"HS256": 32, "ES256": 2 * 32}[alg]

    def fits(roles: int) -> bool:
        parts = (head, fixed + roles * each, signature)
        token = b".".join(base64.urlsafe_b64encode(bytes(int(part))).rstrip(b"=") for part in parts)
        return len(b"__Host-session" + token) <= 4096

    return next(roles for roles in range(4096) if not fits(roles + 1))


def shortened_mac_length(rate: Any, days: Any, odds: Any) -> Any:
    """Adds characters until all guesses together are unlikely enough."""
    guesses = rate * days * DAY
    return next(kept for kept in range(1, 65) if guesses * odds <= len("0123456789abcdef") ** kept)


def addresses_under_deny_rule(
    second: Any, third: Any, p: Any, q: Any, r: Any, s: Any, place: Any, away: Any
) -> Any:
    """Asks the gateway about every address of every allow rule."""
    office = IPv4Network(f"10.{second}.{third}.0/{p}")
    guests = IPv4Network((office.network_address + int(place * 2 ** (32 - q)), int(q)))
    kiosk = IPv4Network((guests.network_address + int(2 ** (32 - r)), int(r)))
    partner = IPv4Network(f"192.0.2.{2 * away}/{s}", strict=False)
    asking = {int(address) for rule in (office, kiosk, partner) for address in rule}
    return len(asking - {int(address) for address in guests})


def filtered_path_opened(app: Any, area: Any, plain: Any, nested: Any, file: Any) -> Any:
    """Runs the handler's own two lines."""
    name = "../" * plain + "....//" * nested + file
    name = name.replace("../", "")
    return posixpath.normpath(f"/srv/{app}/public/{area}/{name}")


def odd_address_spelling(first: Any, x: Any, y: Any, z: Any, hexadecimal: Any) -> Any:
    """Asks the C function itself."""
    rest = ((16 + x % 16 if first == 172 else x) << 16) + (y << 8) + z
    host = f"0{first:o}." + (f"0x{rest:x}" if hexadecimal else str(rest))
    return str(IPv4Address(inet_aton(host)))


def jwt_verifier_gaps(life: Any, leeway: Any, fetch: Any, api: Any, other: Any) -> Any:
    """Lets a verifier load the list just before the new key, and a token live as long as it is accepted."""
    loads = range(-1, 2 * fetch, fetch)
    expires = life * 60
    accepted = (second for second in range(2 * expires) if second - leeway < expires)
    return {
        "key": '`KEYS[head["kid"]]`',
        "algs": '`["RS256"]`',
        "aud": f"https://{api}.example",
        "a": min(moment for moment in loads if moment >= 0) + 1,
        "b": max(accepted) + 1,
        "c": "Load the list from the configured address, if not just done, and refuse if the `kid` is still unknown.",
    }


ORACLES = {
    "sec-bcrypt-list-attack-days": bcrypt_list_attack_days,
    "sec-totp-guessing-under-lockout": totp_guessing_under_lockout,
    "sec-random-nonce-key-rotation": random_nonce_key_rotation,
    "sec-access-after-account-lock": access_after_account_lock,
    "sec-roles-that-fit-the-cookie": roles_that_fit_the_cookie,
    "sec-shortened-mac-length": shortened_mac_length,
    "sec-addresses-under-deny-rule": addresses_under_deny_rule,
    "sec-filtered-path-opened": filtered_path_opened,
    "sec-odd-address-spelling": odd_address_spelling,
    "sec-jwt-verifier-gaps": jwt_verifier_gaps,
}
