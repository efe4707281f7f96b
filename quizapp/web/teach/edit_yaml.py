"""Values as YAML to type in, and back: the editor's way for what is too deep for a form."""

import json
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from quizapp.domain.problems import Place, Problem
from quizapp.domain.variants import as_written
from quizapp.formats.reading.located_yaml import read_yaml

MOST_CHARS = 80_000
"""Of all the YAML in one form: reading it takes the server's own time, up to 30 µs for each."""

TOO_LONG = "This is too long for the editor. Upload the set as a file instead."

ON_A_LINE = 40

UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""Characters that nobody sees; YAML takes some of them for line ends."""

NAME = "yaml"
"""What stands for a file's name in the places of problems."""


def dumped(value: Any) -> str:
    """A document's value as YAML that reads back as the same; "" for nothing."""
    if value is None:
        return ""
    plain = as_written(value)
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    try:
        yaml.dump(_blocks(plain), text)
        written = text.getvalue().removesuffix("...\n")
        again, _, problems = read_yaml(written.encode(), NAME)
        if not problems and as_written(again) == plain:
            return written.rstrip("\n")
    except (YAMLError, UnicodeError, ValueError):
        pass  # what YAML cannot set out in lines, JSON can still say
    return UNSEEN.sub(_escaped, json.dumps(plain, ensure_ascii=False, indent=2))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def loaded(text: str) -> tuple[Any, Place, list[Problem]]:
    """The value of some YAML, where its parts stand, and what is wrong with it."""
    return read_yaml(text.encode("utf-8", "replace"), NAME)


def _blocks(value: Any) -> Any:
    """Texts of several lines as literal blocks; short lists of plain values stay on one line."""
    if isinstance(value, Mapping):
        return {name: _blocks(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        made = CommentedSeq(_blocks(part) for part in value)
        if value and all(_is_short(part) for part in value):
            made.fa.set_flow_style()
        return made
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value


def _is_short(value: Any) -> bool:
    """Whether a value may stand on one line with others."""
    return not isinstance(value, Mapping | list | tuple) and len(str(value)) <= ON_A_LINE
