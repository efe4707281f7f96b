"""Short names for addresses and files, made of titles."""

import re
import unicodedata

LENGTH = 60


def slug(title: str, otherwise: str = "untitled") -> str:
    """`Joins & indexes` becomes `joins-indexes`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LENGTH].strip("-") or otherwise
