"""Arithmetic of IPv4 and IPv6 addresses and networks, on their texts."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from quizapp.domain.exact_values import FormulaError, Value, text_of, whole_of

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def network(address: Value, prefix: Value) -> Value:
    """The network an address is in, such as "10.1.4.0/22"."""
    return _said(_network(_address(address), whole_of(prefix)))


def network_address(net: Value) -> Value:
    """The first address of a network."""
    return _text(_net(net).network_address)


def broadcast(net: Value) -> Value:
    """The broadcast address of an IPv4 network."""
    read = _net(net)
    if read.version == 6:
        raise FormulaError("an IPv6 network has no broadcast address")
    return _text(read.broadcast_address)


def netmask(net: Value) -> Value:
    """The mask of a network, such as "255.255.252.0"."""
    return _text(_net(net).netmask)


def wildcard(net: Value) -> Value:
    """The inverted mask of a network, such as "0.0.3.255"."""
    return _text(_net(net).hostmask)


def prefix_length(net: Value) -> Value:
    """The number behind the slash of a network."""
    return _net(net).prefixlen


def addresses(net: Value) -> Value:
    """How many addresses a network has."""
    return _net(net).num_addresses


def hosts(net: Value) -> Value:
    """How many addresses hosts can use: two fewer in IPv4, except in a /31 or /32."""
    read = _net(net)
    return read.num_addresses - (2 if _has_ends(read) else 0)


def first_host(net: Value) -> Value:
    """The first address that a host can use."""
    read = _net(net)
    return _text(read[1] if _has_ends(read) else read[0])


def last_host(net: Value) -> Value:
    """The last address that a host can use."""
    read = _net(net)
    return _text(read[-2] if _has_ends(read) else read[-1])


def address(net: Value, n: Value) -> Value:
    """Address number n of a network, counted from 0."""
    read, place = _net(net), whole_of(n)
    if not 0 <= place < read.num_addresses:
        raise FormulaError(f"the network {_said(read)} has no such address: count from 0")
    return _text(read[place])


def ip(n: Value) -> Value:
    """The IPv4 address with this number."""
    number = whole_of(n)
    if not 0 <= number < 1 << 32:
        raise FormulaError("no IPv4 address has this number")
    return _text(IPv4Address(number))


def ip6(n: Value) -> Value:
    """The IPv6 address with this number."""
    number = whole_of(n)
    if not 0 <= number < 1 << 128:
        raise FormulaError("no IPv6 address has this number")
    return _text(IPv6Address(number))


def ip_number(address: Value) -> Value:
    """An address as a number."""
    return int(_address(address))


def contains(net: Value, address_or_net: Value) -> Value:
    """Whether an address or a whole network lies in a network."""
    outer, inner = _net(net), _either(address_or_net)
    return outer.version == inner.version and _covers(outer, inner)


def overlaps(a: Value, b: Value) -> Value:
    """Whether two networks have an address in common."""
    one, other = _net(a), _net(b)
    return one.version == other.version and (_covers(one, other) or _covers(other, one))


def supernet(a: Value, b: Value) -> Value:
    """The smallest network that covers two networks or addresses."""
    one, other = _either(a), _either(b)
    if one.version != other.version:
        raise FormulaError("no network covers both IPv4 and IPv6")
    differing = (int(one.network_address) ^ int(other.network_address)).bit_length()
    prefix = min(one.prefixlen, other.prefixlen, one.max_prefixlen - differing)
    return _said(_network(one.network_address, prefix))


def subnet(net: Value, new_prefix: Value, n: Value) -> Value:
    """Subnet number n, counted from 0, when a network is divided into subnets of a longer prefix."""
    read, prefix, place = _net(net), whole_of(new_prefix), whole_of(n)
    if not read.prefixlen <= prefix <= read.max_prefixlen:
        raise FormulaError(f"the network {_said(read)} has no subnets with this prefix")
    if not 0 <= place < 1 << (prefix - read.prefixlen):
        raise FormulaError(f"the network {_said(read)} has no such subnet: count from 0")
    return _said(_network(read[place << (read.max_prefixlen - prefix)], prefix))


def compress(ipv6: Value) -> Value:
    """The shortest way to write an IPv6 address."""
    return _text(_six(ipv6))


def expand(ipv6: Value) -> Value:
    """An IPv6 address with all of its 32 digits."""
    return _six(ipv6).exploded


def reverse_name(address: Value) -> Value:
    """The name under in-addr.arpa or ip6.arpa where an address is looked up."""
    return _address(address).reverse_pointer


def _address(value: Value) -> Address:
    return _read_address(text_of(value))


def _read_address(text: str) -> Address:
    if "%" not in text:  # A zone belongs to one machine, not to the address.
        try:
            return ip_address(text)
        except ValueError:
            pass
    raise FormulaError(f"'{text[:50]}' is not an address")


def _six(value: Value) -> IPv6Address:
    read = _address(value)
    if not isinstance(read, IPv6Address):
        raise FormulaError(f"{read} is not an IPv6 address")
    return read


def _net(value: Value) -> Network:
    """A network; an address with a prefix means the network it is in."""
    text = text_of(value)
    start, slash, length = text.partition("/")
    if not (slash and length.isascii() and length.isdigit() and len(length) <= 3):
        raise FormulaError(f"'{text[:50]}' is not a network: write it as 10.0.0.0/8")
    return _network(_read_address(start), int(length))


def _either(value: Value) -> Network:
    """A network, or an address as a network of one."""
    if "/" in text_of(value):
        return _net(value)
    read = _address(value)
    return _network(read, read.max_prefixlen)


def _network(start: Address, prefix: int) -> Network:
    if not 0 <= prefix <= start.max_prefixlen:
        raise FormulaError(f"the prefix of an IPv{start.version} network is from 0 to {start.max_prefixlen}")
    if isinstance(start, IPv4Address):
        return IPv4Network((start, prefix), strict=False)
    return IPv6Network((start, prefix), strict=False)


def _has_ends(net: Network) -> bool:
    """Whether the first and the last address are no hosts: a link of two needs neither."""
    return net.version == 4 and net.prefixlen < 31


def _covers(outer: Network, inner: Network) -> bool:
    return outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def _said(net: Network) -> str:
    return f"{_text(net.network_address)}/{net.prefixlen}"


def _text(address: Address) -> str:
    """Releases of Python differ in how they write mapped addresses, and a variant must not."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(address) if mapped is None else f"::ffff:{mapped}"
