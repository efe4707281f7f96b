"""Writes a package that Canvas imports: a manifest, the questions, their settings, their pictures."""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.domain.texts import Marked, Markup
from quizapp.formats import Limit, Picture, QuestionDocument, Written
from quizapp.formats.qti12.own import own_fields
from quizapp.formats.qti12.scoring import number_of
from quizapp.formats.qti12.sheet import CannotSay, Sheet
from quizapp.formats.qti12.writing_items import write_body
from quizapp.formats.qti12.writing_rules import CORRECT, GENERAL, INCORRECT, processing, saying
from quizapp.formats.qti12.writing_texts import Outlet, feedback_node, fields_node, node
from quizapp.formats.reading.xml import Element

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
LEARNING = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
DATE = (1980, 1, 1, 0, 0, 0)
"""The same questions make the same file, whenever they are written."""
OVERALL = {"correct_feedback": CORRECT, "incorrect_feedback": INCORRECT}
NOT_CARRIED = ("references", "versions")


def written_package(
    title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]
) -> Written:
    """A package, and what it lacks of each question."""
    title = title.strip() or "Questions"
    limits: list[Limit] = []
    sources: list[str] = []
    kept: dict[str, bytes] = {}
    used: dict[str, str] = {}
    idents: set[str] = set()
    for question in questions:
        if question["type"] == "opaque":
            _keep(question, sources, kept, limits)
            continue
        outlet = Outlet(question, pictures)
        try:
            item = _item(question, outlet, idents)
            sources.append(etree.tostring(item, encoding="unicode", pretty_print=True).rstrip())
            used |= outlet.used
        except CannotSay as reason:
            outlet.lacks = {str(reason): None}
        limits += [Limit(question["id"], message) for message in outlet.lacks]
    identity = "q" + hashlib.sha256(f"{title}\0{sorted(idents)}".encode()).hexdigest()[:31]
    files = {
        "imsmanifest.xml": _manifest(identity, used),
        f"{identity}/{identity}.xml": _assessment(identity, title, sources),
        f"{identity}/assessment_meta.xml": _meta(identity, title),
        **kept,
        **{path: pictures[name].data for name, path in used.items()},
    }
    return Written(_zipped(files), "application/zip", ".zip", tuple(limits))


def _item(document: QuestionDocument, outlet: Outlet, idents: set[str]) -> Element:
    """A question as an item."""
    document = _drawn(document, outlet)
    sheet = Sheet(outlet)
    origin = document.get("origin") or {}
    settings = dict(origin.get("settings", {})) if origin.get("format") == "qti12" else {}
    sheet.right = [CORRECT] if settings.get("correct_feedback") else []
    write_body(document, sheet)
    for name in NOT_CARRIED:
        if document.get(name):
            outlet.lack(f"its {name} are left out")
    if _has_misconceptions(document):
        outlet.lack("misconceptions are left out")
    _overall(document, settings, sheet)
    ident = _ident(document, origin, idents)
    points = "0" if document["type"] == "information" else _points(document, settings)
    fields = [("question_type", sheet.question_type), ("points_possible", points)]
    fields += own_fields(document) + sheet.fields
    fields += [(name, value) for name, value in settings.items() if not _is_placed(name)]
    shown = outlet.material(sheet.text if sheet.text is not None else document["stem"])
    item = node("item", fields_node(fields), ident=ident, title=outlet.clean(document.get("name", "")))
    item.append(node("presentation", shown, *sheet.responses))
    if sheet.notes or sheet.rules:
        item.append(processing([*sheet.notes, *sheet.rules]))
    for each in sheet.feedback:
        item.append(each)
    return item


def _drawn(document: QuestionDocument, outlet: Outlet) -> QuestionDocument:
    """A question with variants as its first draw."""
    if not document.get("variants"):
        return document
    question, _ = read_question(document, Place(str(document.get("id", "")), {}))
    if question is None:
        raise CannotSay("its variants cannot be drawn; it is left out")
    outlet.lack("it has variants, and is written as one draw")
    drawn = variant(question, 0)
    return drawn.model_copy(update={"written": None}).document()


def _overall(document: Mapping[str, Any], settings: Mapping[str, str], sheet: Sheet) -> None:
    """Feedback for every answer, every right and every wrong one; hints; what belongs to no answer."""
    outlet = sheet.outlet
    if document.get("explanation"):
        sheet.notes.insert(0, saying(GENERAL))
        sheet.feedback.insert(0, feedback_node(GENERAL, outlet.material(document["explanation"])))
    for name, link in OVERALL.items():
        if settings.get(name) and link not in sheet.said:
            markup = settings.get(f"{name}_markup", "html")
            text = Marked(settings[name], Markup(markup) if markup in set(Markup) else Markup.HTML)
            sheet.feedback.append(feedback_node(link, outlet.material(text)))
            sheet.said.add(link)
    if INCORRECT in sheet.said:
        sheet.rules.append(saying(INCORRECT))
    for number, hint in enumerate(document.get("hints", ()), start=1):
        material = node("hint", node("hintmaterial", outlet.material(hint)))
        sheet.feedback.append(node("itemfeedback", material, ident=f"hint_{number}"))
    for name, value in settings.items():
        if name.startswith("feedback:"):
            material = outlet.material(Marked(value, Markup.HTML))
            sheet.feedback.append(feedback_node(name.partition(":")[2], material))


def _is_placed(name: str) -> bool:
    """Whether a setting is written elsewhere than in the metadata."""
    return name == "points_possible" or name.startswith(
        ("feedback:", "correct_feedback", "incorrect_feedback")
    )


def _points(document: Mapping[str, Any], settings: Mapping[str, str]) -> str:
    """The points, as they once were where they were rounded."""
    points = int(document.get("points", 1))
    exact = number_of(settings.get("points_possible", ""))
    if exact is not None and min(max(int(exact.to_integral_value("ROUND_HALF_UP")), 1), 100) == points:
        return settings["points_possible"]
    return str(Decimal(points))


def _ident(document: Mapping[str, Any], origin: Mapping[str, Any], idents: set[str]) -> str:
    """Its identity there, if it comes from there; else its id."""
    theirs = str(origin.get("id", "")) if origin.get("format") == "qti12" else ""
    own = str(document["id"])
    choices = [theirs, own, *(f"{own}-{number}" for number in range(2, len(idents) + 3))]
    ident = next(each for each in choices if each and each not in idents)
    idents.add(ident)
    return ident


def _has_misconceptions(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value.get("misconception")) or any(map(_has_misconceptions, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_misconceptions, value))


def _keep(
    question: QuestionDocument, sources: list[str], kept: dict[str, bytes], limits: list[Limit]
) -> None:
    """Give back what could not be asked here, byte for byte, if it came from this format."""
    origin = question.get("origin") or {}
    if origin.get("format") != "qti12":
        limits.append(Limit(question["id"], "it was kept from another system and is left out"))
    elif _is_well_formed(question["source"]):
        sources.append(question["source"])
    else:
        path = f"kept/{len(kept) + 1}.xml"
        kept[path] = f"<questestinterop>\n{question['source']}\n</questestinterop>\n".encode()
        limits.append(Limit(question["id"], f"its source is no XML: it lies apart, in {path}"))


def _is_well_formed(source: str) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(f"<root>{source}</root>".encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return len(root) == 1


def _assessment(identity: str, title: str, sources: Sequence[str]) -> bytes:
    """The questions.  Items are put in as they are: what is kept must not change by a byte."""
    shell = node("assessment", node("section", "\n@\n", ident="root_section"), ident=identity, title=title)
    root = etree.Element("questestinterop", nsmap={None: QTI})
    root.append(shell)
    before, _, after = etree.tostring(root, encoding="unicode").rpartition("\n@\n")
    text = "\n".join(sources)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{before}\n{text}\n{after}\n'.encode()


def _meta(identity: str, title: str) -> bytes:
    told = {
        "title": title,
        "description": "",
        "shuffle_answers": "false",
        "scoring_policy": "keep_highest",
        "hide_results": "",
        "quiz_type": "practice_quiz",
        "show_correct_answers": "true",
        "allowed_attempts": "1",
        "one_question_at_a_time": "false",
        "cant_go_back": "false",
        "available": "false",
    }
    root = etree.Element("quiz", identifier=identity, nsmap={None: CANVAS})
    for name, value in told.items():
        root.append(node(name, value))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _manifest(identity: str, used: Mapping[str, str]) -> bytes:
    root = etree.Element("manifest", identifier=f"{identity}_manifest", nsmap={None: PACKAGE})
    root.append(node("metadata", node("schema", "IMS Content"), node("schemaversion", "1.1.3")))
    root.append(node("organizations"))
    questions, meta = f"{identity}/{identity}.xml", f"{identity}/assessment_meta.xml"
    resources = [
        node(
            "resource",
            node("file", href=questions),
            node("dependency", identifierref=f"{identity}_meta"),
            identifier=identity,
            type_="imsqti_xmlv1p2",
        ),
        node("resource", node("file", href=meta), identifier=f"{identity}_meta", type_=LEARNING, href=meta),
    ]
    resources += [
        node("resource", node("file", href=path), identifier=f"p{name[:40]}", type_="webcontent", href=path)
        for name, path in used.items()
    ]
    root.append(node("resources", *resources))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return target.getvalue()
