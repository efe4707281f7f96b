"""The functions that formulas may call: one registry, which is also their documentation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from types import MappingProxyType

from quizapp.domain import addresses as networks
from quizapp.domain import exact_arithmetic as arithmetic
from quizapp.domain.exact_values import Value, show, text_of


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language, with how many values it takes and what it does."""

    name: str
    parameters: str
    about: str
    call: Callable[..., Value]
    fewest: int
    most: int | None
    """None means any number."""

    @property
    def signature(self) -> str:
        return f"{self.name}({self.parameters})"

    def accepts(self, count: int) -> bool:
        return self.fewest <= count and (self.most is None or count <= self.most)

    def takes(self) -> str:
        """How many values the function takes, for messages."""
        if self.most is None:
            return f"at least {self.fewest} values"
        if self.fewest != self.most:
            return f"{self.fewest} or {self.most} values"
        return "1 value" if self.most == 1 else f"{self.most} values"


def as_text(x: Value) -> Value:
    """A value as text."""
    return show(x)


def formatted(x: Value, spec: Value) -> Value:
    """A number as text: "," for thousands, ".2" for decimals, "x" or "08b" for other bases."""
    return show(x, text_of(spec))


def _described(name: str, call: Callable[..., Value]) -> Function:
    parameters = signature(call).parameters.values()
    several = any(each.kind is Parameter.VAR_POSITIONAL for each in parameters)
    needed = sum(each.default is Parameter.empty for each in parameters)
    said = ", ".join(
        each.name if each.default is Parameter.empty else f"{each.name}={each.default}" for each in parameters
    )
    return Function(
        name=name,
        parameters="a, b, ..." if several else said,
        about=(call.__doc__ or "").splitlines()[0],
        call=call,
        fewest=2 if several else needed,
        most=None if several else len(parameters),
    )


_CALLS: Mapping[str, Callable[..., Value]] = {
    "abs": arithmetic.absolute,
    "ceil": arithmetic.ceil,
    "floor": arithmetic.floor,
    "gcd": arithmetic.divisor,
    "ln": arithmetic.ln,
    "log": arithmetic.log,
    "log10": arithmetic.log10,
    "log2": arithmetic.log2,
    "max": arithmetic.greatest,
    "min": arithmetic.least,
    "round": arithmetic.rounded,
    "sqrt": arithmetic.sqrt,
    "format": formatted,
    "str": as_text,
    "address": networks.address,
    "addresses": networks.addresses,
    "broadcast": networks.broadcast,
    "compress": networks.compress,
    "contains": networks.contains,
    "expand": networks.expand,
    "first_host": networks.first_host,
    "hosts": networks.hosts,
    "ip": networks.ip,
    "ip6": networks.ip6,
    "ip_number": networks.ip_number,
    "last_host": networks.last_host,
    "netmask": networks.netmask,
    "network": networks.network,
    "network_address": networks.network_address,
    "overlaps": networks.overlaps,
    "prefix": networks.prefix_length,
    "reverse_name": networks.reverse_name,
    "subnet": networks.subnet,
    "supernet": networks.supernet,
    "wildcard": networks.wildcard,
}

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {name: _described(name, call) for name, call in _CALLS.items()}
)
