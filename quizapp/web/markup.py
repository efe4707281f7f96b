"""Authors' texts to safe HTML, whatever their markup: Markdown with coloured code, tables and math; HTML of
other systems; plain text.  Everything is cleaned by an allow-list after rendering."""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter

from quizapp.domain.texts import Markup as TextMarkup
from quizapp.domain.texts import markup_of
from quizapp.web.foreign_markup import FOREIGN_TAGS, foreign_html, without_paragraph
from quizapp.web.highlighting import lexer_of

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "img"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "span": {"class"},
    "div": {"class"},
    "code": {"class"},
    "pre": {"class", "tabindex", "role", "aria-label"},
    "table": {"class"},
    "th": {"class", "scope"},
    "td": {"class"},
    "ol": {"start"},
    "img": {"src", "alt", "title", "width", "height"},
}
IMAGES = "/figures/"
OWN_ADDRESS = re.compile(r"asset:([0-9a-f]{64})")
"""How documents name a picture: by the SHA-256 of the file it came in."""
OWN_IMAGE = re.compile(IMAGES + "[0-9a-f]{64}")
MOST_LOOKED_AT = 10_000
"""Of a text whose first words are wanted."""
NO_PICTURE = re.compile(r'<img(?:\s+(?!src=)[a-z]+="[^"]*")*+>')
"""A picture of a cleaned text that has no address left."""
ALT = re.compile(r'\salt="([^"]*)"')
BLOCK_END = re.compile(r"</(?:p|div|li|tr|td|th|h[1-6]|pre)>|<br */?>")
MATH = re.compile(r'<(span|div) class="math[^"<>]*">([^<]*)</\1>')
MARK = re.compile(r"\\(\W)|()[{}]")
KEPT = frozenset("{}&%$#_")
COMMAND = re.compile(r"\\([A-Za-z]+)")
SIGNS: dict[str, str] = {
    word: sign
    for signs in (
        "to→ rightarrow→ leftarrow← le≤ leq≤ ge≥ geq≥ ne≠ times× cdot· approx≈ infty∞ in∈ sum∑",
        "lceil⌈ rceil⌉ lfloor⌊ rfloor⌋ ldots… dots…",
    )
    for word, sign in ((each[:-1], each[-1]) for each in signs.split())
} | dict.fromkeys(("text", "mathrm", "left", "right"), "")
ALIGNED = {"text-align:right": "is-right", "text-align:center": "is-center"}


def _render_fence(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A code block.  It can be focused, because a long line scrolls inside its own box."""
    token = tokens[index]
    language = token.info.split()[0] if token.info.split() else ""
    label = f"Code, {language}" if language else "Code"
    code = _highlighted(token.content, language)
    opening = f'<div class="highlight"><pre tabindex="0" role="group" aria-label="{escape(label)}">'
    return f"{opening}<code>{code}</code></pre></div>\n"


def _highlighted(code: str, language: str) -> str:
    lexer = lexer_of(language or "text", code)
    if lexer is None:
        return str(escape(code))
    html: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return html


def _render_plain_fence(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A code block without colours: a lexer can be made to think for very long."""
    code = escape(tokens[index].content)
    return f'<pre tabindex="0" role="group" aria-label="Code"><code>{code}</code></pre>\n'


def _render_math(content: str, options: dict[str, bool]) -> str:
    """The TeX source; a small script draws it, and without the script it can still be read."""
    return str(escape(content.strip()))


def _parser(*, of_authors: bool = True, coloured: bool = True) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    if not of_authors:
        parser.disable(["image"])
    if of_authors:
        parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, renderer=_render_math)
    for block in ("fence", "code_block"):
        parser.add_render_rule(block, _render_fence if coloured else _render_plain_fence)
    for opening in ("heading_open", "heading_close"):
        parser.add_render_rule(opening, _lower_heading)
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _render_cell)
    return parser


def _lower_heading(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A page has one first heading, and it is not the author's: theirs start at the third level."""
    token = tokens[index]
    level = min(int(token.tag[1]) + 2, 6)
    return f"</h{level}>\n" if token.nesting < 0 else f"<h{level}>"


def _render_cell(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Alignment as a class: the content policy allows no inline style."""
    token = tokens[index]
    side = ALIGNED.get(str(token.attrGet("style") or ""))
    scope = ' scope="col"' if token.tag == "th" else ""
    return f'<{token.tag}{scope} class="{side}">' if side else f"<{token.tag}{scope}>"


def _own_images(tag: str, attribute: str, value: str) -> str | None:
    """Pictures come from here alone: whoever wrote a text must not learn who reads it."""
    if tag == "img" and attribute == "src":
        return value if OWN_IMAGE.fullmatch(value) else None
    return value


_PARSER = _parser()
_UNCOLOURED_PARSER = _parser(coloured=False)
_PLAIN_PARSER = _parser(of_authors=False, coloured=False)
_CLEANER = nh3.Cleaner(
    tags=TAGS | FOREIGN_TAGS,
    attributes=ATTRIBUTES,
    url_schemes={"https", "http", "mailto"},
    attribute_filter=_own_images,
    link_rel="noopener noreferrer nofollow",
)


def markdown(text: str) -> Markup:
    """A block of an author's text as safe HTML: Markdown, unless the text says otherwise."""
    return _block(str(text), markup_of(text))


@lru_cache(maxsize=4096)
def _block(text: str, markup: TextMarkup) -> Markup:
    return Markup(_clean(_as_html(text, markup)))  # noqa: S704  # cleaned by an allow-list


def _clean(html: str) -> str:
    """HTML that is safe to show; a picture from elsewhere becomes its words."""
    return NO_PICTURE.sub(_in_words, _CLEANER.clean(html))


def _in_words(found: re.Match[str]) -> str:
    alt = ALT.search(found[0])
    return f"[{alt[1]}]" if alt and alt[1] else ""


def _as_html(text: str, markup: TextMarkup) -> str:
    """A text of any markup as HTML that is still to be cleaned."""
    text = OWN_ADDRESS.sub(f"{IMAGES}\\1", text)
    if markup is TextMarkup.MARKDOWN:
        html: str = _PARSER.render(text)
        return html
    return foreign_html(text, markup)


def learners_markdown(text: str) -> Markup:
    """What a learner wrote, as safe HTML: code as it stands, no math, and nothing is kept in memory."""
    return Markup(_CLEANER.clean(_PLAIN_PARSER.render(text)))  # noqa: S704  # cleaned by an allow-list


def inline_markdown(text: str) -> Markup:
    """One line of an author's text, without a paragraph around it."""
    return _inline(str(text), markup_of(text))


@lru_cache(maxsize=8192)
def _inline(text: str, markup: TextMarkup) -> Markup:
    if markup is TextMarkup.MARKDOWN:
        html = _PARSER.renderInline(OWN_ADDRESS.sub(f"{IMAGES}\\1", text))
    else:
        html = without_paragraph(_as_html(text, markup))
    return Markup(_clean(html))  # noqa: S704  # cleaned by an allow-list


def plain_text(text: str, length: int = 90) -> str:
    """The beginning of a text, of a learner's too, as plain words for lists and titles."""
    return _plain(str(text), markup_of(text), length)


@lru_cache(maxsize=2048)
def _plain(text: str, markup: TextMarkup, length: int) -> str:
    text = text[: MOST_LOOKED_AT + length]
    if markup is TextMarkup.MARKDOWN:
        html = _UNCOLOURED_PARSER.render(text.split("```")[0] or text)
    else:
        html = BLOCK_END.sub(r" \g<0>", _as_html(text, markup))
    rendered = MATH.sub(_plain_math, html)
    line = " ".join(unescape(nh3.clean(rendered, tags=set())).split())
    return line if len(line) <= length else f"{_whole_words(line[:length])}…"


def _whole_words(text: str) -> str:
    """A text cut where a word ends, unless its first word is all there is."""
    words, space, _ = text.rpartition(" ")
    return (words if space else text[:-1]).rstrip(" ,;:.")


def _plain_math(found: re.Match[str]) -> str:
    """TeX as it is read aloud: commands with a sign of their own become it, the others lose their marks."""
    text = COMMAND.sub(lambda command: SIGNS.get(command[1], command[1]), found[2])
    return MARK.sub(lambda mark: mark[1] if mark[1] in KEPT else "", text)
