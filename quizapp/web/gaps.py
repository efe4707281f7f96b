"""Running text or code whose gaps hold form controls, or the answers that were given."""

import hashlib
import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup

from quizapp.domain.texts import like
from quizapp.web.markup import MATH, markdown

TAG = r'</?[a-zA-Z][^"<>]*(?:"[^"]*"[^"<>]*)*>'
LETTERS = "bcdfghjklmnpqrst"
"""A letter for each hexadecimal digit."""


def with_gaps(text: str, fillings: Mapping[str, Markup]) -> Markup:
    """Markdown as HTML, with every `[[name]]` replaced by its filling, which is inline markup.

    The gaps go through Markdown, highlighting and cleaning as words of letters that
    occur nowhere in the text, so that nothing takes them for markup; the fillings are
    put into the clean result, between its tags and never inside one.  A filling whose
    gap did not survive, as in the target of a link, follows the text: none is lost.
    """
    if not fillings:
        return markdown(text)
    names = stand_ins(text, fillings)
    for each, name in names.items():
        text = like(text.replace(f"[[{name}]]", each), text)
    words = re.compile("|".join(names))
    html = MATH.sub(lambda math: _left_as_source(math) if words.search(math[2]) else math[0], markdown(text))
    html = re.sub(TAG, lambda tag: words.sub("", tag[0]), html)
    left = dict(fillings)

    def fill(found: re.Match[str]) -> str:
        # Highlighting may have cut the word; the tags that cut it stay, or the others would lack a partner.
        tags = re.findall(TAG, found[0])
        return f"{left.pop(names[re.sub(TAG, '', found[0])], '')}{''.join(tags)}"

    html = re.sub("|".join(f"(?:{TAG})*".join(each) for each in names), fill, html)
    behind = f"<p>{' '.join(left.values())}</p>" if left else ""
    return Markup(html + behind)  # noqa: S704  # cleaned before, and filled with what is markup already


def stand_ins(text: str, names: Iterable[str]) -> dict[str, str]:
    """A word for each name that the text does not hold; the same for the same text, so that it is cached."""
    found: dict[str, str] = {}
    for name in names:
        word, salt = "", 0
        while not word or word in text:
            digest = hashlib.sha256(f"{salt}:{name}:{text}".encode()).hexdigest()[:16]
            word = "Gap" + "".join(LETTERS[int(digit, 16)] for digit in digest)
            salt += 1
        found[word] = name
    return found


def _left_as_source(math: re.Match[str]) -> str:
    """A formula with a gap loses its class, or the script that draws formulas would overwrite the gap."""
    return f"<{math[1]}>{math[2]}</{math[1]}>"
