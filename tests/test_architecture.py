"""What import-linter cannot see: the domain is light and pure, and only entry points commit."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "quizapp"
DOMAIN = sorted((PACKAGE / "domain").rglob("*.py"))

FRAMEWORKS = {
    "PIL",
    "alembic",
    "click",
    "flask",
    "granian",
    "jinja2",
    "psycopg",
    "ruamel",
    "sqlalchemy",
    "werkzeug",
}
MAY_COMMIT = ("cli/", "web/", "api/", "db/engine.py")
CLOCKS = {"datetime", "date"}
ASKS_THE_TIME = {"now", "utcnow", "today"}
NEVER_IMPORTED = {"time", "secrets", "uuid"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_importing_the_domain_loads_no_framework():
    modules = [f"quizapp.{name_of(path)[:-3].replace('/', '.')}".removesuffix(".__init__") for path in DOMAIN]
    assert len(modules) > 10
    code = f"import sys, {', '.join(modules)}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & FRAMEWORKS == set()


def test_only_entry_points_commit():
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert found, "somebody has to commit, so this search is broken"
    assert {place for place in found if not place.startswith(MAY_COMMIT)} == set()


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_is_told_the_time_and_the_seed(path):
    assert list(impurities(parsed(path))) == []


def impurities(tree: ast.Module) -> Iterator[str]:
    """Where a module asks for the time, or draws what no seed repeats."""
    imported = dict(imports(tree))
    for name, line in imported.items():
        module, _, member = name.partition(".")
        if (
            module in NEVER_IMPORTED
            or name == "os.urandom"
            or (module == "random" and member not in {"", "Random"})
        ):
            yield f"{line}: import {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner, member = node.value.id, node.attr
            if owner in CLOCKS and member in ASKS_THE_TIME:
                yield f"{node.lineno}: {owner}.{member}"
            if owner == "random" and "random" in imported and member != "Random":
                yield f"{node.lineno}: random.{member}"
        elif isinstance(node, ast.Call) and is_unseeded(node):
            yield f"{node.lineno}: Random() without a seed"


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported name with its line: `random` for a module, `random.Random` for a member."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            owner = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from ((f"{owner}{each.name}", node.lineno) for each in node.names)


def is_unseeded(call: ast.Call) -> bool:
    called = call.func
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name == "Random" and not call.args and not call.keywords


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\ndatetime.now()",
        "import time",
        "from time import monotonic",
        "import random\nrandom.shuffle([])",
        "from random import choice",
        "from random import Random\nRandom()",
        "import random\nrandom.Random()",
        "from secrets import token_hex",
        "import uuid",
        "from os import urandom",
    ],
)
def test_this_test_would_notice(code):
    assert list(impurities(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from random import Random\nRandom(7).shuffle([])",
        "from random import Random\ndef mixed(random: Random): random.shuffle([])",
        "from datetime import datetime\ndef later(now: datetime): return now.timestamp()",
    ],
)
def test_this_test_lets_what_was_told_through(code):
    assert list(impurities(ast.parse(code))) == []
