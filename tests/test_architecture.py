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

FRAMEWORKS = {"alembic", "click", "flask", "granian", "jinja2", "psycopg", "ruamel", "sqlalchemy", "werkzeug"}
MAY_COMMIT = ("cli/", "web/", "api/", "db/engine.py")
ASKS_THE_TIME = {
    "now",
    "utcnow",
    "today",
    "time",
    "time_ns",
    "monotonic",
    "perf_counter",
    "localtime",
    "gmtime",
}
CLOCKS = {"datetime", "date", "time"}
UNSEEDED_MODULES = {"secrets", "uuid"}


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
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name in {"time", *UNSEEDED_MODULES}:
                    yield f"{node.lineno}: import {each.name}"
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                if node.module in {"time", *UNSEEDED_MODULES} or (node.module, each.name) == (
                    "os",
                    "urandom",
                ):
                    yield f"{node.lineno}: from {node.module} import {each.name}"
                if node.module == "random" and each.name != "Random":
                    yield f"{node.lineno}: from random import {each.name}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in CLOCKS and node.attr in ASKS_THE_TIME:
                yield f"{node.lineno}: {node.value.id}.{node.attr}"
            if node.value.id == "random" and node.attr != "Random":
                yield f"{node.lineno}: random.{node.attr}"
        elif isinstance(node, ast.Call) and not node.args and not node.keywords and _is_random(node.func):
            yield f"{node.lineno}: Random() without a seed"


def _is_random(called: ast.expr) -> bool:
    return (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) == "Random"


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


def test_this_test_lets_seeded_randomness_through():
    assert list(impurities(ast.parse("from random import Random\nRandom(7).shuffle([])"))) == []
