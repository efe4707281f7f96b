"""Where in the bank of a backup a question stands: its category, its entry, its version."""

import re
from dataclasses import dataclass, field
from html import unescape

CATEGORY = re.compile(
    r"<question_category id=\"([0-9]{1,20})\">(.{0,20000}?)"
    r"(?=<question_category |<questions>|<question_bank_e|\Z)",
    re.DOTALL,
)
NAME = re.compile(r"<name>([^<]{0,1000})</name>")
PARENT = re.compile(r"<parent>([0-9]{1,20})</parent>")
EVENT = re.compile(
    r"<question_category id=\"(?P<category>[0-9]{1,20})\">"
    r"|<question_bank_entry id=\"(?P<entry>[0-9]{1,20})\">"
    r"|</(?P<end>question_bank_entry)>"
    r"|<idnumber>(?P<idnumber>[^<]{0,1000})</idnumber>"
    r"|<version>(?P<version>[0-9]{1,9})</version>"
)
NULL = "$@NULL@$"
MOST_DEPTH = 50


@dataclass(slots=True)
class Place:
    """Where the scan is."""

    category: str = ""
    entry: str = ""
    idnumber: str = ""
    version: int = 0


@dataclass(slots=True)
class _Category:
    name: str
    parent: str


@dataclass(slots=True)
class Categories:
    """The categories of a bank, and the place that was reached in it."""

    text: str
    now: Place = field(default_factory=Place)
    _known: dict[str, _Category] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for found in CATEGORY.finditer(self.text):
            name, parent = NAME.search(found[2]), PARENT.search(found[2])
            self._known[found[1]] = _Category(
                unescape(name[1]).strip() if name else "", parent[1] if parent else "0"
            )
        self.text = ""

    def enter(self, between: str) -> None:
        """Read what stands between two questions."""
        for event in EVENT.finditer(between):
            if event["category"]:
                self.now = Place(event["category"])
            elif event["entry"]:
                self.now = Place(self.now.category, event["entry"])
            elif event["end"]:
                self.now = Place(self.now.category)
            elif event["version"]:
                self.now.version = int(event["version"])
            elif event["idnumber"] is not None and self.now.entry:
                said = unescape(event["idnumber"]).strip()
                self.now.idnumber = "" if said == NULL else said

    def path(self) -> str:
        """The names from the top to the category that was reached; a slash in a name is doubled."""
        names: list[str] = []
        at, seen = self.now.category, 0
        while at in self._known and seen < MOST_DEPTH:
            category = self._known[at]
            names.append(" ".join(category.name.replace("/", "//").split()))
            at, seen = category.parent, seen + 1
        names.reverse()
        if names and names[0].casefold() == "top":
            names.pop(0)
        return "/".join(name for name in names if name)[:1_000]
