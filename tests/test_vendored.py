"""Vendored browser files are exactly those of the manifest."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "quizapp" / "web" / "static"
MANIFEST: Any = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text("utf-8"))


def entries() -> list[tuple[str, str]]:
    """Every file of the manifest with its hash, by its path from the top of the project."""
    found: list[tuple[str, str]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "sha256" in value and "path" in value:
                found.append((value["path"], value["sha256"]))
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(MANIFEST)
    return found


def test_the_manifest_names_files() -> None:
    assert len(entries()) > 5


@pytest.mark.parametrize(("path", "sha256"), entries())
def test_a_vendored_file_is_what_was_vendored(path: str, sha256: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == sha256


def test_nothing_else_lies_among_the_vendored_files() -> None:
    listed = {(ROOT / path).resolve() for path, _ in entries()}
    there = {path.resolve() for path in (STATIC / "vendor").rglob("*") if path.is_file()}

    assert there - listed - {(STATIC / "vendor" / "MANIFEST.json").resolve()} == set()
