"""Packages of QTI: read with their tests, pictures and shared texts, and written so that they read the same."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from quizapp.domain.imports import Found, Import, Outcome, Reading, judge
from quizapp.formats import Picture, Written
from quizapp.formats.qti2 import Qti2
from quizapp.formats.quizapp_yaml import read_set_file

FILES = Path(__file__).parent / "files" / "qti2"
MANIFEST = '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="M"><resources>{}</resources></manifest>'
RESOURCE = '<resource identifier="{0}" type="imsqti_item_xmlv2p1" href="{1}">{2}<file href="{1}"/></resource>'


def png(shade: int = 0) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes([0, shade])))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def item(name: str, body: str = "", title: str = "") -> str:
    return (
        f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="{name}" title="{title or name}"'
        ' adaptive="false" timeDependent="false"><responseDeclaration identifier="RESPONSE" cardinality="single"'
        ' baseType="identifier"><correctResponse><value>A</value></correctResponse></responseDeclaration>'
        f'<itemBody><p>Which status? {body}</p><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">'
        '<simpleChoice identifier="A">200</simpleChoice><simpleChoice identifier="B">500</simpleChoice>'
        "</choiceInteraction></itemBody>"
        '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
        "</assessmentItem>"
    )


def packed(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def imported(data: bytes) -> Import:
    return judge(Qti2.read(data, "package.zip", {}), "package.zip")


def manifest(*resources: str) -> str:
    return MANIFEST.format("".join(resources))


def test_items_come_in_the_order_of_the_test_with_its_sections_and_title() -> None:
    test = (
        '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="T" title="HTTP"><testPart>'
        '<assessmentSection identifier="S1" title="Basics"><assessmentItemRef identifier="r2" href="items/two%20b.xml">'
        '<weight identifier="W" value="2.5"/></assessmentItemRef></assessmentSection>'
        '<assessmentSection identifier="S2" title="More"><assessmentSection identifier="S3" title="Caches">'
        '<assessmentItemRef identifier="r1" href="items/one.xml"/><assessmentItemRef identifier="x" href="items/x.xml"/>'
        "</assessmentSection></assessmentSection></testPart></assessmentTest>"
    )
    found = imported(
        packed(
            {
                "top/imsmanifest.xml": manifest(
                    RESOURCE.format("R1", "items/one.xml", ""),
                    RESOURCE.format("R2", "items/two%20b.xml", ""),
                    RESOURCE.format("R4", "items/gone.xml", ""),
                ),
                "top/test.xml": test,
                "top/items/one.xml": item("one"),
                "top/items/two b.xml": "\ufeff" + item("two"),
                "top/items/three.xml": item("three"),
            }
        )
    )

    assert [(each.name, each.member) for each in found.questions] == [
        ("two", "top/items/two b.xml"),
        ("one", "top/items/one.xml"),
        ("three", "top/items/three.xml"),
    ]
    assert found.title == "HTTP"
    assert [each.get("category", "") for each in found.documents] == ["Basics", "More/Caches", ""]
    assert found.documents[0]["origin"]["settings"]["weight"] == "2.5"
    assert [said.code for said in found.about_file] == ["missing_item", "missing_item"]


def test_keywords_of_the_manifest_are_tags() -> None:
    lom = (
        '<metadata><lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><keyword><string>caches</string></keyword>'
        "<keyword><string>http</string></keyword></general></lom></metadata>"
    )
    found = imported(
        packed({"imsmanifest.xml": manifest(RESOURCE.format("R", "one.xml", lom)), "one.xml": item("one")})
    )

    assert found.documents[0]["tags"] == ["caches", "http"]


def test_pictures_of_the_package_are_carried_and_shared_texts_stand_before_the_question() -> None:
    stimulus = (
        '<qti-assessment-stimulus xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="s" title="s">'
        "<qti-stimulus-body><p>A trace of one request.</p></qti-stimulus-body></qti-assessment-stimulus>"
    )
    reference = '<assessmentStimulusRef identifier="s" href="../shared/trace.xml"/>'
    body = '<img src="../images/a%20plan.png" alt=""/><img src="images/none.png" alt=""/>'
    text = item("one", body).replace("<itemBody>", f"{reference}<itemBody>")
    found = imported(
        packed(
            {
                "items/one.xml": text,
                "items/two.xml": item("two").replace(
                    "<itemBody>", reference.replace("trace", "gone") + "<itemBody>"
                ),
                "images/a plan.png": png(),
                "shared/trace.xml": stimulus,
            }
        )
    )
    name = hashlib.sha256(png()).hexdigest()

    assert found.images == {name: png()}
    stem = found.documents[0]["stem"]
    assert stem.startswith("<p>A trace of one request.</p>\n<p>Which status?")
    assert f'<img src="asset:{name}" alt=""/>' in stem
    assert {said.code for said in found.diagnostics} == {"missing_image", "stimulus"}


def test_a_broken_item_or_manifest_spoils_nothing_else() -> None:
    found = imported(
        packed({"imsmanifest.xml": "<manifest><resources>", "a.xml": item("a")[:300], "b.xml": item("b")})
    )

    assert [each.outcome for each in found.questions] == [Outcome.OPAQUE, Outcome.RECOVERED]
    assert [said.code for said in found.about_file] == ["manifest"]


def test_members_that_lead_out_and_archives_inside_are_told() -> None:
    found = imported(
        packed({"../evil.xml": item("evil"), "in.zip": packed({"a.xml": item("a")}), "b.xml": item("b")})
    )

    assert [each.name for each in found.questions] == ["b"]
    assert [said.code for said in found.about_file] == ["archive_member", "archive_member"]


def test_a_member_that_explodes_is_dropped_and_told() -> None:
    bomb = item("bomb", "x" * 30_000_000)

    found = imported(packed({"bomb.xml": bomb, "good.xml": item("good")}))

    assert [(each.member, each.outcome) for each in found.questions] == [
        ("bomb.xml", Outcome.DROPPED),
        ("good.xml", Outcome.RECOVERED),
    ]


def test_packages_are_recognised_by_what_is_in_them() -> None:
    plain = packed({"imsmanifest.xml": manifest(RESOURCE.format("R", "one.xml", "")), "one.xml": item("one")})
    bare = packed({"one.xml": item("one")})

    assert Qti2.recognises(plain, "a.bin") == 90
    assert Qti2.recognises(bare, "a.bin") == 75
    assert Qti2.recognises(packed({"a.txt": "hello"}), "a.zip") == 0
    assert Qti2.recognises(b"PK\x03\x04 broken", "a.zip") == 0
    assert [said.code for said in imported(b"PK\x03\x04 broken").about_file] == ["archive"]


def written(documents: Sequence[Mapping[str, Any]], pictures: Mapping[str, Picture] | None = None) -> Written:
    return Qti2.write("A set", documents, pictures or {})


def judged(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Documents as the one door leaves them."""
    reading = Reading("qti2", found=[Found("", 1, dict(document)) for document in documents])
    made = judge(reading, "set")
    assert made.count(Outcome.RECOVERED) == len(documents), made.diagnostics
    return made.documents


def limits(document: Mapping[str, Any]) -> str:
    return " | ".join(limit.message for limit in written([document]).limits)


HEAD: dict[str, Any] = {"id": "one", "topic": "databases", "markup": "html", "stem": "<p>Which?</p>"}


def test_what_qti_has_no_place_for_stands_beside_the_item() -> None:
    whole = {
        **HEAD,
        "type": "true_false",
        "answer": True,
        "subtopic": "databases.locks",
        "objective": "databases.locks.order",
        "level": "senior",
        "name": "Lock order",
        "category": "Locks/Deadlocks & more",
        "tags": ["locks", "a, b"],
        "hints": ["<p>Two hands.</p>", {"plain": "1 < 2"}],
        "references": [{"title": "Manual", "section": "13.3", "url": "https://example.org/locks"}],
        "as_of": "2026-11",
        "versions": ["PostgreSQL 17"],
        "points": 3,
        "explanation": "<p>Because of <em>order</em>.</p>",
        "origin": {"format": "moodle_xml", "id": "77", "settings": {"penalty": "0.1"}},
    }
    documents = judged([whole, {**HEAD, "id": "two", "type": "information", "category": "Other"}])

    out = written(documents)

    assert (out.suffix, out.media_type, out.limits) == (".zip", "application/zip", ())
    assert imported(out.data).documents == documents
    assert imported(out.data).title == "A set"


def test_an_item_of_qti_gets_its_own_name_back_and_an_opaque_one_every_byte() -> None:
    source = item("i-17").replace('adaptive="false"', 'adaptive="true"')
    before = imported(packed({"a.xml": source, "b.xml": item("i-18")}))

    out = written(before.documents)

    with zipfile.ZipFile(io.BytesIO(out.data)) as archive:
        assert archive.read("items/00001.xml").decode() == source
        assert 'identifier="i-18"' in archive.read("items/00002.xml").decode()
    assert out.limits == ()
    assert imported(out.data).documents == before.documents


def test_pictures_lie_in_the_package_and_a_missing_one_is_told() -> None:
    name = hashlib.sha256(png(9)).hexdigest()
    document = {**HEAD, "type": "information", "stem": f'<p><img src="asset:{name}" alt="A plan"/></p>'}

    out = written([document], {name: Picture("image/png", png(9))})

    again = imported(out.data)
    assert again.images == {name: png(9)}
    assert again.documents[0]["stem"] == document["stem"]
    assert "picture" in limits(document)


@pytest.mark.parametrize("path", sorted(make.SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_question_of_every_type_is_written_or_its_limit_is_told(path: Path) -> None:
    found, _ = read_set_file(path.read_bytes(), path.name)
    assert found is not None
    for question in found.questions:
        document = question.document()
        out = written([document])
        again = imported(out.data)
        left_out = [limit for limit in out.limits if limit.message.startswith("left out")]
        assert all(limit.question == question.id for limit in out.limits)
        assert len(again.questions) + len(left_out) == 1
        for each in again.questions:
            assert each.outcome is Outcome.RECOVERED, each.diagnostics
            assert each.document is not None
            assert each.document["type"] == document["type"]
            assert out.limits, "Markdown becomes HTML, and that is a limit"


def test_variants_are_written_as_one_draw() -> None:
    document = {
        **HEAD,
        "type": "number",
        "markup": "markdown",
        "variants": {"parameters": {"n": {"from": 2, "to": 90}}},
        "stem": "Double {{n}}.",
        "answer": "= 2 * n",
    }
    [question] = imported(written([document]).data).documents

    assert "{{" not in question["stem"]
    assert "one draw" in limits(document)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"type": "short_text", "answers": [{"text": "index*"}]}, "left out: its answers are patterns"),
        ({"type": "short_text", "answers": [{"text": "a"}, {"text": "b*"}]}, "wildcards"),
        ({"type": "number", "answer": 3, "unit": "MB", "unit_required": True}, "a unit has to be given"),
        (
            {
                "type": "multiple_choice",
                "marking": "per_option",
                "options": [{"text": "a", "key": True}, {"text": "b"}],
            },
            "right minus wrong",
        ),
        ({"type": "ordering", "items": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}, "nearly right"),
        (
            {"type": "opaque", "kind": "x", "source": "x", "origin": {"format": "gift"}},
            "left out: it comes from",
        ),
    ],
)
def test_what_cannot_be_carried_is_said_of_each_question(fields: dict[str, Any], said: str) -> None:
    assert said in limits({**HEAD, **fields})


def test_packages_of_the_same_questions_are_the_same_bytes() -> None:
    document = {**HEAD, "type": "true_false", "answer": False}

    assert written([document]).data == written([document]).data


WORDS = st.sampled_from(["lock", "row & page", "a < b", "index", "é", "100 %", "“quoted”", "x=y;", "wal"])
PIECE = st.builds(
    lambda tag, words: f"<{tag}>{escape(words, quote=False)}</{tag}>" if tag else escape(words, quote=False),
    st.sampled_from(["", "em", "code", "b", "sub"]),
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
)
LINE = st.lists(PIECE, min_size=1, max_size=3).map(" ".join)
HTML = st.one_of(
    LINE,
    st.lists(LINE, min_size=1, max_size=2).map(lambda each: "<p>" + "</p>\n<p>".join(each) + "<br/>z</p>"),
)
PLAIN = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: {"plain": "\n".join(words)})
TEXT = st.one_of(HTML, PLAIN)
CREDIT = st.sampled_from(["0.25", "0.3333333", "0.5"])


def listed(draw: st.DrawFn, least: int, most: int) -> list[Any]:
    """Texts that do not say the same."""
    texts = draw(st.lists(TEXT, min_size=least, max_size=most))
    return [
        {"plain": f"{number} {text['plain']}"} if isinstance(text, dict) else f"{number} {text}"
        for number, text in enumerate(texts)
    ]


def maybe(draw: st.DrawFn, fields: dict[str, Any], name: str, value: st.SearchStrategy[Any]) -> None:
    if draw(st.booleans()):
        fields[name] = draw(value)


def single(draw: st.DrawFn) -> dict[str, Any]:
    options = [{"text": text} for text in listed(draw, 2, 6)]
    key = draw(st.integers(0, len(options) - 1))
    for number, option in enumerate(options):
        if number == key:
            option["key"] = True
        else:
            maybe(draw, option, "credit", CREDIT)
        maybe(draw, option, "feedback", TEXT)
    return {"type": "single_choice", "options": options}


def several(draw: st.DrawFn) -> dict[str, Any]:
    options = [{"text": text} for text in listed(draw, 3, 10)]
    marking = draw(st.sampled_from(["weighted", "all_or_nothing", "right_minus_wrong"]))
    keys = draw(st.integers(1, len(options) - 1))
    for number, option in enumerate(options):
        if number < keys:
            option["key"] = True
        if marking == "weighted" and number < keys:
            option["credit"] = f"{round(1 / keys, 7):.7f}".rstrip("0").rstrip(".")
        elif marking == "weighted":
            maybe(draw, option, "credit", st.sampled_from(["-0.25", "-0.5", "-1"]))
        maybe(draw, option, "feedback", TEXT)
    return {"type": "multiple_choice", "options": options, "marking": marking}


def statement(draw: st.DrawFn) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": "true_false", "answer": draw(st.booleans())}
    maybe(draw, fields, "feedback_true", TEXT)
    maybe(draw, fields, "feedback_false", TEXT)
    return fields


def short(draw: st.DrawFn) -> dict[str, Any]:
    words = draw(st.lists(WORDS, min_size=1, max_size=4, unique_by=str.casefold))
    answers: list[dict[str, Any]] = [{"text": word} for word in words]
    for answer in answers[1:]:
        maybe(draw, answer, "credit", CREDIT)
    for answer in answers:
        maybe(draw, answer, "feedback", TEXT)
    fields: dict[str, Any] = {"type": "short_text", "answers": answers}
    mistakes = [
        {"text": f"not {word}", "feedback": draw(TEXT)}
        for word in draw(st.lists(WORDS, max_size=2, unique=True))
    ]
    if draw(st.booleans()):
        mistakes.append({"text": "*", "feedback": draw(TEXT)})
    if mistakes:
        fields["mistakes"] = mistakes
    # A text without letters is the same in any case.
    if draw(st.booleans()) and any(letter.isalpha() for letter in "".join(words)):
        fields["case_sensitive"] = True
    return fields


def tolerance(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["none", "absolute", "relative"]))
    return {} if kind == "none" else {kind: draw(st.sampled_from(["0.01", "0.05"]))}


def number(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(st.sampled_from(["7", "-3.5", "1200", "0.25"]))
    fields: dict[str, Any] = {"type": "number", "answer": value, "tolerance": tolerance(draw)}
    maybe(draw, fields, "feedback", TEXT)
    maybe(draw, fields, "unit", st.just("MB"))
    maybe(draw, fields, "otherwise", TEXT)
    accepted = {"value": "5000", "tolerance": tolerance(draw)}
    maybe(draw, accepted, "credit", CREDIT)
    maybe(draw, accepted, "feedback", TEXT)
    if draw(st.booleans()):
        fields["accepted"] = [accepted]
    if draw(st.booleans()):
        fields["mistakes"] = [{"value": "9000", "feedback": draw(TEXT)}]
    return fields


def matching(draw: st.DrawFn) -> dict[str, Any]:
    texts = listed(draw, 5, 12)
    middle = len(texts) // 2
    pairs = [{"prompt": a, "match": b} for a, b in zip(texts[:middle], texts[middle:], strict=False)]
    rest = [{"text": text} for text in texts[2 * middle :]]
    return {"type": "matching", "pairs": pairs, **({"distractors": rest} if rest else {})}


def ordering(draw: st.DrawFn) -> dict[str, Any]:
    return {"type": "ordering", "items": [{"text": text} for text in listed(draw, 3, 7)]}


def matrix(draw: st.DrawFn) -> dict[str, Any]:
    columns = ["reads", "writes & more", "neither"]
    rows = [
        {"text": text, "key": columns[number % 3] if number else columns[:2]}
        for number, text in enumerate(listed(draw, 2, 5))
    ]
    marking = {"marking": "all_or_nothing"} if draw(st.booleans()) else {}
    return {"type": "matrix", "columns": columns, "rows": rows, "multiple": True, **marking}


def categorise(draw: st.DrawFn) -> dict[str, Any]:
    names = ["retry", "give up", "ask"]
    items = [{"text": text, "bin": names[number % 2]} for number, text in enumerate(listed(draw, 2, 5))]
    if draw(st.booleans()):
        items[0]["also"] = ["ask"]
    return {"type": "categorise", "bins": [{"name": name} for name in names], "items": items}


PARTS = (single, several, statement, short, number, matching, ordering)


def composite(draw: st.DrawFn) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    text = ""
    for place in range(draw(st.integers(2, 4))):
        part = {"id": f"part{place}"} | draw(st.sampled_from(PARTS))(draw)
        inline = part["type"] in ("short_text", "number") and draw(st.booleans())
        if inline:
            text += f"<p>see [[{part['id']}]] there</p>"
        else:
            part["prompt"] = draw(TEXT)
        maybe(draw, part, "explanation", HTML)
        if place:
            maybe(draw, part, "weight", st.sampled_from([2, 3]))
        parts.append(part)
    return {"type": "composite", "parts": parts, **({"text": text} if text else {})}


BODIES = (*PARTS, matrix, categorise, composite)


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for place in range(draw(st.integers(1, 3))):
        fields = draw(st.sampled_from(BODIES))(draw)
        head = {
            **HEAD,
            "id": f"q-{place}",
            "stem": draw(TEXT),
            "points": draw(st.sampled_from([1, 2, 3, 10])),
        }
        maybe(draw, head, "explanation", TEXT)
        maybe(draw, head, "name", st.sampled_from(["A  name", "Locks & <rows>"]))
        maybe(draw, head, "category", st.sampled_from(["a/b", "Ü & more"]))
        maybe(draw, head, "tags", st.lists(WORDS, min_size=1, max_size=2, unique=True))
        maybe(draw, head, "hints", st.lists(TEXT, min_size=1, max_size=2))
        made.append({**head, **fields})
    return made


@settings(max_examples=150, deadline=None)
@given(documents())
def test_what_is_written_reads_the_same(documents: list[dict[str, Any]]) -> None:
    expected = judged(documents)

    again = imported(written(expected).data)

    assert again.documents == expected
    assert [said for said in again.diagnostics if said.severity != "info"] == []


def test_a_damaged_package_raises_nothing_and_tells() -> None:
    data = written([{**HEAD, "type": "true_false", "answer": True}]).data
    random = Random(3)
    for point in range(20):
        found = imported(data[: len(data) * point // 20])
        assert found.questions == ()
        assert found.about_file
    for _ in range(60):
        flipped = bytearray(data)
        for _ in range(4):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        found = imported(bytes(flipped))
        assert len(found.questions) == sum(found.count(outcome) for outcome in Outcome)
        assert found.count(Outcome.RECOVERED) == 1 or found.diagnostics
