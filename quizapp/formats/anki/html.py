"""Texts of any markup as the HTML that Anki shows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

from quizapp.domain.texts import Markup, text_of


def html_of(document: Mapping[str, Any], field: str) -> str:
    """A text of a document as HTML; empty where there is none."""
    text = text_of(document, field)
    match text.markup:
        case Markup.HTML:
            return str(text)
        case Markup.MARKDOWN:
            return from_markdown(str(text))
        case Markup.PLAIN:
            return escape(str(text), quote=False).replace("\n", "<br>")
        case Markup.MOODLE:
            return str(text).replace("\n", "<br>")


def from_markdown(text: str) -> str:
    """Markdown as HTML; a single paragraph without its tag, as people write notes."""
    html = str(_markdown().render(text)).strip()
    alone = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return html[3:-4] if alone else html


@lru_cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, allow_space=False, double_inline=True)
    markdown.add_render_rule("math_inline", _inline_math)
    for kind in ("math_inline_double", "math_block", "math_block_label"):
        markdown.add_render_rule(kind, _block_math)
    return markdown


def _inline_math(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"\\({escape(tokens[index].content, quote=False)}\\)"


def _block_math(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"\\[{escape(tokens[index].content, quote=False)}\\]"
