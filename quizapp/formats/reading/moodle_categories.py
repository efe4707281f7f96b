"""Paths of Moodle's categories: names with `/` between them, and `//` for a slash inside a name."""

import re

CONTEXT = re.compile(r"\$[A-Za-z0-9_]{1,40}\$")
DEFAULT_PREFIX = "$course$/top/"
MOST = 1_000


def split_category(path: str) -> tuple[str, str]:
    """What of a path says where categories begin (`$course$/top/`), and the category itself.

    Slashes inside names stay doubled, so that nothing is lost.
    """
    names = _names(path.strip())
    prefix = []
    if names and CONTEXT.fullmatch(names[0]):
        prefix.append(names.pop(0))
    if names and names[0].casefold() == "top":
        prefix.append(names.pop(0))
    start = "".join(f"{each}/" for each in prefix)
    return start, "/".join(each for each in names if each)[:MOST].strip("/ ")


def _names(path: str) -> list[str]:
    """The names between single slashes, as they are written."""
    names = re.split(r"(?<!/)/(?!/)", path)
    return [" ".join(name.split()) for name in names]
