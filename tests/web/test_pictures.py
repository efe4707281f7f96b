"""Diagrams of answers: what is taken, what is refused, who sees them, and where they go."""

import re
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, PngImagePlugin
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import make
import people
from quizapp.db import migrations
from quizapp.db.engine import Database
from quizapp.db.models import Picture, Step
from quizapp.sandbox import pictures
from quizapp.services import backups, finishing, starting

TYPED = {"text-requirements": "A limit by customer.", "text-design": "Token buckets."}


def png(
    size: tuple[int, int] = (60, 40), *, colour: str = "navy", mode: str = "RGB", **options: Any
) -> bytes:
    target = BytesIO()
    Image.new(mode, size, colour).save(target, "PNG", **options)
    return target.getvalue()


def jpeg(size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "teal").save(target, "JPEG", **options)
    return target.getvalue()


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


def begin(who: people.Browser, **fields: Any) -> str:
    """An open attempt at a question that takes diagrams."""
    owner = fields.pop("owner", None)
    with who.app.extensions["quizapp_database"].writing() as session:
        plan = make.quiz(
            session,
            [
                row.uid
                for row in make.questions(session, [make.sample("open_response") | fields.pop("own", {})])
            ],
            owner=owner,
            **fields,
        )
        return starting.start_quiz(session, who.actor, plan.uid, now=who.app.config["CLOCK"]()).attempt_id


def send(
    who: people.Browser,
    attempt_id: str,
    data: bytes,
    name: str = "diagram.png",
    *,
    sequence: int = 0,
    **fields: Any,
) -> TestResponse:
    """What the page's form sends when “Add it” is pressed."""
    form = {"csrf_token": who.token(), "sequence": str(sequence), "action": "upload", **TYPED, **fields}
    # Encoded here, because the client would leave large files open.
    boundary, body = encode_multipart({**form, "picture": FileStorage(BytesIO(data), filename=name)})
    return who.client.post(
        f"/attempts/{attempt_id}/questions/1/images",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def question(who: people.Browser, attempt_id: str) -> str:
    return who.get(f"/attempts/{attempt_id}/questions/1").text


def images(who: people.Browser, attempt_id: str) -> list[str]:
    return re.findall(r'<img src="(/images/[^"]+)"', question(who, attempt_id))


def rows(database: Database, model: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_diagram_is_saved_together_with_what_was_typed(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    done = send(learner, attempt_id, png())

    assert done.location == f"/attempts/{attempt_id}/questions/1#picture"
    page = question(learner, attempt_id)
    assert "A limit by customer.</textarea>" in page
    assert len(images(learner, attempt_id)) == 1
    assert 'name="image-1"' in page
    shown = learner.get(images(learner, attempt_id)[0])
    assert shown.mimetype == "image/png"
    assert Image.open(BytesIO(shown.data)).size == (60, 40)


def test_the_page_sends_a_diagram_without_a_script(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    page = " ".join(question(learner, attempt_id).split())

    assert f'formaction="/attempts/{attempt_id}/questions/1/images"' in page
    assert 'formenctype="multipart/form-data"' in page
    assert 'name="picture" type="file" accept="image/png,image/jpeg"' in page


def test_a_diagram_is_served_to_be_looked_at_and_nothing_else(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, jpeg(), "photo.JPEG")
    shown = learner.get(images(learner, attempt_id)[0])

    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"] == 'inline; filename="diagram.jpeg"'
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in shown.headers["Vary"]
    again = learner.get(images(learner, attempt_id)[0], headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nobody_else_sees_a_diagram(
    learner: people.Browser,
    other_learner: people.Browser,
    instructor: people.Browser,
    visitor: people.Browser,
) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    (address,) = images(learner, attempt_id)

    assert other_learner.get(address).status_code == 404
    assert instructor.get(address).status_code == 404
    assert visitor.get(address).status_code == 302
    assert learner.get("/images/unknown").status_code == 404


def test_the_instructor_who_scores_sees_it_and_no_other(
    app: Flask, database: Database, learner: people.Browser, instructor: people.Browser
) -> None:
    attempt_id = begin(learner, owner=instructor.id, open_answers="instructor")
    send(learner, attempt_id, png())
    (address,) = images(learner, attempt_id)
    with database.writing() as session:
        finishing.submit(session, learner.id, attempt_id, now=app.config["CLOCK"]())

    assert address in instructor.get(f"/teach/scoring/{learner.id}/{attempt_id}/1").text
    assert instructor.get(address).mimetype == "image/png"
    assert people.signed_in(app, "Ivo", "instructor").get(address).status_code == 404
    assert address in learner.get(f"/attempts/{attempt_id}/review").text


def test_somebody_elses_diagram_in_an_answer_shows_nothing(
    learner: people.Browser, other_learner: people.Browser
) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    (address,) = images(learner, attempt_id)
    stolen = address.rpartition("/")[2]
    with other_learner.app.extensions["quizapp_database"].writing() as session:
        plan = make.quiz(session, ["sample-open-response"])
        clock = other_learner.app.config["CLOCK"]
        own = starting.start_quiz(session, other_learner.actor, plan.uid, now=clock()).attempt_id
    other_learner.post(f"/attempts/{own}/questions/1", {**TYPED, "sequence": "0", "image-1": stolen})

    assert images(other_learner, own) == [address]
    assert other_learner.get(address).status_code == 404


# What is refused

NOT_A_PICTURE = "Only PNG and JPEG pictures can be added."
BROKEN = "This picture is broken or not complete."
NOT_WHOLE = "This PNG is not complete, or more than a picture. Save it again, and try that."


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "diagram.png", "Choose a file first."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "diagram.svg", NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "diagram.png", NOT_A_PICTURE),
        (b"GIF89a" + b"\0" * 40, "diagram.gif", NOT_A_PICTURE),
        (png(), "diagram.gif", NOT_A_PICTURE),
        (png(), "diagram.png.html", NOT_A_PICTURE),
        (png(), "diagram", NOT_A_PICTURE),
        (png(), "diagram.jpg", "The file's name says JPEG, but it holds a PNG picture. Rename it."),
        (jpeg(), "diagram.png", "The file's name says PNG, but it holds a JPEG picture. Rename it."),
        (png()[:-15], "diagram.png", NOT_WHOLE),
        (png() + b"PK\x03\x04 an archive", "diagram.png", NOT_WHOLE),
        (pictures.PNG + b"\0" * 500, "diagram.png", NOT_WHOLE),
        (jpeg()[:200], "photo.jpg", BROKEN),
        (jpeg()[:-30], "photo.jpg", BROKEN),
        (pictures.JPEG + b"\0" * 500, "photo.jpg", BROKEN),
        (
            png((6000, 5000), colour="white", mode="1"),
            "diagram.png",
            "This picture has more than 25 million pixels. Make it smaller first.",
        ),
    ],
)
def test_what_is_no_plain_picture_is_refused_and_nothing_changes(
    database: Database, learner: people.Browser, data: bytes, name: str, words: str
) -> None:
    attempt_id = begin(learner)
    page = send(learner, attempt_id, data, name)

    assert page.status_code == 422
    assert words in page.text.replace("&#39;", "'")
    assert "A limit by customer.</textarea>" in page.text  # what was typed is still there
    assert "<title>Error: Q1 of 1" in page.text
    assert (rows(database, Picture), rows(database, Step)) == (0, 0)


def test_a_bomb_costs_a_child_and_no_server(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    page = send(learner, attempt_id, declared(60_000, 60_000))

    assert page.status_code == 422
    assert "25 million pixels" in page.text
    assert rows(database, Picture) == 0


def declared(width: int, height: int) -> bytes:
    """A small PNG that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return (
        pictures.PNG
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


def test_a_file_over_five_megabytes_is_refused_beside_its_field(
    database: Database, learner: people.Browser
) -> None:
    attempt_id = begin(learner)
    page = send(learner, attempt_id, png() + b"\0" * (5 * 1024 * 1024))
    assert page.status_code == 422
    assert "This file is larger than 5 MB." in page.text
    assert "A limit by customer.</textarea>" in page.text
    assert send(learner, attempt_id, b"\0" * (13 * 1024 * 1024)).status_code == 413
    assert rows(database, Step) == 0


def test_nothing_of_the_file_but_its_pixels_is_kept(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "my home address")
    exif = Image.Exif()
    exif[0x010F] = "a telling camera"
    send(learner, attempt_id, png(pnginfo=notes))
    send(learner, attempt_id, jpeg(exif=exif) + b"<script>alert(1)</script>", "photo.jpg", sequence=1)

    with database.reading() as session:
        kept = b"".join(session.scalars(select(Picture.data)))
    for secret in (b"my home address", b"a telling camera", b"<script>"):
        assert secret not in kept


def test_a_photo_stands_upright_and_a_large_one_is_made_smaller(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    send(learner, attempt_id, jpeg((3000, 1500), exif=exif), "photo.jpg")
    shown = learner.get(images(learner, attempt_id)[0])
    assert Image.open(BytesIO(shown.data)).size == (1000, 2000)


def test_what_can_be_seen_through_becomes_paper(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png(mode="RGBA", colour="#00000000"))
    shown = Image.open(BytesIO(learner.get(images(learner, attempt_id)[0]).data))
    assert shown.mode == "RGB"
    assert shown.getpixel((5, 5)) == (255, 255, 255)


# How many


def test_an_answer_holds_four_diagrams(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    kept: dict[str, str] = {}
    for number, colour in enumerate(("red", "green", "blue", "black")):
        assert send(learner, attempt_id, png(colour=colour), sequence=number, **kept).status_code == 302
        kept = {
            f"image-{n}": each.rpartition("/")[2] for n, each in enumerate(images(learner, attempt_id), 1)
        }
    page = send(learner, attempt_id, png(colour="white"), sequence=4, **kept)
    assert page.status_code == 422
    assert "An answer holds at most 4 diagrams." in page.text
    assert rows(database, Picture) == 4


def test_the_same_form_sent_twice_adds_one_diagram(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    for _ in range(2):
        assert send(learner, attempt_id, png()).status_code == 302
    assert (rows(database, Picture), rows(database, Step)) == (1, 1)
    assert len(images(learner, attempt_id)) == 1


def test_a_tick_taken_away_removes_a_diagram_and_it_can_be_added_again(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    assert "Take the tick away to remove it" in question(learner, attempt_id)
    learner.post(f"/attempts/{attempt_id}/questions/1", {**TYPED, "sequence": "1"})
    assert images(learner, attempt_id) == []
    send(learner, attempt_id, png(), sequence=2)
    assert len(images(learner, attempt_id)) == 1


def test_diagrams_that_were_taken_out_do_not_pile_up(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    for number in range(9):
        send(learner, attempt_id, png((20 + number, 20)), sequence=number)
    assert len(images(learner, attempt_id)) == 1
    assert rows(database, Picture) == 5


def test_a_learner_sends_sixty_an_hour(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    for _ in range(60):
        assert send(learner, attempt_id, b"").status_code == 422
    assert send(learner, attempt_id, png()).status_code == 429


def test_there_is_an_end_to_a_learners_room(
    database: Database, learner: people.Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quizapp.services.pictures.ROOM", 100)
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    page = send(learner, attempt_id, png(colour="red"), sequence=1)
    assert page.status_code == 422
    assert "take all the room there is" in page.text
    assert rows(database, Picture) == 1


# When and where


def test_a_stale_page_does_not_overwrite_a_newer_answer(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner)
    learner.post(f"/attempts/{attempt_id}/questions/1", {**TYPED, "text-design": "Newer.", "sequence": "0"})
    assert send(learner, attempt_id, png()).status_code == 409
    assert rows(database, Picture) == 0


def test_after_the_end_nothing_is_added(
    database: Database, learner: people.Browser, clock: people.Clock
) -> None:
    attempt_id = begin(learner)
    clock.forward(minutes=30)
    assert send(learner, attempt_id, png()).status_code == 302
    assert (rows(database, Picture), rows(database, Step)) == (0, 0)


def test_after_the_check_nothing_is_added(database: Database, learner: people.Browser) -> None:
    attempt_id = begin(learner, mode="practice")
    learner.post(f"/attempts/{attempt_id}/questions/1", {**TYPED, "sequence": "0", "action": "check"})
    assert send(learner, attempt_id, png(), sequence=1).status_code == 302
    assert rows(database, Picture) == 0


def test_a_question_that_takes_no_diagram_has_no_place_for_one(
    database: Database, learner: people.Browser
) -> None:
    attempt_id = begin(learner, own={"image": False})
    assert "Add a diagram" not in question(learner, attempt_id)
    assert send(learner, attempt_id, png()).status_code == 404
    assert rows(database, Picture) == 0


def test_nobody_adds_to_anothers_answer(
    database: Database, learner: people.Browser, other_learner: people.Browser, visitor: people.Browser
) -> None:
    attempt_id = begin(learner)
    assert send(other_learner, attempt_id, png()).status_code == 404
    forged = {**TYPED, "sequence": "0", "picture": (BytesIO(png()), "diagram.png")}
    path = f"/attempts/{attempt_id}/questions/1/images"
    assert learner.client.post(path, data=forged, content_type="multipart/form-data").status_code == 400
    assert learner.post(f"/attempts/{attempt_id}/questions/7/images", {"sequence": "0"}).status_code == 404
    assert send(visitor, attempt_id, png()).status_code == 302
    assert rows(database, Picture) == 0


def test_a_chosen_file_that_was_not_added_is_no_answer(learner: people.Browser) -> None:
    """Other buttons send the form without the file, and browsers put its name in its place."""
    attempt_id = begin(learner)
    done = learner.post(
        f"/attempts/{attempt_id}/questions/1", {**TYPED, "sequence": "0", "picture": "diagram.png"}
    )
    assert done.status_code == 302
    assert images(learner, attempt_id) == []


def test_a_backup_brings_diagrams_back(
    app: Flask, database: Database, learner: people.Browser, tmp_path: Path, clock: people.Clock
) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    backups.back_up(database, tmp_path / "all.zip", now=clock.at)
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    migrations.upgrade(fresh)
    backups.restore(fresh, tmp_path / "all.zip")
    with database.reading() as before, fresh.reading() as after:
        assert after.scalars(select(Picture.data)).one() == before.scalars(select(Picture.data)).one()
    fresh.dispose()


def test_the_copy_of_ones_data_holds_ones_diagrams(learner: people.Browser) -> None:
    attempt_id = begin(learner)
    send(learner, attempt_id, png())
    copy = learner.post("/account/export").json
    assert copy is not None
    (diagram,) = copy["diagrams"]
    assert diagram["attempt"] == attempt_id
    assert diagram["media_type"] == "image/png"
    assert diagram["data"].startswith("iVBOR")
