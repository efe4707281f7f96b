"""Reads QTI 1.2: a package or a loose file into one `Found` for every item."""

from dataclasses import dataclass

from quizapp.domain.imports import Action, Found, Reading
from quizapp.formats.qti12.items import read_item
from quizapp.formats.qti12.packages import Member, Package
from quizapp.formats.qti12.splitting import Container, Piece, Split, item_attributes, split
from quizapp.formats.reading.archives import BadArchive
from quizapp.formats.reading.html_pictures import Resolve
from quizapp.formats.reading.xml import BadXml, refuse_entities

FULL_COPIES = "non_cc_assessments/"
"""Where Canvas puts the full text of what the cartridge beside it can say only in part."""


@dataclass(frozen=True, slots=True)
class Read:
    """A member, taken apart."""

    member: Member
    split: Split


def read_package(data: bytes, name: str) -> Reading:
    """Every question of a package or file."""
    reading = Reading("qti12")
    try:
        package = Package(data, name, reading)
    except BadArchive as error:
        reading.say("archive", str(error), Action.DROPPED, severity="error")
        return reading
    files = [Read(member, split(member.text)) for member in package.members()]
    titled = [container for file in files for container in file.split.containers if _is_top(container)]
    reading.title = next((each.name for each in titled if each.name), package.title)
    several = len({each.name for each in titled if each.name}) > 1
    twins = _twins(files)
    for file in files:
        _read_file(file, package, reading, several=several, twins=twins)
        _tell_draws(file, files, reading)
    if not reading.found:
        message = "holds no question of QTI 1.2"
        reading.say("no_questions", message, Action.DROPPED, severity="error")
    return reading


def _read_file(
    file: Read, package: Package, reading: Reading, *, several: bool, twins: dict[str, str]
) -> None:
    member = file.member
    refused = ""
    try:
        refuse_entities(member.text)
    except BadXml as error:
        refused = str(error)
    for piece in file.split.pieces:
        found = Found(
            _name(piece, len(reading.found) + 1), piece.line, source=piece.source, member=member.name
        )
        reading.found.append(found)
        full = twins.get(_ident(piece), "") if member.name.endswith("assessment_qti.xml") else ""
        if refused:
            found.give_up("entities", refused)
        elif full:
            found.source = ""
            message = f"the same question is there in full, in {full}; that one is kept"
            found.say("twin", message, Action.DROPPED, severity="info")
        elif not piece.is_closed and piece.source.count("</presentation>") == 0:
            found.text = piece.source[:2_000]
            found.give_up("cut_off", "the item is not closed, and what it asks is cut off")
        else:
            read_item(found, _category(piece, several=several), _resolver(package, member), reading)


def _resolver(package: Package, member: Member) -> Resolve:
    return lambda address: package.picture(address, member.name)


def _name(piece: Piece, number: int) -> str:
    given = item_attributes(piece.source)
    return given.get("title") or given.get("ident") or f"question {number}"


def _ident(piece: Piece) -> str:
    return item_attributes(piece.source).get("ident", "")


def _category(piece: Piece, *, several: bool) -> str:
    """Where it stands: the titles around it; the one title of the whole file is not repeated."""
    names = [each.name for each in piece.path if each.name and (several or not _is_top(each))]
    return "/".join(" ".join(name.replace("/", " - ").split()) for name in names)[:1_000]


def _is_top(container: Container) -> bool:
    return container.kind in ("assessment", "objectbank")


def _twins(files: list[Read]) -> dict[str, str]:
    """The questions that a cartridge has twice, with the file that has them in full."""
    return {
        _ident(piece): file.member.name
        for file in files
        if FULL_COPIES in file.member.name
        for piece in file.split.pieces
        if _ident(piece)
    }


def _tell_draws(file: Read, files: list[Read], reading: Reading) -> None:
    """What a quiz would draw from a group: the questions are there, the quiz is not made."""
    banks = {each.ident for other in files for each in other.split.containers}
    for each in file.split.containers:
        called = each.name or each.ident or "a group"
        if each.draws:
            message = (
                f"{each.draws[:20]} of the questions of {called!r} would be drawn; no quiz is made of that"
            )
            reading.say("draw", message, severity="info", line=each.line, member=file.member.name)
        if each.bank and each.bank not in banks:
            message = f"{called!r} draws from a bank that is not in the file"
            reading.say("bank", message, Action.DROPPED, line=each.line, member=file.member.name)
        if each.refers and not any(other.split.pieces for other in files):
            message = f"{called!r} refers to {each.refers} questions that are not in the file"
            reading.say("references", message, Action.DROPPED, line=each.line, member=file.member.name)
