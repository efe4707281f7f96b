"""Importing with hostile hands: markup in every text on every page, two at once, and what is not theirs."""

import json
import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from lxml import html
from PIL import Image as Pillow
from sqlalchemy import func, select

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Image, PendingImport, Question, QuestionSet, Revision
from quizapp.formats import writable
from quizapp.services import imports
from quizapp.web.markup import IMAGES
from quizapp.web.teach import import_form, import_pages

PAYLOADS = (
    '<script>alert("canary")</script>',
    '<img src=x onerror=alert("canary")>',
    "<svg onload=alert(`canary`)><a xlink:href='javascript:canary'>x</a></svg>",
    "<a href='java\tscript:canary' onclick=canary>x</a>",
    "[x](javascript:canary) ![y](http://example.org/canary.png)",
    "<math><mtext><table><mglyph><style><img src=x onerror=canary></style></mglyph></table></mtext></math>",
    "<form action=//example.org><input name=csrf_token><button>canary</button></form>",
    "<iframe srcdoc='<script>canary</script>'></iframe><object data=canary></object><base href=//example.org>",
    "<style>*{background:url(//example.org/canary)}</style><link rel=stylesheet href=//example.org>",
    "\"><script>canary</script><p title='",
    "</textarea></title></select></option><script>canary</script>",
    "{{ 7*7 }}{% raw %}<%= canary %>${canary}",
)
MARKUPS = ("markdown", "html", "plain", "moodle")
FORBIDDEN = frozenset(
    {"iframe", "object", "embed", "base", "frame", "applet", "style", "meta-refresh", "math"}
)


@pytest.fixture
def on_one_database(app: Flask) -> None:
    """What a page shows does not depend on the database, and these tests ask for hundreds of pages."""
    if not database(app).is_sqlite:
        pytest.skip("what pages show is looked at once")


@pytest.fixture
def ines(app: Flask) -> people.Browser:
    return people.signed_in(app, "Ines", "instructor")


def database(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


def sent(browser: people.Browser, data: bytes, name: str = "file.json", **fields: str) -> Any:
    form = {"file": (BytesIO(data), name), "format": "", "topic": "unsorted", **fields}
    return browser.post("/teach/import", form, content_type="multipart/form-data")


def read(browser: people.Browser, data: bytes, name: str = "file.json", **fields: str) -> str:
    """Send a file; the address of what was read."""
    answer = sent(browser, data, name, **fields)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def fingerprint(page: str) -> str:
    found = re.search(r'name="fingerprint"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def kept(browser: people.Browser, address: str, **fields: str) -> Any:
    """Press the button that keeps what was read."""
    seen = fingerprint(browser.get(address).text)
    return browser.post(address, {"do": "save", "fingerprint": seen, "title": "", **fields})


def a_file(*documents: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"title": "Joins", **more, "questions": list(documents)}).encode()


def assert_harmless(page: str) -> None:
    """Nothing on a page runs, loads or sends anything but what this site put there."""
    root = html.document_fromstring(page)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in FORBIDDEN, html.tostring(element)[:200]
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), html.tostring(element)[:200]
            assert "style" not in name.lower() or "canary" not in value
            if name in ("href", "src", "action", "formaction", "data", "xlink:href", "srcset", "poster"):
                plain = re.sub(r"[\s\x00-\x1f]", "", value).lower()
                assert not plain.startswith(("javascript:", "data:text", "vbscript:", "//"))
                if element.tag not in ("a",):
                    assert "example.org" not in value
        if element.tag == "script":
            assert "canary" not in html.tostring(element).decode().lower()
        if element.tag == "link":
            assert "example.org" not in (element.get("href") or "")


def filled(value: Any, payload: str, markup: str, key: str = "") -> Any:
    """A document with a payload behind each of its texts."""
    if isinstance(value, dict):
        return {name: filled(each, payload, markup, name) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, payload, markup, key) for each in value]
    texts = {"stem", "explanation", "text", "feedback", "prompt", "match", "misconception", "title"}
    texts |= {
        "feedback_true",
        "feedback_false",
        "hints",
        "levels",
        "reason",
        "source",
        "model_answer",
    }
    return f"{value} {payload}" if isinstance(value, str) and key in texts else value


def hostile_documents(kind: str) -> list[dict[str, Any]]:
    """A question of a type for each payload and markup."""
    made = []
    for number, payload in enumerate(PAYLOADS):
        markup = MARKUPS[number % len(MARKUPS)]
        document = make.sample(kind)
        extra = {"explanation": "Because.", "hints": ["Think."], "tags": ["a"], "category": "a/b"}
        document = filled({**extra, **document}, payload, markup)
        name = f"{kind} {payload}"[:400]
        more = {"id": f"{kind.replace('_', '-')}-{number}", "name": name, "tags": [payload[:90]]}
        made.append({**document, **more, "category": payload.replace("/", "-")[:90], "markup": markup})
    return made


KINDS = (
    *("single_choice", "multiple_choice", "true_false", "short_text", "number", "matching", "ordering"),
    *("categorise", "matrix", "composite", "open_response", "information", "opaque", "line_select"),
)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_file_runs_on_any_page(app: Flask, ines: people.Browser, kind: str) -> None:
    documents = hostile_documents(kind)
    address = read(ines, a_file(*documents, title=PAYLOADS[0]), "<script>canary.json")
    for show in ("", "remarks", "opaque", "dropped", "<script>canary</script>"):
        assert_harmless(ines.get(address, query_string={"show": show}).text)
    answer = kept(ines, address, title=PAYLOADS[1])
    assert answer.status_code == 302, answer.text
    with database(app).reading() as session:
        uids = list(session.scalars(select(Question.uid)))
        set_id = session.scalars(select(QuestionSet.id)).one()
        assert len(uids) == len(documents)
    pages = ["/teach", "/teach/questions", "/teach/changes", f"/teach/sets/{set_id}"]
    pages += [f"/teach/sets/{set_id}/advice"]
    pages += [f"/teach/sets/{set_id}/export?format={key}" for key in writable()]
    for uid in uids:
        pages += [f"/teach/sets/{set_id}/preview/{uid}", f"/teach/sets/{set_id}/questions/{uid}/history"]
        pages += [f"/teach/sets/{set_id}/questions/{uid}/edit"]
    for page in pages:
        shown = ines.get(page)
        assert shown.status_code in (200, 302, 404), (page, shown.status_code)
        if page.endswith("/edit") or shown.status_code == 200:
            assert_harmless(shown.text)
    for key in writable():
        taken = ines.get(f"/teach/sets/{set_id}/export/file?format={key}")
        assert taken.status_code == 200, key
        assert taken.headers["Content-Disposition"].startswith("attachment; filename=")
        assert taken.mimetype != "text/html"
        assert taken.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("opaque",)])
def test_no_text_of_a_file_runs_for_a_learner(app: Flask, ines: people.Browser, kind: str) -> None:
    documents = hostile_documents(kind)
    kept(ines, read(ines, a_file(*documents)))
    with database(app).reading() as session:
        set_id = session.scalars(select(QuestionSet.id)).one()
    ines.post(f"/teach/sets/{set_id}/publish")
    with database(app).writing() as session:
        rows = session.scalars(select(Question).where(Question.type == kind).order_by(Question.id)).all()
        assert rows
        quiz = make.quiz(session, [row.uid for row in rows]).uid if kind != "information" else ""
    if not quiz:
        return  # nobody is asked a text
    learner = people.signed_in(app, "Lena", "learner")
    assert_harmless(learner.get(f"/quizzes/{quiz}").text)
    attempt = learner.post(f"/quizzes/{quiz}/start").location
    for position in range(1, len(rows) + 1):
        page = learner.get(f"{attempt}/questions/{position}")
        assert page.status_code == 200
        assert_harmless(page.text)
    assert_harmless(learner.get(f"{attempt}/summary").text)
    learner.post(f"{attempt}/submit")
    for end in ("result", "review"):
        shown = learner.get(f"{attempt}/{end}")
        assert shown.status_code == 200
        assert_harmless(shown.text)


FOREIGN = {
    "a.xml": "<quiz><question type='category'><category><text>{0}</text></category></question><question type='essay'>"
    "<name><text><![CDATA[{0}]]></text></name><questiontext format='html'><text><![CDATA[{0}]]></text>"
    "</questiontext></question><question type='{1}'><name><text><![CDATA[{0}]]></text></name></question></quiz>",
    "b.xml": "<questestinterop><assessment title='t'><section><item ident='i' title='{1}'><presentation><material>"
    "<mattext texttype='text/html'><![CDATA[{0}]]></mattext></material></presentation></item></section>"
    "</assessment></questestinterop>",
    "c.xml": "<problem display_name='{1}'><p>q</p><stringresponse answer='{1}'><label>{1}</label><textline/>"
    "</stringresponse></problem>",
    "d.txt": "::{0}::{0} {{={0} #{0} ~{0} #{0}}}\n",
    "e.txt": "{0}\nA. {0}\nB. b\nANSWER: A\n",
    "f.csv": "question,option 1,option 2,correct,{0}\n{0},{0},b,1,x\n",
    "g.csv": "first,{0}\n{0},b\n{0},{0}\n",
    "h.txt": "#separator:tab\n#html:true\n#deck:{0}\n{0}\t{0}\n",
    "i.txt": "Quiz title: {0}\n\n1. {0}\n*a) {0}\nb) b\n... {0}\n",
    "j.yaml": "title: t\n? {0}\n: b\nquestions:\n  - type: {0}\n    stem: {0}\n",
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("name", FOREIGN)
def test_no_text_of_another_systems_file_runs(app: Flask, ines: people.Browser, name: str) -> None:
    for payload in PAYLOADS[:6]:
        quoted = (
            payload.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("'", "&apos;")
        )
        text = FOREIGN[name].format(payload, quoted)
        address = read(ines, text.encode(), f"{payload[:9]}{name}")
        assert_harmless(ines.get(address).text)
        kept(ines, address)
    with database(app).reading() as session:
        rows = session.execute(select(Question.set_id, Question.uid)).all()
    for set_id, uid in rows[:30]:
        assert_harmless(ines.get(f"/teach/sets/{set_id}/preview/{uid}").text)
        assert_harmless(ines.get(f"/teach/sets/{set_id}").text)


# --- Names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\a.json",
        "a\x00b.json",
        "\u202egnp.exe\u202c.json",
        "x" * 10_000 + ".json",
        "\x1b[31m.json",
        "'; DROP TABLE question; --.json",
        ".",
        "/",
    ],
    ids=["up", "other system", "nul", "turned", "long", "terminal", "sql", "dot", "slash"],
)
def test_a_hostile_file_name_is_only_a_name(app: Flask, ines: people.Browser, name: str) -> None:
    address = read(ines, a_file(make.document("one")), name)
    page = ines.get(address)
    assert page.status_code == 200
    assert_harmless(page.text)
    assert kept(ines, address).status_code == 302
    with database(app).reading() as session:
        origin = session.scalars(select(QuestionSet.origin)).one()
    assert origin is not None
    assert ".." not in origin.split("/")
    assert len(origin) < 120
    assert origin.isprintable()


@pytest.mark.parametrize("title", ["a\0b", "\ud800", "x" * 10_000, "\r\nSet-Cookie: a=b", "\u202eabc", "   "])
def test_a_hostile_title_neither_breaks_the_database_nor_a_header(
    app: Flask, ines: people.Browser, title: str
) -> None:
    assert kept(ines, read(ines, a_file(make.document("one"), title=title))).status_code == 302
    with database(app).reading() as session:
        row = session.scalars(select(QuestionSet)).one()
    assert 0 < len(row.title) <= 200
    assert "\n" not in row.title
    taken = ines.get(f"/teach/sets/{row.id}/export/file?format=json")
    assert taken.status_code == 200
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]+\.json"', taken.headers["Content-Disposition"])


def test_thousands_of_remarks_make_a_page_that_can_be_read(ines: people.Browser) -> None:
    broken = [{"id": f"q{n}", "type": "no", "stem": f"x{n}", "y": 1} for n in range(2_500)]
    more = {f"field{n}": 1 for n in range(5_000)}
    address = read(ines, a_file(*broken, **more))
    page = ines.get(address).text
    assert len(page) < 4_000_000
    assert "more remarks like these" in page
    assert ines.get(f"{address}?page=25").status_code == 200
    for odd in ("0", "-1", "99999999999999999999", "x", "1e9"):
        assert ines.get(f"{address}?page={odd}").status_code == 200


# --- Twice, at once, and what is not theirs ----------------------------------------------------------------


def test_two_presses_at_once_keep_a_file_once(app: Flask, ines: people.Browser) -> None:
    address = read(ines, a_file(make.document("one"), make.document("two")))
    seen = fingerprint(ines.get(address).text)
    token = ines.token()
    form = {"csrf_token": token, "do": "save", "fingerprint": seen, "title": ""}

    def press(number: int) -> int:
        client = app.test_client()
        for cookie in cookies:
            client.set_cookie(cookie.key, cookie.value)
        return client.post(address, data=form).status_code

    cookies = [
        ines.client.get_cookie(name)
        for name in ("session", "quizapp_session")
        if ines.client.get_cookie(name)
    ]
    cookies = cookies or list(ines.client._cookies.values())
    with ThreadPoolExecutor(4) as together:
        answers = list(together.map(press, range(4)))

    assert 302 in answers
    assert set(answers) <= {200, 302, 404, 422, 503}, answers
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 1
        assert session.scalar(select(func.count()).select_from(Question)) == 2
        assert session.scalar(select(func.count()).select_from(Revision)) == 2
        assert session.scalar(select(func.count()).select_from(PendingImport)) == 0


def test_the_same_pictures_from_two_people_at_once_are_kept_once(app: Flask) -> None:
    target = BytesIO()
    Pillow.new("RGB", (9, 7), "navy").save(target, "PNG")
    name = sha256(target.getvalue()).hexdigest()
    pictures = {name: b64encode(target.getvalue()).decode()}
    everybody = [people.signed_in(app, f"Ines {n}", "instructor") for n in range(4)]
    addresses = []
    for number, who in enumerate(everybody):
        document = make.document(f"one-{number}", stem=f"![x](asset:{name})")
        addresses.append(read(who, a_file(document, images=pictures)))

    with ThreadPoolExecutor(4) as together:
        answers = list(together.map(kept, everybody, addresses))

    assert all(each.status_code in (200, 302, 503) for each in answers), [each.text for each in answers]
    for who, address, answer in zip(everybody, addresses, answers, strict=True):
        if answer.status_code != 302:
            assert kept(who, address).status_code == 302
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 1
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 4


def test_confirmed_twice_there_is_nothing_the_second_time(app: Flask, ines: people.Browser) -> None:
    address = read(ines, a_file(make.document("one")))
    assert kept(ines, address).status_code == 302
    assert ines.post(address, {"do": "save", "fingerprint": "x"}).status_code == 404
    assert ines.post(address, {"do": "forget"}).status_code == 404
    assert ines.post(address, {"do": "read"}).status_code == 404
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 1


def test_a_plan_that_another_import_overtook_is_not_carried_out(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, a_file(make.document("one"))))
    older = read(ines, a_file(make.document("one", stem="Older?")))
    seen = fingerprint(ines.get(older).text)
    kept(ines, read(ines, a_file(make.document("one", stem="Newer?"))))

    answer = ines.post(older, {"do": "save", "fingerprint": seen, "title": ""})

    assert "Look at what would happen again" in answer.text
    with database(app).reading() as session:
        assert session.scalar(select(func.max(Revision.number))) == 2


@pytest.mark.parametrize("do", ["save", "forget", "read", "", "delete", "<script>"])
def test_anothers_file_does_not_exist(app: Flask, ines: people.Browser, do: str) -> None:
    address = read(ines, a_file(make.document("one")))
    igor, lena = people.signed_in(app, "Igor", "instructor"), people.signed_in(app, "Lena", "learner")
    for who in (igor, lena):
        assert who.get(address).status_code in (403, 404)
        form = {"do": do, "fingerprint": "", "title": "", "format": "", "topic": "unsorted"}
        assert who.post(address, form).status_code in (403, 404)
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(PendingImport)) == 1
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 0


@pytest.mark.parametrize("wanted", ["x", "../1", "%00", "x" * 5_000, "'%20OR%201=1--"])
def test_made_up_files_do_not_exist(ines: people.Browser, wanted: str) -> None:
    assert ines.get(f"/teach/import/{wanted}").status_code in (404, 308)


def test_without_a_token_nothing_happens(app: Flask, ines: people.Browser) -> None:
    address = read(ines, a_file(make.document("one")))
    for path in ("/teach/import", address):
        form = {"do": "save", "file": (BytesIO(a_file()), "a.json")}
        assert ines.client.post(path, data=form).status_code == 400
        assert ines.client.post(path, json={"do": "save"}).status_code == 400
        assert ines.client.post(path, data=b"do=save", content_type="text/plain").status_code == 400
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 0
        assert session.scalar(select(func.count()).select_from(PendingImport)) == 1


def test_learners_and_strangers_reach_no_door(app: Flask, ines: people.Browser) -> None:
    kept(ines, read(ines, a_file(make.document("one"))))
    lena = people.signed_in(app, "Lena", "learner")
    for path in ("/teach/import", "/teach/sets/1/export", "/teach/sets/1/export/file?format=json"):
        assert lena.get(path).status_code in (403, 404)
        assert people.Browser(app).get(path).status_code in (302, 401)
    assert sent(lena, a_file()).status_code in (403, 404)


# --- Too large ---------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    app: Flask, ines: people.Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*anything: object) -> bytes:
        raise AssertionError("a child was started")

    monkeypatch.setattr(import_pages, "answer_of_child", never)
    lena = people.signed_in(app, "Lena", "learner")
    for who, size in ((ines, 80 * 1024 * 1024), (lena, 1024 * 1024)):
        answer = who.client.post(
            "/teach/import",
            environ_overrides={"CONTENT_LENGTH": str(size)},
            content_type="multipart/form-data; boundary=x",
            input_stream=BytesIO(b"--x"),
        )
        assert answer.status_code in (403, 404, 413)
    many = {f"field{number}": "x" for number in range(1_500)}
    assert sent(ines, b"{}", **many).status_code == 413
    monkeypatch.setattr(import_form, "MOST_BYTES", 100)
    answer = sent(ines, b"x" * 101)
    assert answer.status_code == 422
    assert "This file has more than" in answer.text


@pytest.mark.parametrize("field", ["format", "topic"])
@pytest.mark.parametrize("value", ["nonsense", "<script>", "x" * 10_000, "../../etc"])
def test_made_up_choices_are_refused(ines: people.Browser, field: str, value: str) -> None:
    answer = sent(ines, a_file(make.document("one")), **{field: value})
    assert answer.status_code == 422
    assert_harmless(answer.text)


def test_columns_that_were_not_offered_count_for_nothing(ines: people.Browser) -> None:
    address = read(ines, b"first,second\na,b\nc,d\n", "a.csv")
    form = {"do": "read", "format": "csv", "topic": "unsorted", "column-0": "<script>", "column-99": "stem"}
    answer = ines.post(address, form)
    assert answer.status_code == 302
    assert_harmless(ines.get(address).text)


# --- Pictures ----------------------------------------------------------------------------------------------


def test_nobody_chooses_what_others_see_under_the_name_of_a_picture(app: Flask, ines: people.Browser) -> None:
    def png(colour: str) -> bytes:
        target = BytesIO()
        Pillow.new("RGB", (9, 7), colour).save(target, "PNG")
        return target.getvalue()

    wanted = sha256(png("green")).hexdigest()
    document = make.document("one", stem=f"![x](asset:{wanted})")
    kept(ines, read(ines, a_file(document, images={wanted: b64encode(png("red")).decode()})))
    igor = people.signed_in(app, "Igor", "instructor")
    honest = make.document("two", stem=f"![x](asset:{wanted})")
    kept(igor, read(igor, a_file(honest, images={wanted: b64encode(png("green")).decode()})))

    shown = igor.get(f"{IMAGES}{wanted}")

    assert Pillow.open(BytesIO(shown.data)).convert("RGB").getpixel((1, 1)) == (0, 128, 0)


@pytest.mark.parametrize("kind", ["svg+xml", "html", "png"])
def test_active_content_is_never_served_as_a_picture(app: Flask, ines: people.Browser, kind: str) -> None:
    active = b"<svg xmlns='http://www.w3.org/2000/svg'><script>canary</script></svg>"
    address = f"data:image/{kind};base64,{b64encode(active).decode()}"
    document = make.document(
        "one", markup="html", stem=f'<img src="{address}"><object data="{address}">x</object>'
    )
    kept(ines, read(ines, a_file(document)))
    assert_harmless(ines.get("/teach/sets/1/preview/one").text)
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 0


def test_what_waits_is_what_was_read(app: Flask, ines: people.Browser) -> None:
    read(ines, a_file(make.document("one")), "a.json")
    with database(app).reading() as session:
        row = session.scalars(select(PendingImport)).one()
        assert imports.pending(session, ines.actor, row.id).data == row.data
