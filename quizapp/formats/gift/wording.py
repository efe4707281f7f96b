"""Texts inside a GIFT question: their format tags, their lines, their pictures."""

import re
from dataclasses import dataclass
from textwrap import dedent

from quizapp.domain.imports import Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.gift.marks import shown
from quizapp.formats.reading.html_pictures import with_own_pictures

TAGS = {markup.value: markup for markup in Markup}
LONGEST_TAG = 12
KEEPS_LINES = (Markup.MARKDOWN, Markup.PLAIN)
MARKDOWN_PICTURE = re.compile(
    r"(\]\(\s{0,5})(data:image/[a-z]{3,4};base64,[A-Za-z0-9+/=]{1,20000000})(?=[\s)])"
)


@dataclass(slots=True)
class Wording:
    """How the texts of one question are read."""

    found: Found
    reading: Reading
    markup: Markup = Markup.MOODLE
    """That of the question's text, which its other texts have as well unless they say otherwise."""

    def marked(self, raw: str) -> Marked:
        """A text as it is meant: `[html]` in front names its markup."""
        markup, text = tagged(raw, self.markup)
        return Marked(self._with_pictures(shown(tidied(text, markup)).strip(), markup), markup)

    def _with_pictures(self, text: str, markup: Markup) -> str:
        if markup is Markup.PLAIN:
            return text
        if markup is Markup.MARKDOWN and "](" in text:
            text = MARKDOWN_PICTURE.sub(self._carried, text)
        return with_own_pictures(text, lambda address: None, self.found, self.reading)

    def _carried(self, picture: re.Match[str]) -> str:
        """A picture inside Markdown, carried as one inside HTML is."""
        html = with_own_pictures(f'<img src="{picture[2]}">', lambda _: None, self.found, self.reading)
        return picture[1] + html.removeprefix('<img src="').removesuffix('">')


def tagged(raw: str, default: Markup) -> tuple[Markup, str]:
    """The markup of a text and the text behind its tag; an unknown tag is text."""
    text = raw.strip()
    if not text.startswith("["):
        return default, text
    end = text.find("]", 0, LONGEST_TAG)
    markup = TAGS.get(text[1:end]) if end > 0 else None
    return (default, text) if markup is None else (markup, text[end + 1 :].strip())


def flat(text: str) -> str:
    """A text whose lines have no blanks around, as Moodle reads it."""
    return "\n".join(line.strip() for line in text.split("\n")) if "\n" in text else text


def tidied(text: str, markup: Markup) -> str:
    """A text without the indentation that it has in the file.

    Where indentation has a meaning, that of a line behind the others stays.
    """
    if markup not in KEEPS_LINES or "\n" not in text:
        return flat(text)
    first, _, others = text.partition("\n")
    return f"{first}\n{dedent(others)}"
