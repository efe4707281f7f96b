"""The cloze syntax: text with `{1:MULTICHOICE:=right#why~wrong}` in it.

One pass from left to right; what looks like the beginning of a gap and is none is told with its place.
"""

import re
from dataclasses import dataclass, field

LAYOUTS = ("", "V", "H", "S", "VS", "HS")
KINDS = {
    **dict.fromkeys(("NUMERICAL", "NM"), "numerical"),
    **dict.fromkeys(("SHORTANSWER", "SA", "MW"), "shortanswer"),
    **dict.fromkeys(("SHORTANSWER_C", "SAC", "MWC"), "shortanswer_c"),
    **{f"{word}{layout}": "multichoice" for word in ("MC", "MULTICHOICE_") for layout in LAYOUTS},
    **{f"{word}{layout}": "multiresponse" for word in ("MR", "MULTIRESPONSE_") for layout in LAYOUTS},
    "MULTICHOICE": "multichoice",
    "MULTIRESPONSE": "multiresponse",
}
"""What kind of question a gap is, by the word that it begins with."""

USUAL_WORDS = {kind: kind.upper() for kind in dict.fromkeys(KINDS.values())}
"""The word for each kind where nothing is said about its looks."""

START = re.compile(r"\{([0-9]{0,9}):([A-Za-z][A-Za-z_]{1,20}):")
SPECIAL = re.compile(r"[~#}]")
FRACTION = re.compile(r"\s*(?:(=)|%(-?[0-9]{1,20}(?:[.,][0-9]{0,20})?)%)")
ESCAPED = re.compile(r"""\\([}#~/"])""")
WRITTEN = re.compile(r"&#(37|61|92|126);")
"""The characters that `escaped` writes as entities."""


@dataclass(slots=True)
class Alternative:
    """One answer of a gap as it is written, with its escapes resolved."""

    text: str
    percent: str = "0"
    feedback: str = ""
    spaced: bool = False
    """Whether space stands before its mark, which Moodle takes for a part of the text."""
    weighed: bool = False
    """Whether it says with a number what it earns."""


@dataclass(slots=True)
class Gap:
    """A question in the text."""

    weight: str
    word: str
    at: int
    alternatives: list[Alternative] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return KINDS[self.word]


@dataclass(slots=True)
class Cloze:
    """A text in pieces, and the places where a gap seems to begin but cannot be read."""

    pieces: list[str | Gap]
    broken: list[int]

    @property
    def gaps(self) -> list[Gap]:
        return [piece for piece in self.pieces if isinstance(piece, Gap)]


def read_cloze(text: str) -> Cloze:
    """The text between gaps, and the gaps."""
    pieces: list[str | Gap] = []
    broken: list[int] = []
    at = 0
    while start := START.search(text, at):
        if start[2] not in KINDS:
            # A word in capitals is meant to be a type; `{1:x:` is anything.
            if start[2].upper() in KINDS or start[2].isupper():
                broken.append(start.start())
            pieces.append(text[at : start.end()])
            at = start.end()
            continue
        gap = Gap(start[1] or "1", start[2], start.start())
        end = _read_alternatives(text, start.end(), gap)
        if end is None:
            # Nothing behind this place closes a gap, so there is none.
            broken.append(start.start())
            break
        pieces += [text[at : start.start()], gap]
        at = end
    pieces.append(text[at:])
    return Cloze(pieces, broken)


def has_gap(text: str) -> bool:
    """Whether there is the beginning of a gap in a text."""
    return any(found[2] in KINDS for found in START.finditer(text))


def resolved(text: str) -> str:
    """A text of a gap without its escapes."""
    plain = ESCAPED.sub(r"\1", text) if "\\" in text else text
    return WRITTEN.sub(lambda found: chr(int(found[1])), plain) if "&#" in plain else plain


def escaped(text: str) -> str:
    """A text as it is written inside a gap: Moodle knows a backslash before two signs, and entities."""
    text = re.sub(r"\\(?=[}#~/\"]|\Z)", "&#92;", text.strip()).replace("~", "&#126;")
    text = re.sub(r"\A[=%]", lambda found: f"&#{ord(found[0])};", text)
    text = re.sub(r"(\}|(?<!&)#)", r"\\\1", text)
    # What follows an ampersand never ends an answer, so they are kept apart.
    return f"{text} " if text.endswith(("&", "&amp;")) else text


def _read_alternatives(text: str, at: int, gap: Gap) -> int | None:
    """Read the answers of a gap; the place behind it, or None where it never ends."""
    answer, feedback_at, begin = "", -1, at
    for special in SPECIAL.finditer(text, at):
        place = special.start()
        if text[place - 1] == "\\":
            continue
        if special[0] == "#":
            # `&#39;` is a character; the second `#` of a feedback is one as well.
            if feedback_at < 0 and not _in_entity(text, place):
                answer, feedback_at = text[begin:place], place + 1
            continue
        if feedback_at < 0:
            answer, feedback = text[begin:place], ""
        else:
            feedback = text[feedback_at:place]
        gap.alternatives.append(_alternative(answer, feedback))
        if special[0] == "}":
            return place + 1
        begin, feedback_at = place + 1, -1
    return None


def _in_entity(text: str, place: int) -> bool:
    return text.startswith("&", place - 1) or text.startswith("&amp;", place - 5)


def _alternative(answer: str, feedback: str) -> Alternative:
    mark = FRACTION.match(answer)
    made = Alternative(resolved(answer), feedback=resolved(feedback).strip())
    if mark is not None:
        made.text = resolved(answer[mark.end() :])
        made.percent = "100" if mark[1] else mark[2].replace(",", ".")
        made.spaced = answer[:1].isspace()
        made.weighed = not mark[1]
    made.text = made.text.strip()
    return made
