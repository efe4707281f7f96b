"""Texts that were not written in Markdown, as HTML: that of other systems, and plain text.

The result still has to be cleaned.  TeX is marked as this site's own math is, so that
the same script draws it.
"""

import re
from html import escape

from quizapp.domain.texts import Markup

FOREIGN_TAGS = frozenset(
    {"sub", "sup", "u", "b", "i", "dl", "dt", "dd", "figure", "figcaption", "caption", "small", "big", "tt"}
)
"""What authors elsewhere use and Markdown does not make."""

TEX = re.compile(
    r"\\\((?P<inline>(?:[^<\\]|\\[^()\[\]<]){1,2000}?)\\\)"
    r"|\\\[(?P<block>(?:[^<\\]|\\[^()\[\]<]){1,2000}?)\\\]"
    r"|\$\$(?P<dollars>[^<$]{1,2000}?)\$\$"
)
TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
ONE_PARAGRAPH = re.compile(
    r"\s*<p(?:\s[^<>]*)?>(?P<inner>(?:(?!</?p[\s>]).)*)</p>\s*", re.DOTALL | re.IGNORECASE
)
HEADING = re.compile(r"(</?)h([1-4])(?=[\s>])", re.IGNORECASE)


def may_have_math(text: str) -> bool:
    """Whether a text may need the script that draws formulas, whatever its markup."""
    return "$" in text or "\\(" in text or "\\[" in text


def foreign_html(text: str, markup: Markup) -> str:
    """A text of any markup but Markdown as HTML that is not clean yet."""
    if markup is Markup.PLAIN:
        return _paragraphs(escape(text, quote=False))
    html = _paragraphs(text) if markup is Markup.MOODLE else text
    html = HEADING.sub(lambda found: f"{found[1]}h{min(int(found[2]) + 2, 6)}", html)
    return TEX.sub(_math, html)


def without_paragraph(html: str) -> str:
    """HTML for a place inside a line: the paragraph around it is left out, if it is the only one."""
    alone = ONE_PARAGRAPH.fullmatch(html)
    return alone["inner"] if alone and "<p" not in alone["inner"].lower() else html


def _paragraphs(html: str) -> str:
    """Empty lines begin a paragraph, and single line ends count.  Tags keep their own lines."""
    if "<p" in html or "<div" in html or "<table" in html or "<pre" in html or "<ul" in html or "<ol" in html:
        return html
    blocks = PARAGRAPHS.split(html.strip().replace("\r\n", "\n"))
    return "".join(f"<p>{block.replace(chr(10), '<br>' + chr(10))}</p>" for block in blocks)


def _math(found: re.Match[str]) -> str:
    inner = TAG.sub("", found["inline"] or found["block"] or found["dollars"])
    if found["inline"]:
        return f'<span class="math inline">{inner.strip()}</span>'
    return f'<div class="math block">{inner.strip()}</div>'
