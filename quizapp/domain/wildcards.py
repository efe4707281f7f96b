"""Patterns for short answers: plain text in which `*` stands for anything.

There is no regular expression anywhere near a learner's text.  Matching looks
for the pieces between the stars from left to right, which is linear in practice
and never worse than pattern length times text length.
"""

import unicodedata

STAR = "*"
LITERAL_STAR = "\\*"
_HIDDEN = "\ue000"


def normalised(text: str, *, case_sensitive: bool = False) -> str:
    """NFKC, one space between words, none around; lower case unless told otherwise."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return plain if case_sensitive else plain.casefold()


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of a normalised text fits a normalised pattern."""
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        return text == pieces[0]
    head, *middle, tail = pieces
    if len(text) < len(head) + len(tail) or not (text.startswith(head) and text.endswith(tail)):
        return False
    place, end = len(head), len(text) - len(tail)
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def an_instance(pattern: str) -> str:
    """A text that fits the pattern: its stars stand for nothing."""
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> list[str]:
    hidden = pattern.replace(LITERAL_STAR, _HIDDEN)
    return [piece.replace(_HIDDEN, STAR) for piece in hidden.split(STAR)]
