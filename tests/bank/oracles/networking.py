"""Networking, worked out packet by packet, second by second and address by address."""

from datetime import datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from typing import Any


def wire_transfer_time(mb: Any, mbit: Any, mtu: Any) -> Any:
    """Full packets first, then a smaller last one; all of them as the wire sees them."""
    room = mtu - 20 - 32
    full, rest = divmod(mb * 1_000_000, room)
    on_the_wire = full * (mtu + 38)
    if rest:
        on_the_wire += rest + 20 + 32 + 38
    return round(Fraction(on_the_wire * 8, mbit * 1000))


def last_fragment_length(mtu: Any, data: Any) -> Any:
    """Cuts fragments off until what is left fits into one."""
    left = data + 8
    while 20 + left > mtu:
        size = max(size for size in range(mtu - 20 - 8, mtu - 20 + 1) if size % 8 == 0)
        left -= size
    return 20 + left


def third_subnet_of_plan(second: Any, sixteen: Any, web: Any, jobs: Any, admin: Any) -> Any:
    """Lays out the networks one after the other, each where its own mask lets it begin."""
    start = IPv4Address(f"10.{second}.{16 * sixteen}.0")
    network = IPv4Network(f"{start}/20")
    for hosts in (web, jobs, admin):
        prefix = next(p for p in range(30, 19, -1) if IPv4Network(f"0.0.0.0/{p}").num_addresses - 2 >= hosts)
        network = IPv4Network((start, prefix))
        start = network.broadcast_address + 1
    return str(network)


def smallest_summary_route(second: Any, low: Any, more: Any) -> Any:
    """Widens the first network a bit at a time until it holds the last, too."""
    route = IPv4Network(f"172.{second}.{low}.0/24")
    last = IPv4Network(f"172.{second}.{low + more}.0/24")
    while not last.subnet_of(route):
        route = route.supernet()
    return str(route)


def ipv6_shorten_drawn(left: Any, right: Any, i: Any, j: Any) -> Any:
    """The address as a number, which the standard library then writes in the canonical form."""
    number = (0x2001 << 112) + (0x0DB8 << 96)
    number += (left << 4) << 16 * (8 - i)
    number += (right << 4) << 16 * (8 - j)
    return str(IPv6Address(number))


def route_table_drawn(
    second: Any, third: Any, fourth: Any, p1: Any, p2: Any, p3: Any, hit: Any, seat: Any, stride: Any
) -> Any:
    """Reads the table as the router does: of the routes that hold the address, the longest prefix."""
    destination = f"10.{second}.{third}.{fourth}"
    routes = [ip_network("0.0.0.0/0"), ip_network("10.0.0.0/8")]
    for place, prefix in enumerate((p1, p2, p3), start=1):
        holds = ip_network(f"{destination}/{prefix}", strict=False)
        beside = next(each for each in holds.supernet().subnets() if each != holds)
        routes.append(holds if place == 1 or place <= hit else beside)
    hops = [f"`192.0.2.{11 + (seat + 17 * stride * place) % 80}`" for place in range(5)]
    matching = [each for each in zip(routes, hops, strict=True) if ip_address(destination) in each[0]]
    return max(matching, key=lambda each: each[0].prefixlen)[1]


def ports_run_out(low: Any, high: Any, backends: Any, rate: Any) -> Any:
    """Connects to one backend come evenly; the first that finds all its ports waiting fails."""
    between = Fraction(backends, rate)
    free = len(range(low, high + 1))
    moment = free * between
    assert moment < 120, "the first port would be free again"
    return round(float(moment), 1)


def send_buffer_memory(clients: Any, mbit: Any, rtt: Any) -> Any:
    """Bytes sent in the last round trip, a millisecond at a time."""
    of_one = sum(Fraction(mbit * 1_000_000, 8 * 1000) for _ in range(rtt))
    return round(float(clients * of_one / 1_000_000), 1)


def slow_start_delivery(kib: Any, rtt: Any) -> Any:
    """Half a round trip for the request, then window after window."""
    left = -(-kib * 1024 // 1460)
    window, sent_at = 10, Fraction(rtt, 2)
    while left > window:
        left -= window
        window *= 2
        sent_at += rtt
    return sent_at + Fraction(rtt, 2)


def connect_wait_dead_addresses(rto: Any, repeats: Any, dead: Any) -> Any:
    """Plays the client: SYN, wait, SYN, wait twice as long."""
    clock = Fraction(0)
    for _ in range(dead):
        wait = Fraction(rto)
        for _syn in range(1 + repeats):
            clock += wait
            wait *= 2
    return clock


def first_byte_through_edge(protocol: Any, lookup: Any, edge: Any, origin: Any, work: Any) -> Any:
    """Adds up every flight between browser, edge and origin, one way at a time."""
    handshake = {
        "TCP with TLS 1.2": ["SYN", "SYN ACK", "ClientHello", "ServerHello", "Finished", "Finished"],
        "TCP with TLS 1.3": ["SYN", "SYN ACK", "ClientHello", "ServerHello to Finished"],
        "QUIC version 1": ["Initial", "Initial and Handshake"],
    }[protocol]
    clock = Fraction(lookup)
    for _flight in [*handshake, "request"]:
        clock += Fraction(edge, 2)
    clock += Fraction(origin, 2) + work + Fraction(origin, 2)
    return clock + Fraction(edge, 2)


def old_address_last_request(start: Any, ttl: Any, cache: Any, life: Any, wide: Any, again: Any) -> Any:
    """Each layer fills itself from the one before at the last moment that still has the old address."""
    moment = datetime(2024, 1, 1) + timedelta(minutes=int(start))  # noqa: DTZ001 - a wall clock
    for kept in (ttl, cache, life):
        moment += timedelta(minutes=int(kept))
    return f"{moment:%H:%M}"


def gateway_packet_walk(net: Any, host: Any, client: Any, cport: Any, port: Any, mtu: Any) -> Any:
    """Takes the packets through the gateway's table of connections."""
    outside, server = ("203.0.113.5", 443), (f"10.{net}.0.{host}", port)
    request = (f"198.51.100.{client}", cport), outside
    translated = request[0], server  # before routing, and the filter sees it only afterwards
    reply = server, translated[0]
    restored = (outside, reply[1]) if reply == (translated[1], translated[0]) else reply
    return {
        "chain": "PREROUTING",
        "rewrite": "SNAT",
        "dport": translated[1][1],
        "mss": next(size for size in range(mtu, 0, -1) if size + 20 + 20 <= mtu),
        "src": "{}:{}".format(*translated[0]),
        "back": "{}:{}".format(*restored[0]),
        "a": "The server replies directly, and the client rejects the reply.",
    }


ORACLES = {
    "net-wire-transfer-time": wire_transfer_time,
    "net-last-fragment-length": last_fragment_length,
    "net-third-subnet-of-plan": third_subnet_of_plan,
    "net-smallest-summary-route": smallest_summary_route,
    "net-ipv6-shorten-drawn": ipv6_shorten_drawn,
    "net-route-table-drawn": route_table_drawn,
    "net-ports-run-out": ports_run_out,
    "net-send-buffer-memory": send_buffer_memory,
    "net-slow-start-delivery": slow_start_delivery,
    "net-connect-wait-dead-addresses": connect_wait_dead_addresses,
    "net-first-byte-through-edge": first_byte_through_edge,
    "net-old-address-last-request": old_address_last_request,
    "net-gateway-packet-walk": gateway_packet_walk,
}
