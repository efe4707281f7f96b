"""A package of Anki notes: cards to turn over, words to type, and texts with gaps."""

import hashlib
import io
import itertools
import json
import re
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import genanki  # type: ignore[import-untyped]  # it says nothing of its types

from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.formats import Limit, Picture, QuestionDocument
from quizapp.formats.anki.faces import Face, face_of

TIME = 1_700_000_000
"""When every note was made, for Anki: the same set gives the same package."""

ASSET = re.compile(r"asset:([0-9a-f]{64})")
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
ANSWER = "<hr id=answer>"
CLOZE_KIND, CARD_KIND = genanki.Model.CLOZE, genanki.Model.FRONT_BACK
NO_PLACE = ("name", "points", "hints", "references", "level", "cognitive", "as_of", "versions")


def _model(name: str, fields: Sequence[str], front: str, back: str, kind: int = CARD_KIND) -> Any:
    template = {"name": "Card 1", "qfmt": front, "afmt": back}
    named = [{"name": each} for each in fields]
    return genanki.Model(_number(f"model {name}"), name, fields=named, templates=[template], model_type=kind)


def _number(text: str) -> int:
    """A number that belongs to a text for ever, as Anki wants for kinds of notes and decks."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) + 2**31


CARD = _model("quizapp card", ("Front", "Back"), "{{Front}}", f"{{{{FrontSide}}}}{ANSWER}{{{{Back}}}}")
TYPED = _model(
    "quizapp typed",
    ("Front", "Answer", "Extra"),
    "{{Front}}\n\n{{type:Answer}}",
    f"{{{{FrontSide}}}}{ANSWER}{{{{type:Answer}}}}\n{{{{Extra}}}}",
)
GAPS = _model(
    "quizapp gaps",
    ("Text", "Extra"),
    "{{cloze:Text}}",
    f"{{{{cloze:Text}}}}{ANSWER}{{{{Extra}}}}",
    CLOZE_KIND,
)
MODELS = {"card": CARD, "typed": TYPED, "gaps": GAPS}


class _Note(genanki.Note):  # type: ignore[misc]  # a class of an untyped library
    """A note whose fields nobody looks for odd tags in: that look takes forever on odd texts."""

    def _check_invalid_html_tags_in_fields(self) -> None:
        return


def written_package(
    title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]
) -> tuple[bytes, tuple[Limit, ...]]:
    """The bytes of a package, and what it lacks of each question."""
    limits: list[Limit] = []
    decks: dict[str, Any] = {}
    for document in questions:
        note = _note_of(document, limits, pictures)
        if note is not None:
            deck = _deck_name(str(document.get("category") or "")) or title or "quizapp"
            decks.setdefault(deck, genanki.Deck(_number(f"deck {deck}"), deck)).add_note(note)
    return _zipped(list(decks.values()), pictures), tuple(limits)


def _note_of(document: QuestionDocument, limits: list[Limit], pictures: Mapping[str, Picture]) -> Any:
    uid = str(document.get("id", ""))

    def say(message: str) -> None:
        limits.append(Limit(uid, message))

    if document.get("type") == "opaque":
        return _as_it_was(document, say)
    document = _one_draw(document, say)
    face = face_of(document, say)
    if face is None:
        return None
    _say_what_is_left_out(document, say)
    fields = [_with_media(each, pictures) for each in _fields(face)]
    return _Note(model=MODELS[face.kind], fields=fields, guid=_guid(document), tags=_tags(document, say))


def _fields(face: Face) -> list[str]:
    """In the order of the model's; a card has no extra, so its back holds it."""
    if face.kind == "gaps":
        return [face.front, face.extra]
    if face.kind == "typed":
        return [face.front, face.back, face.extra]
    return [face.front, "<br><br>".join(filter(None, (face.back, face.extra)))]


def _as_it_was(document: QuestionDocument, say: Any) -> Any:
    """A note that was only kept is written as it was read."""
    if (document.get("origin") or {}).get("format") != "anki":
        say("is a question of another system that is only kept, so it is left out")
        return None
    try:
        kept = json.loads(str(document.get("source")))
        fields, templates = dict(kept["fields"]), list(kept["templates"])
        model = genanki.Model(
            _number(json.dumps([kept["notetype"], list(fields), templates])),
            str(kept["notetype"]),
            fields=[{"name": str(name)} for name in fields],
            templates=[{"name": str(n), "qfmt": str(q), "afmt": str(a)} for n, q, a in templates],
            model_type=CLOZE_KIND if kept["cloze"] else CARD_KIND,
        )
        values = [str(value) for value in fields.values()]
        note = _Note(model=model, fields=values, guid=str(kept["guid"]), tags=[str(t) for t in kept["tags"]])
        model.to_json(TIME, 1)  # it is only now that it looks at its templates
    except Exception:  # whatever the library makes of templates it did not write
        say("cannot be written to Anki as it was kept, so it is left out")
        return None
    return note


def _one_draw(document: QuestionDocument, say: Any) -> QuestionDocument:
    if not document.get("variants"):
        return document
    question, _ = read_question(document, Place("", {}))
    if question is None:
        return document
    say("has variants; it is written as one draw")
    return variant(question, 0).model_copy(update={"written": None}).document()


def _say_what_is_left_out(document: QuestionDocument, say: Any) -> None:
    left = [name for name in NO_PLACE if document.get(name) and document.get(name) not in (1, "mid")]
    if left:
        say(f"Anki has no place for {', '.join(left)}")
    if document.get("markup", "markdown") != "html":
        say("its texts are written as HTML")


def _guid(document: QuestionDocument) -> str:
    origin = document.get("origin") or {}
    own = str(origin.get("id") or "") if str(origin.get("format", "")).startswith("anki") else ""
    return own or str(document.get("id", ""))


def _tags(document: QuestionDocument, say: Any) -> list[str]:
    """Anki parts tags by spaces."""
    tags = [str(tag) for tag in document.get("tags") or ()]
    if any(tag.split() != [tag] for tag in tags):
        say("spaces in its tags become _")
    return ["_".join(tag.split()) for tag in tags]


def _deck_name(category: str) -> str:
    parts = category.replace("//", "\0").split("/")
    return "::".join(part.replace("\0", "/").strip() for part in parts if part.strip())


def _with_media(html: str, pictures: Mapping[str, Picture]) -> str:
    return ASSET.sub(lambda found: _media_name(found[1], pictures) or found[0], html)


def _media_name(name: str, pictures: Mapping[str, Picture]) -> str:
    picture = pictures.get(name)
    return f"{name}{SUFFIXES.get(picture.media_type, '.png')}" if picture else ""


def _zipped(decks: list[Any], pictures: Mapping[str, Picture]) -> bytes:
    """The package, made in memory: nothing is written beside it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        cursor = connection.cursor()
        genanki.Package(decks).write_to_db(cursor, TIME, itertools.count(TIME * 1000))
        database = connection.serialize()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("collection.anki2"), database, zipfile.ZIP_DEFLATED)
        media = {str(place): _media_name(name, pictures) for place, name in enumerate(pictures)}
        package.writestr(zipfile.ZipInfo("media"), json.dumps(media))
        for place, picture in enumerate(pictures.values()):
            package.writestr(zipfile.ZipInfo(str(place)), picture.data)
    return target.getvalue()
