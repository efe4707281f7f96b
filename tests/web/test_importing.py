"""Importing and exporting in the browser, with honest and with hostile hands."""

import json
import re
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image as Pillow
from sqlalchemy import func, select

import make
import people
from quizapp.db.base import Base
from quizapp.db.models import Image, PendingImport, Question, QuestionSet, Revision
from quizapp.formats.quizapp_json import QuizappJson


@pytest.fixture
def ines(app: Flask) -> people.Browser:
    return people.signed_in(app, "Ines", "instructor")


def database(app):
    return app.extensions["quizapp_database"]


def counted(app) -> dict[str, int]:
    """How many rows each table holds."""
    with database(app).reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name != "rate_limit"
        }


def a_file(*documents, title="Joins", **more) -> bytes:
    return json.dumps({"title": title, **more, "questions": list(documents)}).encode()


def two() -> bytes:
    return a_file(make.document("one"), make.document("two", stem="Which two?"))


def read(browser, data: bytes, name="joins.json", **fields) -> str:
    """Send a file; the address of what was read."""
    sent = {"file": (BytesIO(data), name), "format": "", "topic": "unsorted", **fields}
    answer = browser.post("/teach/import", sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return answer.location


def kept(browser, address: str, **fields):
    """Press the button that keeps what was read; the answer."""
    page = browser.get(address).text
    fingerprint = re.search(r'name="fingerprint"[^>]*value="([^"]*)"', page)
    sent = {"do": "save", "fingerprint": fingerprint[1] if fingerprint else "", "title": "", **fields}
    return browser.post(address, sent)


def stems(app) -> list[str]:
    with database(app).reading() as session:
        statement = (
            select(Revision.document)
            .join(Question, (Question.id == Revision.question_id) & (Question.revision == Revision.number))
            .where(Question.status != "retired")
            .order_by(Question.position)
        )
        return [document["stem"] for document in session.scalars(statement)]


def test_a_file_is_shown_first_and_kept_by_a_second_press(app: Flask, ines: people.Browser) -> None:
    before = counted(app)
    address = read(ines, two())

    page = ines.get(address).text
    assert counted(app) == before | {"pending_import": 1}
    assert "Nothing is imported yet" in page
    assert "Which two?" in page
    answer = kept(ines, address)

    assert answer.status_code == 302
    assert stems(app) == ["Which structure does an ordinary index use?", "Which two?"]
    assert counted(app)["pending_import"] == 0
    with database(app).reading() as session:
        row = session.scalars(select(QuestionSet)).one()
        assert (row.title, row.status, row.origin, row.owner_id) == (
            "Joins",
            "draft",
            "json:joins.json",
            ines.id,
        )


def test_the_same_file_twice_changes_nothing(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    before = counted(app)

    address = read(ines, two())
    assert "already says exactly" in ines.get(address).text
    kept(ines, address)

    assert counted(app) == before


def test_the_same_file_under_another_name_changes_nothing(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    before = counted(app)

    kept(ines, read(ines, two(), "copy of joins.json"))

    assert counted(app) == before


def test_a_changed_file_updates_its_questions_as_new_revisions(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    newer = a_file(make.document("one", stem="Asked better?"), make.document("three", stem="A third?"))

    address = read(ines, newer)
    page = ines.get(address).text
    assert "updates your set" in page
    kept(ines, address)

    assert sorted(stems(app)) == ["A third?", "Asked better?"]
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 1
        changed = session.scalars(select(Question).where(Question.uid == "one")).one()
        assert changed.revision == 2
        assert session.scalars(select(Question).where(Question.uid == "two")).one().status == "retired"


def test_two_instructors_import_the_same_file_and_neither_touches_the_other(
    app: Flask, ines: people.Browser
) -> None:
    other = people.signed_in(app, "Igor", "instructor")
    kept(ines, read(ines, two()))
    kept(other, read(other, two()))
    kept(other, read(other, a_file(make.document("one", stem="Mine is other"))))

    with database(app).reading() as session:
        homes = {row.owner_id: row.id for row in session.scalars(select(QuestionSet))}
        assert set(homes) == {ines.id, other.id}
        own = session.scalars(select(Question).where(Question.set_id == homes[ines.id])).all()
        assert [(row.uid, row.revision, row.status) for row in own] == [
            ("one", 1, "draft"),
            ("two", 1, "draft"),
        ]


def test_a_broken_question_is_kept_and_told_and_the_others_come_over(
    app: Flask, ines: people.Browser
) -> None:
    broken = {"id": "broken", "type": "single_choice", "stem": "No key?", "options": [{"text": "a"}]}
    address = read(ines, a_file(make.document("one"), broken))

    page = ines.get(address).text
    assert "Kept, not askable" in page
    assert "cannot be asked here" in page
    assert "No key?" in ines.get(f"{address}?show=opaque").text
    assert "ordinary index" not in ines.get(f"{address}?show=opaque").text
    kept(ines, address)
    with database(app).reading() as session:
        types = {row.uid: row.type for row in session.scalars(select(Question))}
    assert types == {"one": "single_choice", "broken": "opaque"}


def test_a_file_of_no_format_is_told_and_cannot_be_kept(app: Flask, ines: people.Browser) -> None:
    address = read(ines, b"\x00\x01\x02 nothing", "photo.bin")

    page = ines.get(address).text
    assert "of no format that can be read here" in page
    assert 'value="save"' not in page
    assert kept(ines, address).status_code in (302, 422, 200)
    assert stems(app) == []


def test_names_and_texts_of_a_file_are_escaped(ines: people.Browser) -> None:
    hostile = make.document("x", stem="<script>alert(1)</script>", name="<img src=x onerror=alert(2)>")
    broken = {"type": "<b>essay</b>", "stem": "<script>alert(3)</script>", "id": "y"}
    address = read(ines, a_file(hostile, broken, title="<script>t</script>"), "<script>.json")

    page = ines.get(address).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>essay" not in page
    assert "<script>t" not in page


def test_nobody_else_sees_or_decides_about_a_file(app: Flask, ines: people.Browser) -> None:
    address = read(ines, two())
    before = counted(app)
    other = people.signed_in(app, "Igor", "instructor")
    learner = people.signed_in(app, "Lena", "learner")

    assert other.get(address).status_code == 404
    assert other.post(address, {"do": "save"}).status_code == 404
    assert other.post(address, {"do": "forget"}).status_code == 404
    assert learner.get(address).status_code in (403, 404)
    assert learner.get("/teach/import").status_code in (403, 404)
    assert people.Browser(app).get("/teach/import").status_code == 302
    assert {k: v for k, v in counted(app).items() if k not in ("account", "sign_in")} == {
        k: v for k, v in before.items() if k not in ("account", "sign_in")
    }


def test_only_the_plan_that_was_shown_is_carried_out(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    address = read(ines, a_file(make.document("one", stem="Newest?")))

    answer = kept(ines, address, fingerprint="of-another-time")

    assert "Look at what would happen again" in answer.text
    assert "Newest?" not in stems(app)


def test_a_file_can_be_let_go(app: Flask, ines: people.Browser) -> None:
    before = counted(app)
    address = read(ines, two())

    ines.post(address, {"do": "forget"})

    assert counted(app) == before
    assert ines.get(address).status_code == 404


def test_only_a_few_files_wait_at_once_and_none_longer_than_a_day(
    app: Flask, ines: people.Browser, clock
) -> None:
    for number in range(5):
        read(ines, two(), f"{number}.json")
        clock.forward(minutes=1)
    with database(app).reading() as session:
        assert sorted(session.scalars(select(PendingImport.file_name))) == ["2.json", "3.json", "4.json"]
    clock.forward(hours=25)
    ines = people.signed_in(app, "Igor", "instructor")
    read(ines, two(), "late.json")

    with database(app).reading() as session:
        assert list(session.scalars(select(PendingImport.file_name))) == ["late.json"]


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "This file is empty"), (None, "Choose a file first")], ids=["empty", "none"]
)
def test_without_a_file_it_is_said_beside_the_field(ines: people.Browser, data, words) -> None:
    sent = {"file": (BytesIO(data), "a.json")} if data is not None else {}
    answer = ines.post(
        "/teach/import", {"format": "", "topic": "unsorted", **sent}, content_type="multipart/form-data"
    )

    assert answer.status_code == 422
    assert words in answer.text


def test_the_topic_of_questions_that_name_none_can_be_chosen(app: Flask, ines: people.Browser) -> None:
    nameless = {name: value for name, value in make.document("one").items() if "topic" not in name}
    address = read(ines, a_file(nameless))
    kept(ines, address)

    with database(app).reading() as session:
        assert session.scalars(select(Question.topic)).one() == "unsorted"


def a_png() -> bytes:
    target = BytesIO()
    Pillow.new("RGB", (40, 30), "navy").save(target, "PNG")
    return target.getvalue()


def with_picture(data: bytes) -> bytes:
    from base64 import b64encode
    from hashlib import sha256

    name = sha256(data).hexdigest()
    document = make.document("one", stem=f"What does it show? ![A blue field](asset:{name})")
    return a_file(document, images={name: b64encode(data).decode()})


def test_pictures_come_along_and_are_shown_to_those_who_are_signed_in(
    app: Flask, ines: people.Browser
) -> None:
    kept(ines, read(ines, with_picture(a_png())))

    with database(app).reading() as session:
        row = session.scalars(select(Image)).one()
    answer = ines.get(f"/figures/{row.name}")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert people.Browser(app).get(f"/figures/{row.name}").status_code in (302, 401)
    assert ines.get(f"/figures/{'0' * 64}").status_code == 404
    assert ines.get("/figures/../../etc/passwd").status_code == 404


def test_a_picture_that_is_none_is_told_and_the_question_comes_over(app: Flask, ines: people.Browser) -> None:
    address = read(ines, with_picture(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"))

    assert "A picture is broken or not complete" in ines.get(address).text
    kept(ines, address)
    assert len(stems(app)) == 1
    assert counted(app)["image"] == 0


def test_an_exported_set_comes_back_as_the_same_with_its_pictures(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, with_picture(a_png())))
    with database(app).reading() as session:
        set_id = session.scalars(select(QuestionSet.id)).one()
    before = counted(app)
    exported = ines.get(f"/teach/sets/{set_id}/export/file?format=json")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="joins.json"'

    kept(ines, read(ines, exported.data, "back.json"))

    assert counted(app) == before
    assert json.loads(exported.data)["questions"][0]["stem"].startswith("What does it show?")


def test_an_export_says_first_what_it_cannot_carry(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    with database(app).reading() as session:
        set_id = session.scalars(select(QuestionSet.id)).one()

    assert "See what it carries" in ines.get(f"/teach/sets/{set_id}/export").text
    page = ines.get(f"/teach/sets/{set_id}/export?format=yaml").text
    assert "Everything in this set can be carried" in page
    assert ines.get(f"/teach/sets/{set_id}/export?format=nonsense").status_code == 200
    assert ines.get(f"/teach/sets/{set_id}/export/file?format=nonsense").status_code == 404


def test_nobody_exports_anothers_draft(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, two()))
    other = people.signed_in(app, "Igor", "instructor")
    learner = people.signed_in(app, "Lena", "learner")

    for path in ("/teach/sets/1/export", "/teach/sets/1/export/file?format=json"):
        assert other.get(path).status_code == 404
        assert learner.get(path).status_code in (403, 404)


def test_a_set_that_was_written_by_the_writer_is_recognised() -> None:
    written = QuizappJson.write("T", [make.document("one")], {})
    assert QuizappJson.recognises(written.data, "x.txt") > 50
