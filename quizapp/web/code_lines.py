"""A listing as highlighted lines, each of them whole by itself, so that lines can be marked one by one."""

from functools import lru_cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter

from quizapp.web.highlighting import lexer_of


@lru_cache(maxsize=512)
def code_lines(source: str, language: str) -> tuple[Markup, ...]:
    """The lines of a source; plain where the language is unknown or would not keep the lines as they are.

    The formatter closes what is open at the end of a line and opens it again on the next.
    """
    plain = tuple(escape(line) for line in source.split("\n"))
    lexer = lexer_of(language, source, ensurenl=False)
    if lexer is None:
        return plain
    html: str = highlight(source, lexer, HtmlFormatter(nowrap=True))
    lines = tuple(Markup(line) for line in html.removesuffix("\n").split("\n"))  # noqa: S704  # Pygments escapes
    same = [line.striptags() for line in lines] == [line.striptags() for line in plain]
    return lines if same else plain
