"""Bytes of a text file as text, whatever they were encoded in, with one kind of line end."""

import codecs

from quizapp.domain.imports import Action, Reading

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MARKED = tuple(mark for mark, name in MARKS if name != "utf-8")
SAMPLE = 4_000


def decoded(data: bytes, reading: Reading, *, keep_line_ends: bool = False) -> str:
    """The text of a file; what had to be guessed is told.  Every line end becomes a single line feed.

    `keep_line_ends` is for formats that give parts of a file back to the letter.
    """
    text = _text(data, reading)
    if text.startswith("\ufeff"):
        text = text[1:]
    return text if keep_line_ends else text.replace("\r\n", "\n").replace("\r", "\n")


def guessed_encoding(data: bytes) -> str:
    """The encoding of a file: by its mark, by where its zero bytes are, UTF-8, or else Windows' own."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    head = data[:SAMPLE]
    if head.count(0) * 4 >= len(head) > 1:
        even, odd = head[::2].count(0), head[1::2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def as_usual(data: bytes) -> bytes:
    """A text file in UTF-8 with usual line ends, so that whoever looks at it need not know others."""
    head = data[:SAMPLE]
    name = guessed_encoding(head) if head.startswith(MARKED) or head.count(0) * 4 >= len(head) else "utf-8"
    if name != "utf-8":
        data = data.decode(name, "replace").lstrip("\ufeff").encode()
    if b"\r" in head and b"\n" not in head and b"\0" not in head:
        data = data.replace(b"\r", b"\n")
    return data


def _text(data: bytes, reading: Reading) -> str:
    name = guessed_encoding(data)
    if name == "utf-8":
        text = data.decode("utf-8", "replace")
    else:
        said = "Windows-1252" if name == "cp1252" else name.upper()
        reading.say("encoding", f"is not UTF-8; it was read as {said}", Action.KEPT, severity="info")
        text = data.decode(name, "replace")
    if "\N{REPLACEMENT CHARACTER}" in text:
        place = text.index("\N{REPLACEMENT CHARACTER}")
        line = text.count("\n", 0, place) + 1
        message = "some bytes are no characters in this encoding; each became \N{REPLACEMENT CHARACTER}"
        reading.say("encoding", message, Action.APPROXIMATED, line=line)
    return text
