"""Static files under an address that changes with their contents, so browsers may keep them."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_from_directory

bp = Blueprint("static_files", __name__)
FOLDER = Path(__file__).parent / "static"
ONE_YEAR = 31_536_000


@cache
def version() -> str:
    """A short hash over every static file's name, size and time."""
    seen = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            status = path.stat()
            seen.update(f"{path.relative_to(FOLDER)}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file.  Modules and stylesheets refer to each other relatively."""
    return f"{request.script_root}/static/{version()}/{name}"


@cache
def kind_sheets() -> tuple[str, ...]:
    """The stylesheets that question types bring along, one file a type."""
    return tuple(f"css/kinds/{path.name}" for path in sorted((FOLDER / "css" / "kinds").glob("*.css")))


@bp.get("/static/<version>/<path:name>")
def file(version: str, name: str) -> Response:
    """A static file; the version is only for the browser's cache."""
    if any(part.startswith(".") for part in name.split("/")):
        abort(404)
    response = send_from_directory(FOLDER, name, max_age=ONE_YEAR)
    response.cache_control.immutable = True
    response.cache_control.public = True
    return response
