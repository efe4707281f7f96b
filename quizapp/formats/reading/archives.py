"""Zip and tar archives, read in memory and never extracted: every limit is counted while reading.

Names that would lead out of a folder, links, devices, encrypted and repeated members are passed
over and told.  Sizes in headers are not believed.
"""

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO

from quizapp.domain.imports import Action, Reading

MEGABYTE = 1024 * 1024
MOST_MEMBERS = 5_000
MOST_EXPANDED = 200 * MEGABYTE
MOST_OF_A_MEMBER = 20 * MEGABYTE
MOST_RATIO = 100
RATIO_COUNTS_FROM = MEGABYTE
CHUNK = 64 * 1024
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
LISTED = b"PK\x01\x02"
"""Begins what a zip says of a member in its directory."""
MOST_LISTED = 10 * MOST_MEMBERS
"""Of a zip with more of them the directory is not even read; zips inside it may have some, too."""
USTAR, USTAR_AT = b"ustar", 257


DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, LookupError, OverflowError),
)
"""What the library raises for broken archives."""


class BadArchive(Exception):
    """The archive cannot be used at all; the message says why."""


class Archive:
    """The members of an archive by name, read one at a time under shared limits."""

    def __init__(self, members: dict[str, zipfile.ZipInfo | tarfile.TarInfo], opener: "_Opener") -> None:
        self._members = members
        self._opener = opener
        self._left = MOST_EXPANDED

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, most: int = MOST_OF_A_MEMBER) -> bytes:
        """The bytes of a member.  Raises `BadArchive` where a limit is reached or the data is broken."""
        member = self._members[name]
        packed = member.compress_size if isinstance(member, zipfile.ZipInfo) else None
        parts, size = [], 0
        try:
            with self._opener(member) as source:
                while chunk := source.read(CHUNK):
                    size += len(chunk)
                    self._left -= len(chunk)
                    if size > most or self._left < 0:
                        raise BadArchive(f"{name} is larger than an import may be")
                    if packed is not None and size > max(RATIO_COUNTS_FROM, packed * MOST_RATIO):
                        raise BadArchive(
                            f"{name} expands more than {MOST_RATIO} times, as no honest file does"
                        )
                    parts.append(chunk)
        except DAMAGE as error:
            raise BadArchive(f"{name} is damaged: {error}") from error
        except (NotImplementedError, RuntimeError, MemoryError) as error:
            raise BadArchive(f"{name} is packed in a way that is not read here: {error}") from error
        return b"".join(parts)


class _Opener:
    """Opens members of either kind."""

    def __init__(self, source: zipfile.ZipFile | tarfile.TarFile) -> None:
        self._source = source

    def __call__(self, member: zipfile.ZipInfo | tarfile.TarInfo) -> IO[bytes]:
        if isinstance(self._source, zipfile.ZipFile):
            assert isinstance(member, zipfile.ZipInfo)  # one kind of archive has one kind of members
            return self._source.open(member)
        assert isinstance(member, tarfile.TarInfo)
        opened = self._source.extractfile(member)
        assert opened is not None  # only plain files are members
        return opened


def is_archive(data: bytes) -> bool:
    """Whether a file begins as an archive that can be opened here."""
    return data.startswith((ZIP, GZIP)) or data[USTAR_AT : USTAR_AT + len(USTAR)] == USTAR


def open_archive(data: bytes, reading: Reading) -> Archive:
    """The members of a zip, tar or tar.gz file.  Raises `BadArchive`; members passed over are told."""
    if data.startswith(ZIP):
        return _open_zip(data, reading)
    if data.startswith(GZIP):
        data = _expanded(data)
    return _open_tar(data, reading)


def names_in(data: bytes) -> list[str]:
    """The names in an archive for a first look, or none where it cannot be opened."""
    with suppress(BadArchive):
        return open_archive(data, Reading("")).names
    return []


def _open_zip(data: bytes, reading: Reading) -> Archive:
    if data.count(LISTED) > MOST_LISTED:
        raise BadArchive(f"the archive has more than {MOST_MEMBERS:,} members")
    try:
        source = zipfile.ZipFile(io.BytesIO(data))
        infos = source.infolist()
    except (*DAMAGE, NotImplementedError) as error:
        raise BadArchive(f"the archive is damaged: {error}") from error
    members: dict[str, zipfile.ZipInfo | tarfile.TarInfo] = {}
    for info in _counted(infos):
        if info.is_dir():
            continue
        why = _odd_name(info.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            why = "is a link"
        elif info.flag_bits & 0x1:
            why = "is encrypted"
        _take(members, info.filename, info, why, reading)
    return Archive(members, _Opener(source))


def _open_tar(data: bytes, reading: Reading) -> Archive:
    try:
        source = tarfile.open(fileobj=io.BytesIO(data), mode="r:")  # noqa: SIM115  # it is read until the import ends
        infos = list(_counted(source))
    except DAMAGE as error:
        raise BadArchive(f"the archive is damaged: {error}") from error
    members: dict[str, zipfile.ZipInfo | tarfile.TarInfo] = {}
    for info in infos:
        if info.isdir():
            continue
        why = _odd_name(info.name) if info.isreg() and not info.issparse() else "is no plain file"
        _take(members, info.name.removeprefix("./"), info, why, reading)
    return Archive(members, _Opener(source))


def _take(
    members: dict[str, zipfile.ZipInfo | tarfile.TarInfo],
    name: str,
    info: zipfile.ZipInfo | tarfile.TarInfo,
    why: str,
    reading: Reading,
) -> None:
    if not why and name in members:
        why = "is there twice; the first one counts"
    if why:
        message = f"the member {name[:100]!r} {why}, so it was passed over"
        reading.say("archive_member", message, Action.DROPPED, severity="error", member=name[:200])
    else:
        members[name] = info


def _counted(infos: "list[zipfile.ZipInfo] | tarfile.TarFile") -> Iterator:  # type: ignore[type-arg]  # of either
    for number, info in enumerate(infos):
        if number >= MOST_MEMBERS:
            raise BadArchive(f"the archive has more than {MOST_MEMBERS:,} members")
        yield info


def _odd_name(name: str) -> str:
    """Why a member of this name is passed over, or nothing."""
    path = PurePosixPath(name)
    if "\\" in name or "\0" in name or ":" in name.partition("/")[0][:2]:
        return "has a name of another system"
    if path.is_absolute() or ".." in path.parts:
        return "has a name that leads out of the archive"
    return ""


def _expanded(data: bytes) -> bytes:
    """The content of a gzip file, counted while it expands."""
    expander = zlib.decompressobj(wbits=31)
    parts, size, pending = [], 0, data
    try:
        while pending and not expander.eof:
            chunk = expander.decompress(pending, CHUNK)
            pending = expander.unconsumed_tail
            size += len(chunk)
            if size > MOST_EXPANDED or size > max(RATIO_COUNTS_FROM, len(data) * MOST_RATIO):
                raise BadArchive("the archive expands to more than an import may be")
            parts.append(chunk)
            if not chunk and not pending:
                break
    except zlib.error as error:
        raise BadArchive(f"the archive is damaged: {error}") from error
    return b"".join(parts)
