"""Pictures that people send, drawn anew in a child with limits: nothing of the file itself is kept.

`drawn_anew` is what the server calls.  Everything below it runs in the child.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any

from quizapp.domain.errors import Overloaded, Refused
from quizapp.sandbox.child import ChildFailed, LimitReached, run_limited

SECONDS = 10
MEGABYTES = 768
AT_ONCE = 2
"""Children that draw; each may take a whole processor for a second or two."""
PATIENCE = 15.0

MOST_PIXELS = 25_000_000
LONGEST_SIDE = 2_000
MOST_KEPT = 2 * 1024 * 1024
"""Bytes.  A picture that needs more as a PNG is kept as a JPEG."""

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
ENDINGS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}

_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A picture as it is kept."""

    media_type: str
    width: int
    height: int
    data: bytes


def drawn_anew(data: bytes, name: str) -> Redrawn:
    """The picture in a file, without whatever else was in it.

    Raises `Refused` with what is wrong with the file, and `Overloaded`.
    """
    require_kind(data, name)
    try:
        with _turn():
            answer = run_limited(f"{__name__}:draw", data, seconds=SECONDS, megabytes=MEGABYTES)
    except (LimitReached, ChildFailed):
        raise Refused("This picture could not be read. Save it again as a PNG, and try that.") from None
    head, _, kept = answer.partition(b"\n")
    facts = json.loads(head)
    if "problem" in facts:
        raise Refused(facts["problem"])
    return Redrawn(**facts, data=kept)


def require_kind(data: bytes, name: str) -> str:
    """What the file says it is, where it begins like that.  Raises `Refused`."""
    if not data:
        raise Refused("Choose a file first.")
    ending = next((kind for end, kind in ENDINGS.items() if name.lower().endswith(end)), None)
    begins = "PNG" if data.startswith(PNG) else "JPEG" if data.startswith(JPEG) else None
    if ending is None or begins is None:
        raise Refused("Only PNG and JPEG pictures can be added.")
    if ending != begins:
        raise Refused(f"The file's name says {ending}, but it holds a {begins} picture. Rename it.")
    if begins == "PNG" and not ends_where_it_says(data):
        raise Refused("This PNG is not complete, or more than a picture. Save it again, and try that.")
    return begins


def ends_where_it_says(data: bytes) -> bool:
    """Whether a PNG's last chunk is the end of the file: anything behind it would not be a picture."""
    place = len(PNG)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4])
        kind = data[place + 4 : place + 8]
        place += 12 + length
        if kind == b"IEND":
            return place == len(data)
    return False


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Overloaded
    try:
        yield
    finally:
        _turns.release()


def draw(data: bytes) -> bytes:
    """The child's side: a line of JSON, then the bytes of the new picture."""
    try:
        picture = _drawn(data)
    except Refused as refusal:
        return json.dumps({"problem": str(refusal)}).encode()
    except MemoryError:
        raise
    except Exception:  # decoders break in as many ways as there are broken files
        return json.dumps({"problem": "This picture is broken or not complete."}).encode()
    facts = {name: value for name, value in asdict(picture).items() if name != "data"}
    return json.dumps(facts).encode() + b"\n" + picture.data


def drawn_here(data: bytes) -> Redrawn:
    """The first frame of a PNG, JPEG, GIF or WebP, drawn in this very process: for a child that has limits.

    Raises `Refused`.
    """
    try:
        return _drawn(data, ("PNG", "JPEG", "GIF", "WEBP"))
    except (Refused, MemoryError):
        raise
    except Exception:  # decoders break in as many ways as there are broken files
        raise Refused("is broken or not complete") from None


def _drawn(data: bytes, kinds: tuple[str, ...] = ("PNG", "JPEG")) -> Redrawn:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # ours is asked below, before anything is unpacked
    with Image.open(BytesIO(data), formats=kinds) as source:
        if source.width * source.height > MOST_PIXELS:
            raise Refused("This picture has more than 25 million pixels. Make it smaller first.")
        kind = "JPEG" if source.format == "JPEG" else "PNG"
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(source)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = _on_white(upright)
    kept = _encoded(plain, kind)
    if len(kept) > MOST_KEPT:
        kind, kept = "JPEG", _encoded(plain, "JPEG")
    return Redrawn(MEDIA_TYPES[kind], plain.width, plain.height, kept)


def _on_white(picture: Any) -> Any:
    """Colours alone: what could be seen through becomes paper, and no metadata comes along."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):  # 16 bits a pixel, which `convert` would cut off
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
    paper = Image.new("RGB", picture.size, "white")
    seen = picture.convert("RGBA")
    paper.paste(seen, mask=seen)
    return paper


def _encoded(picture: Any, kind: str) -> bytes:
    target = BytesIO()
    if kind == "PNG":
        picture.save(target, "PNG")
    else:
        picture.save(target, "JPEG", quality=82)
    return target.getvalue()
