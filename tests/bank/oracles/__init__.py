"""Second opinions: every computed key of the bank, worked out again by other means.

Whoever wrote these read the stems and not the formulas, and has other roads to the answers:
counting, simulation, the standard library.  A module a topic; each maps the ids of its
templates to functions of the drawn parameters alone.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

Oracle = Callable[..., Any]
"""Takes the parameters by name; gives a number, a text, or a mapping from parts to these."""


def oracles() -> Mapping[str, Oracle]:
    """All of them, by the question's id."""
    found: dict[str, Oracle] = {}
    for module in iter_modules(__path__):
        for name, oracle in import_module(f"{__name__}.{module.name}").ORACLES.items():
            assert name not in found, f"two oracles for {name}"
            found[name] = oracle
    return found
