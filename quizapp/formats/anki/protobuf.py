"""Just enough of protocol buffers to read the few messages in a package: numbers and pieces of bytes."""

from collections.abc import Iterator

VARINT, FIXED_8, BYTES, FIXED_4 = 0, 1, 2, 5
MOST_VARINT_BYTES = 10


class BadMessage(ValueError):
    """The bytes are no message."""


def fields_of(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, in order: number, and an integer or bytes.  Raises `BadMessage`."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = {FIXED_8: 8, FIXED_4: 4}.get(wire)
        if wire == BYTES:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise BadMessage("a field is cut off, or of an unknown kind")
        yield number, data[at : at + size]
        at += size


def texts_of(data: bytes) -> dict[int, str]:
    """The fields of a message that hold bytes, as texts; the last of each number counts."""
    return {
        number: value.decode("utf-8", "replace")
        for number, value in fields_of(data)
        if isinstance(value, bytes)
    }


def numbers_of(data: bytes) -> dict[int, int]:
    """The fields of a message that hold numbers."""
    return {number: value for number, value in fields_of(data) if isinstance(value, int)}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(MOST_VARINT_BYTES):
        if at + place >= len(data):
            raise BadMessage("ends within a number")
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise BadMessage("holds an endless number")
