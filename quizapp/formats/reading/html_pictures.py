"""Pictures inside imported HTML: carried over from the package or the text itself, never fetched."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import unquote_to_bytes

from quizapp.domain.imports import Action, Found, Reading

IMAGE = re.compile(r"<(?:img|image)\b[^<>]*>", re.IGNORECASE)
SOURCE = re.compile(r"""(\b(?:src|xlink:href|data)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
REMOTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
KINDS = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"RIFF", "WebP"))
MOST_BYTES = 10 * 1024 * 1024

Resolve = Callable[[str], bytes | None]
"""Gives the bytes of a picture that the package has under an address as the text writes it, or None."""


def with_own_pictures(html: str, resolve: Resolve, found: Found, reading: Reading) -> str:
    """HTML whose pictures are named as this house does; what could not be carried is told.

    A picture from elsewhere in the world is never fetched: its address stays in the text and shows nothing.
    """
    if "<im" not in html and "<IM" not in html:
        return html

    def carried(image: re.Match[str]) -> str:
        source = SOURCE.search(image[0])
        if source is None:
            return image[0]
        address = unescape(source[2].strip("\"'"))
        if address.startswith("asset:"):
            return image[0]
        name = _carried(address, resolve, found, reading)
        if name is None:
            return image[0]
        return image[0][: source.start()] + f'{source[1]}"{escape(name)}"' + image[0][source.end() :]

    return IMAGE.sub(carried, html)


def picture_kind(data: bytes) -> str | None:
    """What a file is, by how it begins; None where it is no picture that can be shown."""
    return next((kind for mark, kind in KINDS if data.startswith(mark)), None)


def _carried(address: str, resolve: Resolve, found: Found, reading: Reading) -> str | None:
    shown = address[:80]
    if address.lower().startswith("data:"):
        data = _inline(address)
        shown = f"{address[:24]}…"
    elif REMOTE.match(address):
        found.say("remote_image", f"the picture {shown} lies elsewhere and was not fetched", Action.DROPPED)
        return None
    else:
        data = resolve(address)
    if data is None:
        found.say("missing_image", f"the picture {shown} is not in the file", Action.DROPPED)
        return None
    if picture_kind(data) is None or len(data) > MOST_BYTES:
        found.say(
            "image_kind", f"the picture {shown} is no PNG, JPEG, GIF or WebP of usual size", Action.DROPPED
        )
        return None
    return reading.add_image(data)


def _inline(address: str) -> bytes | None:
    head, _, text = address.partition(",")
    try:
        if head.lower().endswith(";base64"):
            return b64decode(re.sub(r"\s", "", text), validate=True)
        return unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        return None
