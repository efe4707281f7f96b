"""The docs are complete: whatever is registered is mentioned, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from quizapp.cli.main import GROUPS
from quizapp.config import PREFIX, Settings
from quizapp.domain.modes import quiz_modes
from quizapp.domain.question_types import answerable, question_types
from quizapp.formats import formats

ROOT = Path(__file__).parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "question_bank" / "README.md"]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def written(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("key", [*question_types, *quiz_modes, *formats])
def test_every_registered_thing_is_in_the_guide_to_extending(key: str) -> None:
    assert f"`{key}`" in written("docs/extending.md")


@pytest.mark.parametrize("key", answerable())
def test_authors_find_every_type(key: str) -> None:
    assert key in written("question_bank/README.md")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in written("docs/configuration.md")


@pytest.mark.parametrize("name", GROUPS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`quizapp {name} " in written("docs/commands.md").replace(
        f"`quizapp {name}`", f"`quizapp {name} `"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_docs_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem
)
def test_decisions_say_context_decision_and_consequences(path: Path) -> None:
    text = path.read_text("utf-8")

    for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
        assert part in text
