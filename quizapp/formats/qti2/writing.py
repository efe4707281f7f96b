"""A package of QTI 2.1: a manifest, a test that keeps the order, an item each, pictures."""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.formats import Limit, Picture, QuestionDocument, Written
from quizapp.formats.qti2.manifests import OWN, OWN_FIELDS
from quizapp.formats.qti2.writing_answers import CannotWrite
from quizapp.formats.qti2.writing_items import NAMESPACE, WrittenItem, write_item
from quizapp.formats.qti2.writing_texts import Texts, attribute, clean

PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
METADATA = "http://ltsc.ieee.org/xsd/LOM"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Packages of the same questions are the same bytes."""
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,100}")


def write_package(
    title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]
) -> Written:
    limits: list[Limit] = []
    used: dict[str, Picture] = {}
    items: list[tuple[str, str, QuestionDocument, WrittenItem]] = []
    taken: set[str] = set()
    for number, question in enumerate(questions, start=1):
        said: dict[str, None] = {}
        try:
            document = _drawn(question, said)
            name = _identifier(document, number, taken)
            written = _written(document, name, pictures, used, said)
        except CannotWrite as error:
            limits.append(Limit(str(question["id"]), f"left out: {error}"))
            continue
        limits += [Limit(str(question["id"]), f"not carried as it is: {each}") for each in said]
        items.append((name, f"items/{number:05}.xml", document, written))
    members = {
        "imsmanifest.xml": _manifest(title, items, sorted(used)),
        "test.xml": _test(title, items),
        **{href: item.xml for _, href, _, item in items},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for href, text in members.items():
            archive.writestr(zipfile.ZipInfo(href, EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
        for href, picture in used.items():
            archive.writestr(zipfile.ZipInfo(href, EPOCH), picture.data, zipfile.ZIP_STORED)
    return Written(buffer.getvalue(), "application/zip", ".zip", tuple(limits))


def _drawn(question: QuestionDocument, said: dict[str, None]) -> dict[str, Any]:
    """The question itself, or one draw of it."""
    if not question.get("variants"):
        return dict(question)
    read, _ = read_question(question, Place(str(question.get("id", "")), {}))
    if read is None:
        raise CannotWrite("no variant of it could be drawn")
    said["it has variants, and is written as one draw"] = None
    return variant(read, 0).model_copy(update={"written": None}).document()


def _written(
    document: dict[str, Any],
    identifier: str,
    pictures: Mapping[str, Picture],
    used: dict[str, Picture],
    said: dict[str, None],
) -> WrittenItem:
    if document["type"] == "opaque":
        if _origin(document).get("format") != "qti2":
            raise CannotWrite("it comes from another format, and cannot be asked")
        return WrittenItem(document["source"])

    def tell(message: str) -> None:
        said[message] = None

    return write_item(document, identifier, Texts(document, pictures, used, tell), tell)


def _identifier(document: Mapping[str, Any], number: int, taken: set[str]) -> str:
    """The item's name: its own where it comes from QTI, else made of the question's id."""
    origin = _origin(document)
    wanted = origin.get("id", "") if origin.get("format") == "qti2" else ""
    wanted = wanted or f"q-{document['id']}"
    name = wanted if IDENTIFIER.fullmatch(wanted) and wanted not in taken else f"item{number}"
    taken.add(name)
    return name


def _origin(document: Mapping[str, Any]) -> Mapping[str, Any]:
    origin = document.get("origin")
    return origin if isinstance(origin, Mapping) else {}


def _manifest(
    title: str, items: Sequence[tuple[str, str, QuestionDocument, WrittenItem]], pictures: Sequence[str]
) -> str:
    resources = "".join(_resource(place, *item[1:], pictures) for place, item in enumerate(items, start=1))
    dependencies = "".join(
        f'<dependency identifierref="R{place}"/>' for place, _ in enumerate(items, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{PACKAGING}" identifier="MANIFEST"><metadata><schema>QTIv2.1 Package</schema>'
        f'<schemaversion>1.0.0</schemaversion><lom xmlns="{METADATA}"><general><title><string>'
        f"{escape(clean(title), quote=False)}</string></title></general></lom></metadata><organizations/>"
        '<resources><resource identifier="TEST" type="imsqti_test_xmlv2p1" href="test.xml">'
        f'<file href="test.xml"/>{dependencies}</resource>{resources}</resources></manifest>\n'
    )


def _resource(
    place: int, href: str, document: QuestionDocument, item: WrittenItem, pictures: Sequence[str]
) -> str:
    files = "".join(
        f'<file href="{each}"/>' for each in [href, *(p for p in pictures if f"../{p}" in item.xml)]
    )
    keywords = "".join(
        f"<keyword><string>{escape(clean(tag), quote=False)}</string></keyword>"
        for tag in document.get("tags", ())
    )
    metadata = f'<lom xmlns="{METADATA}"><general>{keywords}</general></lom>' if keywords else ""
    if document["type"] != "opaque":
        # A question that is kept whole says all of itself.
        fields = {name: value for name, value in document.items() if name in OWN_FIELDS}
        fields.setdefault("name", "")
        own = json.dumps({**item.own, "fields": fields}, ensure_ascii=False)
        metadata += f'<question xmlns="{OWN}">{escape(clean(own), quote=False)}</question>'
    return (
        f'<resource identifier="R{place}" type="imsqti_item_xmlv2p1" href="{href}">'
        f"<metadata>{metadata}</metadata>{files}</resource>"
    )


def _test(title: str, items: Sequence[tuple[str, str, QuestionDocument, WrittenItem]]) -> str:
    """Sections keep the categories together; the order is that of the set."""
    sections: list[tuple[str, list[str]]] = []
    for number, (_, href, document, _) in enumerate(items, start=1):
        category = str(document.get("category", ""))
        if not sections or sections[-1][0] != category:
            sections.append((category, []))
        sections[-1][1].append(f'<assessmentItemRef identifier="I{number}" href="{href}"/>')
    written = "".join(
        f'<assessmentSection identifier="S{number}" title="{attribute(category)}" visible="true">'
        f"{''.join(references)}</assessmentSection>"
        for number, (category, references) in enumerate(sections, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<assessmentTest xmlns="{NAMESPACE}" identifier="TEST" title="{attribute(title)}">'
        '<testPart identifier="P1" navigationMode="nonlinear" submissionMode="simultaneous">'
        f"{written}</testPart></assessmentTest>\n"
    )
