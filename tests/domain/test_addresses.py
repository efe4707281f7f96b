"""Addresses and networks in formulas, against the standard library's."""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from formulas import refusal, value_of
from quizapp.domain.expressions import FUNCTIONS, FormulaError, Value, parse

Network = Any
"""Of the two kinds; each pair is of one kind."""


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("network('10.1.7.9', 22)", "10.1.4.0/22"),
        ("network('2001:db8::1:0:0:1', 64)", "2001:db8::/64"),
        ("network('10.1.7.9', 0)", "0.0.0.0/0"),
        ("network_address('10.1.7.9/22')", "10.1.4.0"),
        ("broadcast('10.1.4.0/22')", "10.1.7.255"),
        ("netmask('10.1.4.0/22')", "255.255.252.0"),
        ("netmask('2001:db8::/32')", "ffff:ffff::"),
        ("wildcard('10.1.4.0/22')", "0.0.3.255"),
        ("prefix('10.1.4.0/22')", 22),
        ("addresses('10.1.4.0/22')", 1024),
        ("addresses('::/0')", 2**128),
        ("hosts('10.1.4.0/22')", 1022),
        ("hosts('10.1.4.0/30')", 2),
        ("hosts('10.1.4.0/31')", 2),
        ("hosts('10.1.4.0/32')", 1),
        ("hosts('0.0.0.0/0')", 2**32 - 2),
        ("hosts('2001:db8::/64')", 2**64),
        ("first_host('10.1.4.0/22')", "10.1.4.1"),
        ("last_host('10.1.4.0/22')", "10.1.7.254"),
        ("first_host('10.1.4.0/31')", "10.1.4.0"),
        ("last_host('10.1.4.0/31')", "10.1.4.1"),
        ("last_host('10.1.4.7/32')", "10.1.4.7"),
        ("first_host('2001:db8::/64')", "2001:db8::"),
        ("last_host('2001:db8::/126')", "2001:db8::3"),
        ("address('10.1.4.0/22', 0)", "10.1.4.0"),
        ("address('10.1.4.0/22', 1023)", "10.1.7.255"),
        ("address('2001:db8::/64', 2 ** 64 - 1)", "2001:db8::ffff:ffff:ffff:ffff"),
        ("ip(3232235777)", "192.168.1.1"),
        ("ip6(1)", "::1"),
        ("ip6(2 ** 128 - 1)", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ip_number('192.168.1.1')", 3232235777),
        ("ip(ip_number('10.0.0.255') + 1)", "10.0.1.0"),
        ("contains('10.0.0.0/8', '10.255.0.1')", True),
        ("contains('10.0.0.0/8', '11.0.0.0')", False),
        ("contains('10.0.0.0/8', '10.1.0.0/16')", True),
        ("contains('10.1.0.0/16', '10.0.0.0/8')", False),
        ("contains('10.0.0.0/8', '10.0.0.0/8')", True),
        ("contains('0.0.0.0/0', '::1')", False),
        ("overlaps('10.0.0.0/8', '10.1.0.0/16')", True),
        ("overlaps('10.1.0.0/16', '10.0.0.0/8')", True),
        ("overlaps('10.1.0.0/16', '10.2.0.0/16')", False),
        ("overlaps('0.0.0.0/0', '::/0')", False),
        ("supernet('10.0.0.0/24', '10.0.1.0/24')", "10.0.0.0/23"),
        ("supernet('10.0.1.0/24', '10.0.2.0/24')", "10.0.0.0/22"),
        ("supernet('10.0.0.0/8', '10.0.1.0/24')", "10.0.0.0/8"),
        ("supernet('10.0.0.1', '10.0.0.2')", "10.0.0.0/30"),
        ("supernet('10.0.0.1', '10.0.0.1')", "10.0.0.1/32"),
        ("supernet('0.0.0.0', '255.0.0.0')", "0.0.0.0/0"),
        ("subnet('10.0.0.0/8', 16, 3)", "10.3.0.0/16"),
        ("subnet('10.0.0.0/8', 8, 0)", "10.0.0.0/8"),
        ("subnet('2001:db8::/32', 64, 2 ** 32 - 1)", "2001:db8:ffff:ffff::/64"),
        ("compress('2001:0DB8:0000:0000:0000:0000:0000:0001')", "2001:db8::1"),
        ("compress('0:0:0:0:0:0:0:0')", "::"),
        ("compress('::ffff:c000:0201')", "::ffff:192.0.2.1"),
        ("expand('2001:db8::1')", "2001:0db8:0000:0000:0000:0000:0000:0001"),
        ("reverse_name('192.0.2.5')", "5.2.0.192.in-addr.arpa"),
        ("reverse_name('2001:db8::1')", "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"),
    ],
)
def test_is_worth(source: str, value: Value) -> None:
    found = value_of(source)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("network('10.0.0.256', 8)", "'10.0.0.256' is not an address"),
        ("network('010.0.0.1', 8)", "'010.0.0.1' is not an address"),
        ("network('10.0.0.0/8', 8)", "'10.0.0.0/8' is not an address"),
        ("network('١.1.1.1', 8)", "'١.1.1.1' is not an address"),
        ("network('fe80::1%eth0', 64)", "'fe80::1%eth0' is not an address"),
        ("network('', 8)", "'' is not an address"),
        ("network(1, 8)", "a text is needed here, not a number"),
        ("network('10.0.0.0', '8')", "a number is needed here, not a text"),
        ("network('10.0.0.0', 33)", "the prefix of an IPv4 network is from 0 to 32"),
        ("network('10.0.0.0', -1)", "the prefix of an IPv4 network is from 0 to 32"),
        ("network('::', 129)", "the prefix of an IPv6 network is from 0 to 128"),
        ("network('10.0.0.0', 8.5)", "a whole number is needed here"),
        ("hosts('10.0.0.0')", "'10.0.0.0' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/')", "'10.0.0.0/' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/٨')", "'10.0.0.0/٨' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/+8')", "'10.0.0.0/+8' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/255.0.0.0')", "'10.0.0.0/255.0.0.0' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/8/8')", "'10.0.0.0/8/8' is not a network: write it as 10.0.0.0/8"),
        ("hosts('10.0.0.0/99')", "the prefix of an IPv4 network is from 0 to 32"),
        ("broadcast('::/64')", "an IPv6 network has no broadcast address"),
        ("address('10.0.0.0/30', 4)", "the network 10.0.0.0/30 has no such address: count from 0"),
        ("address('10.0.0.0/30', -1)", "the network 10.0.0.0/30 has no such address: count from 0"),
        ("address('::/0', 2 ** 500)", "the network ::/0 has no such address: count from 0"),
        ("subnet('10.0.0.0/8', 7, 0)", "the network 10.0.0.0/8 has no subnets with this prefix"),
        ("subnet('10.0.0.0/8', 33, 0)", "the network 10.0.0.0/8 has no subnets with this prefix"),
        ("subnet('10.0.0.0/8', 10, 4)", "the network 10.0.0.0/8 has no such subnet: count from 0"),
        ("subnet('10.0.0.0/8', 10, -1)", "the network 10.0.0.0/8 has no such subnet: count from 0"),
        ("supernet('10.0.0.0/8', '::/0')", "no network covers both IPv4 and IPv6"),
        ("ip(-1)", "no IPv4 address has this number"),
        ("ip(2 ** 32)", "no IPv4 address has this number"),
        ("ip(1.5)", "a whole number is needed here"),
        ("ip6(2 ** 128)", "no IPv6 address has this number"),
        ("ip_number('10.0.0.0/8')", "'10.0.0.0/8' is not an address"),
        ("compress('10.0.0.1')", "10.0.0.1 is not an IPv6 address"),
        ("expand('::/64')", "'::/64' is not an address"),
        ("contains('10.0.0.1', '10.0.0.1')", "'10.0.0.1' is not a network: write it as 10.0.0.0/8"),
        ("reverse_name('example.org')", "'example.org' is not an address"),
    ],
)
def test_is_refused_with_the_reason(source: str, why: str) -> None:
    assert refusal(source) == why


def networks(version: int) -> st.SearchStrategy[Network]:
    bits = 32 if version == 4 else 128
    kind = IPv4Network if version == 4 else IPv6Network
    return st.tuples(st.integers(0, 2**bits - 1), st.integers(0, bits)).map(
        lambda parts: kind(parts, strict=False)
    )


NETWORKS = st.one_of(networks(4), networks(6))
PAIRS = st.one_of(st.tuples(networks(4), networks(4)), st.tuples(networks(6), networks(6)))


@given(NETWORKS, st.data())
def test_a_network_has_the_parts_that_the_standard_library_finds(net: Network, data: st.DataObject) -> None:
    text = str(net)
    place = data.draw(st.integers(0, net.num_addresses - 1))
    inside = str(net[place])

    assert ip_network(value_of("network(a, p)", a=inside, p=net.prefixlen)) == net
    assert ip_address(value_of("network_address(n)", n=f"{inside}/{net.prefixlen}")) == net.network_address
    assert ip_address(value_of("address(n, k)", n=text, k=place)) == net[place]
    assert ip_address(value_of("netmask(n)", n=text)) == net.netmask
    assert ip_address(value_of("wildcard(n)", n=text)) == net.hostmask
    assert value_of("prefix(n)", n=text) == net.prefixlen
    assert value_of("addresses(n)", n=text) == net.num_addresses
    assert value_of("contains(n, a)", n=text, a=inside) is True


@given(st.integers(0, 2**32 - 1), st.integers(22, 32))
def test_hosts_are_those_that_the_standard_library_counts(number: int, prefix: int) -> None:
    net = IPv4Network((number, prefix), strict=False)
    usable = [str(each) for each in net.hosts()]

    assert value_of("hosts(n)", n=str(net)) == len(usable)
    assert value_of("first_host(n)", n=str(net)) == usable[0]
    assert value_of("last_host(n)", n=str(net)) == usable[-1]
    assert value_of("broadcast(n)", n=str(net)) == str(net.broadcast_address)


@given(PAIRS)
def test_two_networks_relate_as_the_standard_library_says(pair: tuple[Network, Network]) -> None:
    a, b = pair

    assert value_of("contains(a, b)", a=str(a), b=str(b)) == b.subnet_of(a)
    assert value_of("overlaps(a, b)", a=str(a), b=str(b)) == a.overlaps(b)


@given(PAIRS)
def test_the_supernet_covers_both_and_neither_half_of_it_does(pair: tuple[Network, Network]) -> None:
    a, b = pair
    cover = ip_network(value_of("supernet(a, b)", a=str(a), b=str(b)))

    assert a.subnet_of(cover)
    assert b.subnet_of(cover)
    assert cover in {a, b} or not any(a.subnet_of(half) and b.subnet_of(half) for half in cover.subnets())
    assert str(cover) == value_of("supernet(b, a)", a=str(a), b=str(b))


@given(NETWORKS, st.integers(0, 6), st.data())
def test_subnets_are_numbered_in_order(net: Network, more: int, data: st.DataObject) -> None:
    assume(net.prefixlen + more <= net.max_prefixlen)
    place = data.draw(st.integers(0, 2**more - 1))
    expected = next(islice(net.subnets(prefixlen_diff=more), place, None))
    found = value_of("subnet(n, p, k)", n=str(net), p=net.prefixlen + more, k=place)

    assert ip_network(found) == expected


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_is_its_number_and_its_name(address: IPv4Address | IPv6Address) -> None:
    back = "ip" if address.version == 4 else "ip6"

    assert value_of("ip_number(a)", a=str(address)) == int(address)
    assert ip_address(value_of(f"{back}(n)", n=int(address))) == address
    assert value_of("reverse_name(a)", a=str(address)) == address.reverse_pointer


@given(st.ip_addresses(v=6))
def test_writing_an_address_short_or_long_changes_nothing(address: IPv6Address) -> None:
    long = value_of("expand(a)", a=str(address))
    short = value_of("compress(a)", a=long)

    assert ip_address(short) == ip_address(long) == address
    assert len(str(short)) <= len(str(long)) == 39


OF_NETWORKS = sorted(name for name, each in FUNCTIONS.items() if each.call.__module__.endswith("addresses"))
PIECES = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[0-9a-f.:/%]{0,40}", fullmatch=True),
    NETWORKS.map(str),
    st.integers(),
)


@given(st.sampled_from(OF_NETWORKS), st.lists(PIECES, min_size=3, max_size=3))
def test_any_text_at_all_is_refused_or_worth_something(name: str, values: list[Value]) -> None:
    function = FUNCTIONS[name]
    names = ["a", "b", "c"][: function.fewest]
    expression = parse(f"{name}({', '.join(names)})")
    try:
        found = expression.evaluate(dict(zip(names, values, strict=False)))
    except FormulaError as refused:
        found = str(refused)
    assert isinstance(found, int | str)
    assert found != ""
