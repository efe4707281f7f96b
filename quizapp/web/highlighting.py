"""Which code is coloured.  Most lexers can be made to think for minutes by a few thousand characters."""

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

COLOURED = """
bash c cpp css diff docker dockerfile go graphql html http ini java javascript jinja js json kotlin nginx
php proto protobuf pycon pytb python ruby rust sh sql text toml ts typescript xml yaml
"""
LANGUAGES = frozenset(COLOURED.split())
"""Lexers that were tried with what is hard on lexers, and took about a second at most."""

LONGEST, MOST_LINES = 8_000, 300


def lexer_of(language: str, code: str, *, ensurenl: bool = True) -> Lexer | None:
    """The lexer for some code; None where it stays plain: what is not listed, and what is very long."""
    if language.lower() not in LANGUAGES or len(code) > LONGEST or code.count("\n") > MOST_LINES:
        return None
    return get_lexer_by_name(language, stripnl=False, ensurenl=ensurenl)
