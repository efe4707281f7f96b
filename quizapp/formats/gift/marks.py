"""Characters that GIFT gives a meaning, and those that were told to have none.

Escaped characters are kept out of sight as code points that no text can hold, so that everything
that remains is a mark.  `shown` brings them back.
"""

import re

from quizapp.domain.imports import Action, Reading

ESCAPE = re.compile(r"\\([:#={}~n\\])")
HIDDEN = {mark: chr(0xFDD0 + place) for place, mark in enumerate(":#={}~n\\")}
GUARDED = {mark: chr(0xFDE0 + place) for place, mark in enumerate("#=~{}")}
SHOWN = str.maketrans(
    {hidden: "\n" if mark == "n" else mark for mark, hidden in HIDDEN.items()}
    | {hidden: mark for mark, hidden in GUARDED.items()}
)
GUARD = str.maketrans(GUARDED)
ANSWER_GUARDS = tuple(GUARDED[mark] for mark in "#=~")
IMPOSSIBLE = re.compile("[\ufdd0-\ufdef]")
ENTITY_OR_TAG = re.compile(
    r"&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});"
    r"|</?[a-zA-Z][a-zA-Z0-9]{0,20}"
    r"(?>\s{1,20}[a-zA-Z][a-zA-Z0-9:_-]{0,40}\s{0,5}=\s{0,5}(?:\"[^\"<>]{0,2000}\"|'[^'<>]{0,2000}'))++"
    r"\s{0,20}/?>"
)
"""What nobody means as marks, though Moodle reads them as such: `&#39;`, and `=` or `#` inside a tag."""


def cleaned(text: str, reading: Reading) -> str:
    """A file's text without the code points that are used here to hide characters."""
    found = IMPOSSIBLE.search(text)
    if found is None:
        return text
    message = "holds code points that are no characters; each became \N{REPLACEMENT CHARACTER}"
    reading.say("character", message, Action.APPROXIMATED, line=text.count("\n", 0, found.start()) + 1)
    return IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text)


def hidden(line: str) -> str:
    """A line whose escaped characters are out of sight."""
    return ESCAPE.sub(lambda found: HIDDEN[found[1]], line) if "\\" in line else line


def guarded(text: str) -> str:
    """A text in which marks inside HTML tags and character references are none."""
    if "<" not in text and "&#" not in text:
        return text
    return ENTITY_OR_TAG.sub(lambda found: found[0].translate(GUARD), text)


def shown(text: str) -> str:
    """A text as it is meant, without escapes."""
    return text.translate(SHOWN)
