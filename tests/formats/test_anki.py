"""Anki: packages of every generation, hostile databases, notes as text, and packages that we write."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from quizapp.domain.imports import Action, Found, Import, Outcome, Reading, judge
from quizapp.formats import Picture, detected
from quizapp.formats.anki import Anki, AnkiText
from quizapp.formats.anki.cloze import Gap, pieces_of
from quizapp.formats.anki.protobuf import BadMessage, fields_of
from quizapp.formats.anki.templates import rendered

NOTES = Path(__file__).parent / "files" / "anki" / "notes.txt"
SHARED = Path(__file__).parents[3] / "shared" / "formats"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
BASIC: dict[str, Any] = {
    "name": "Basic",
    "type": 0,
    "flds": [{"name": "Front"}, {"name": "Back"}, {"name": "Notes"}],
    "tmpls": [{"name": "Card 1", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}],
}
TYPED = BASIC | {
    "name": "Typed",
    "tmpls": [
        {
            "name": "C",
            "qfmt": "{{Front}}{{type:Back}}",
            "afmt": "{{Front}}<hr id=answer>{{type:Back}}{{Notes}}",
        }
    ],
}
REVERSED = BASIC | {
    "name": "Reversed",
    "tmpls": [
        *BASIC["tmpls"],
        {"name": "Card 2", "qfmt": "{{Back}}", "afmt": "{{FrontSide}}<hr id=answer>{{Front}}"},
    ],
}
CLOZE = {
    "name": "Cloze",
    "type": 1,
    "flds": [{"name": "Text"}, {"name": "Extra"}],
    "tmpls": [{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}<br>{{Extra}}"}],
}
SCHEMA = """
CREATE TABLE col (id integer primary key, models text, decks text);
CREATE TABLE notes (id integer primary key, guid text, mid integer, tags text, flds text);
CREATE TABLE cards (id integer primary key, nid integer, did integer, odid integer, ord integer);
"""
NEW_SCHEMA = """
CREATE TABLE notetypes (id integer primary key, name text COLLATE unicase, config blob);
CREATE TABLE fields (ntid integer, ord integer, name text COLLATE unicase, PRIMARY KEY (ntid, ord)) without rowid;
CREATE TABLE templates (ntid integer, ord integer, name text COLLATE unicase, config blob,
  PRIMARY KEY (ntid, ord)) without rowid;
CREATE TABLE decks (id integer primary key, name text COLLATE unicase);
"""
Note = tuple[dict[str, Any], list[str]]


def database(
    notes: list[Note], *, new: bool = False, tags: str = " http verbs ", deck: str = "A::B/C", extra: str = ""
) -> bytes:
    """A collection as Anki keeps it, as far as anything of it is read."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        connection.executescript(SCHEMA + (NEW_SCHEMA if new else ""))
        kinds = {str(100 + number): kind for number, (kind, _) in enumerate(notes)}
        decks = {"1": {"name": "Default"}, "2": {"name": deck}}
        said = ("", "") if new else (json.dumps(kinds), json.dumps(decks))
        connection.execute("INSERT INTO col VALUES (1, ?, ?)", said)
        for key, kind in kinds.items() if new else ():
            connection.execute(
                "INSERT INTO notetypes VALUES (?, ?, ?)", (key, kind["name"], bytes([8, kind["type"]]))
            )
            for place, each in enumerate(kind["flds"]):
                connection.execute("INSERT INTO fields VALUES (?, ?, ?)", (key, place, each["name"]))
            for place, each in enumerate(kind["tmpls"]):
                config = message(1, each["qfmt"].encode()) + message(2, each["afmt"].encode())
                connection.execute(
                    "INSERT INTO templates VALUES (?, ?, ?, ?)", (key, place, each["name"], config)
                )
        if new:
            connection.execute("INSERT INTO decks VALUES (2, ?)", (deck.replace("::", "\x1f"),))
        for number, (key, (kind, values)) in enumerate(zip(kinds, notes, strict=True), start=1):
            connection.execute(
                "INSERT INTO notes VALUES (?, ?, ?, ?, ?)",
                (number, f"g{number}", int(key), tags, "\x1f".join(values)),
            )
            for place in range(len(kind["tmpls"])):
                connection.execute(
                    "INSERT INTO cards (nid, did, odid, ord) VALUES (?, 2, 0, ?)", (number, place)
                )
        connection.executescript(extra)
        connection.commit()
        data = connection.serialize()
    # Anki itself leaves the mark of a log beside the file.
    return data[:18] + b"\x02\x02" + data[20:] if new else data


def message(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    tag = number << 3 | 2
    return (
        (bytes([tag]) if tag < 0x80 else bytes([tag & 0x7F | 0x80, tag >> 7]))
        + length
        + bytes([size])
        + content
    )


def package(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def legacy(notes: list[Note], media: dict[str, bytes] | None = None, **more: Any) -> bytes:
    listed = {str(place): name for place, name in enumerate(media or {})}
    files = {str(place): data for place, data in enumerate((media or {}).values())}
    return package(
        {"collection.anki2": database(notes, **more), "media": json.dumps(listed).encode(), **files}
    )


def modern(notes: list[Note], media: dict[str, bytes] | None = None, **more: Any) -> bytes:
    compress = zstandard.ZstdCompressor().compress
    stub = database([(BASIC, ["Please update to the latest Anki version", ""])])
    entries = b"".join(message(1, message(1, name.encode())) for name in media or {})
    return package(
        {
            "meta": b"\x08\x03",
            "collection.anki2": stub,
            "collection.anki21b": compress(database(notes, new=True, **more)),
            "media": compress(entries),
            **{str(place): compress(data) for place, data in enumerate((media or {}).values())},
        }
    )


def read(data: bytes, name: str = "deck.apkg") -> Import:
    return judge(Anki.read(data, name, {}), name)


def text(content: str) -> Import:
    return judge(AnkiText.read(content.encode(), "notes.txt", {}), "notes.txt")


def only(found: Import) -> dict[str, Any]:
    [question] = found.questions
    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert question.document is not None
    return question.document


def codes(found: Import) -> list[str]:
    return [each.code for each in found.diagnostics]


both = pytest.mark.parametrize("made", [legacy, modern], ids=["legacy", "modern"])


class TestNotes:
    @both
    def test_a_note_is_a_card_to_turn_over(self, made: Any) -> None:
        found = only(read(made([(BASIC, ["Which verb <b>replaces</b>?", "PUT", ""])])))

        assert (found["type"], found["markup"]) == ("open_response", "html")
        assert (found["stem"], found["model_answer"]) == ("Which verb <b>replaces</b>?", "PUT")
        assert found["rubric"][0]["levels"] == ["Not recalled", "Partly", "Recalled"]
        assert (found["category"], found["tags"]) == ("A/B//C", ["http", "verbs"])
        assert found["origin"] == {"format": "anki", "id": "g1", "settings": {"notetype": "Basic"}}

    @both
    def test_a_card_that_is_typed_is_a_short_answer(self, made: Any) -> None:
        found = only(read(made([(TYPED, ["Which files?", "*.py", "<i>Globbing.</i>"])])))

        assert (found["type"], found["answers"]) == ("short_text", [{"text": "\\*.py"}])
        assert (found["stem"], found["explanation"]) == ("Which files?", "<i>Globbing.</i>")

    def test_what_cannot_well_be_typed_is_turned_over(self) -> None:
        found = read(legacy([(TYPED, ["Draw it.", '<img src="x.png">', ""])], {"x.png": PNG}))

        assert only(found)["type"] == "open_response"
        assert codes(found) == ["typed"]

    @both
    def test_gaps_are_typed_into(self, made: Any) -> None:
        found = read(
            made([(CLOZE, ["A {{c1::B-tree::structure}} keeps an {{c2::<b>order</b>}}.", "From the book."])])
        )
        document = only(found)

        assert document["text"] == "A [[c1]] (structure) keeps an [[c2]]."
        assert [part["answers"] for part in document["parts"]] == [[{"text": "B-tree"}], [{"text": "order"}]]
        assert document["explanation"] == "From the book."
        assert codes(found) == ["cloze"]

    def test_a_gap_may_occur_twice_and_brackets_stay_brackets(self) -> None:
        document = only(read(legacy([(CLOZE, ["{{c1::a}} [[c1]] {{c1::b}}", ""])])))

        assert document["text"] == "[[c1]] &#91;[c1]] [[c1-2]]"
        assert [part["id"] for part in document["parts"]] == ["c1", "c1-2"]

    @pytest.mark.parametrize(
        "content",
        [
            '{{c1::<img src="x.png">}} it',
            "{{c1::" + "long " * 30 + "}}",
            r"\( x = {{c1::2}} \)",
            r"It is {{c1::\(x\)}}",
            "".join(f"{{{{c{n}::a{n}}}}}" for n in range(1, 70)),
        ],
    )
    def test_gaps_that_cannot_be_typed_make_a_card(self, content: str) -> None:
        found = read(legacy([(CLOZE, [content, ""])], {"x.png": PNG}))

        assert only(found)["type"] == "open_response"
        assert codes(found) == ["cloze"]
        assert "[…]" in only(found)["stem"]

    def test_a_note_for_gaps_without_any_is_a_card(self) -> None:
        assert only(read(legacy([(CLOZE, ["No gap.", "Extra"])])))["type"] == "open_response"

    def test_a_reversed_note_is_one_question(self) -> None:
        found = read(legacy([(REVERSED, ["SSH", "22", ""])]))

        assert (only(found)["stem"], codes(found)) == ("SSH", ["cards"])

    def test_a_field_that_no_card_shows_is_kept(self) -> None:
        assert only(read(legacy([(BASIC, ["Q", "A", "mine"])])))["origin"]["settings"]["Notes"] == "mine"

    def test_sounds_are_told(self) -> None:
        found = read(legacy([(BASIC, ["[sound:a.mp3]", "", ""])]))

        assert only(found)["stem"] == "[sound:a.mp3]"
        assert [(d.code, d.action) for d in found.diagnostics] == [("sound", Action.DROPPED)]

    def test_parts_of_pictures_cannot_be_asked(self) -> None:
        kind = CLOZE | {
            "tmpls": [{"name": "C", "qfmt": '<div id="image-occlusion">{{cloze:Text}}</div>', "afmt": ""}]
        }
        found = read(legacy([(kind, ["{{c1::image-occlusion:rect}}", ""])]))

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE]
        assert codes(found) == ["kind"]

    def test_an_empty_note_is_kept(self) -> None:
        found = read(legacy([(BASIC, ["", "", ""])]))

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE]
        assert codes(found) == ["empty"]

    @both
    def test_pictures_are_carried(self, made: Any) -> None:
        found = read(
            made(
                [(BASIC, ['<img src="a%20b.png">', '<img src="gone.png"><img src="//x.org/y.png">', ""])],
                {"a b.png": PNG},
            )
        )

        [name] = found.images
        assert only(found)["stem"] == f'<img src="asset:{name}">'
        assert codes(found) == ["missing_image", "remote_image"]


class TestPackages:
    def test_the_newest_collection_counts_and_never_the_stub(self) -> None:
        found = read(modern([(BASIC, ["Real", "", ""])]))

        assert only(found)["stem"] == "Real"
        assert found.questions[0].member == "collection.anki21b"

    def test_a_package_is_known_by_what_is_in_it(self) -> None:
        assert detected(legacy([(BASIC, ["Q", "A", ""])]), "file.zip") == "anki"

    def test_kinds_of_notes_that_are_missing_cost_nothing_but_their_names(self) -> None:
        broken = legacy([(BASIC, ["Q", "A", ""])], extra="UPDATE col SET models = '{';")
        found = read(broken)

        assert (only(found)["stem"], only(found)["model_answer"]) == ("Q", "A<br>")
        assert codes(found) == ["damaged"]

    @pytest.mark.parametrize(
        "members",
        [
            {"media": b"{}"},
            {"collection.anki2": b"no database"},
            {"collection.anki21b": b"\x28\xb5\x2f\xfdbroken"},
            {"collection.anki2": b"SQLite format 3\0" + b"\0" * 200},
            {"collection.anki2": b""},
        ],
    )
    def test_what_cannot_be_opened_is_told(self, members: dict[str, bytes]) -> None:
        found = read(package(members))

        assert found.questions == ()
        assert {each.action for each in found.diagnostics} == {Action.DROPPED}

    @pytest.mark.parametrize("media", [b"{", b"\x0a\xff", b"[1]", b"\xff" * 30])
    def test_a_broken_list_of_pictures_costs_pictures_only(self, media: bytes) -> None:
        data = package({"collection.anki2": database([(BASIC, ["Q", "A", ""])]), "media": media})

        assert only(read(data))["stem"] == "Q"

    def test_a_bomb_is_refused(self) -> None:
        bomb = zstandard.ZstdCompressor().compress(b"\0" * 300_000_000)
        found = read(package({"collection.anki21b": bomb}))

        assert (found.questions, codes(found)) == ((), ["collection"])

    @pytest.mark.parametrize(
        "trap",
        [
            "DROP TABLE notes; CREATE VIEW notes AS WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c)"
            " SELECT x AS id, 'g' AS guid, 1 AS mid, '' AS tags, 'x' AS flds FROM c;",
            "DROP TABLE notes; CREATE VIEW notes AS SELECT 1 AS id, sql AS guid, 1 AS mid, '' AS tags, '' AS flds"
            " FROM sqlite_master;",
            "DROP TABLE notes; CREATE TABLE notes (id, guid, mid, tags, flds AS (hex(zeroblob(100000000))));"
            " INSERT INTO notes (id) VALUES (1);",
            "DROP TABLE cards;",
            "DROP TABLE col;",
        ],
    )
    def test_a_database_with_a_trap_is_read_without_stepping_into_it(self, trap: str) -> None:
        found = read(legacy([(BASIC, ["Q", "A", ""])], extra=trap))

        assert all(
            each.action in (Action.DROPPED, Action.APPROXIMATED, Action.KEPT) for each in found.diagnostics
        )
        assert any(each.severity == "error" for each in found.diagnostics)
        assert len(found.questions) <= 1

    def test_a_cut_or_flipped_package_is_told(self) -> None:
        for made in (legacy, modern):
            data = made([(BASIC, ["Q", "A", ""]), (CLOZE, ["{{c1::x}} y", ""])])
            spoilt = [data[: max(4, len(data) * part // 20)] for part in range(20)]
            spoilt += [
                data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :] for at in range(0, len(data), 37)
            ]
            for each in spoilt:
                found = read(each)
                assert found.questions or found.diagnostics
                assert all(said.line >= 1 for said in found.diagnostics)

    def test_a_flipped_database_gives_up_only_what_is_broken(self) -> None:
        data = database([(BASIC, [f"Question {n}", "Answer", ""]) for n in range(200)])
        for at in range(100, len(data), 2_503):
            found = read(package({"collection.anki2": data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]}))
            assert found.questions or found.diagnostics


class TestText:
    def test_an_export_has_headers_and_notes(self) -> None:
        found = judge(AnkiText.read(NOTES.read_bytes(), "notes.txt", {}), "notes.txt")

        assert [each["type"] for each in found.documents] == [
            "open_response",
            "open_response",
            "composite",
        ]
        first, second, third = found.documents
        assert (first["category"], first["tags"]) == ("HTTP/Verbs", ["http", "verbs"])
        assert first["origin"] == {"format": "anki_text", "id": "A1", "settings": {"notetype": "Basic"}}
        assert second["stem"] == 'Which code means\n"gone"?'
        assert third["text"] == "A [[c1]] (structure) keeps an [[c2]]."
        assert [each.line for each in found.questions] == [7, 8, 10]
        assert found.title == "HTTP"

    def test_it_is_known_by_its_headers(self) -> None:
        assert detected(NOTES.read_bytes(), "file") == "anki_text"

    def test_an_old_export_has_no_headers(self) -> None:
        found = text("Which verb?\tPUT\nWhich port?\t22\n")

        assert [each["markup"] for each in found.documents] == ["plain", "plain"]
        assert [each["model_answer"] for each in found.documents] == ["PUT", "22"]

    @pytest.mark.parametrize(
        ("head", "separator"),
        [("Comma", ","), ("semicolon", ";"), ("Pipe", "|"), ("tab", "\t"), (";", ";"), ("\\t", "\t")],
    )
    def test_the_separator_is_said_in_words_or_signs(self, head: str, separator: str) -> None:
        assert only(text(f"#separator:{head}\nQ{separator}A\n"))["model_answer"] == "A"

    def test_fields_have_names_and_tags_may_hold_for_all(self) -> None:
        found = only(text("#separator:tab\n#columns:Ask\tReply\tMore\n#tags:one two\n#deck:D\nQ\tA\tB\n"))

        assert (found["tags"], found["category"], found["model_answer"]) == (["one", "two"], "D", "A\n\nB")

    def test_plain_text_stays_plain(self) -> None:
        found = only(text("#separator:tab\n#html:false\n1 < 2 <b>\tyes\n"))

        assert (found["stem"], found["markup"]) == ("1 < 2 <b>", "plain")

    def test_remarks_and_bad_quotes_are_told(self) -> None:
        found = text('#separator:tab\nQ\tA\n# not a note\n"open\tB\n')

        assert len(found.questions) == 2
        assert codes(found) == ["remark", "quote"]

    @pytest.mark.parametrize(
        "content", ["", "#separator:tab\n", "\n\n", "#", "#guid column:1\nonly\n", "\t\t\n"]
    )
    def test_files_without_notes_do_no_harm(self, content: str) -> None:
        assert len(text(content).questions) <= 1

    def test_a_cut_or_flipped_text_gives_up_only_what_is_broken(self) -> None:
        data = NOTES.read_bytes()
        spoilt = [data[: len(data) * part // 20] for part in range(20)]
        spoilt += [data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :] for at in range(0, len(data), 5)]
        for each in spoilt:
            found = judge(AnkiText.read(each, "x.txt", {}), "x.txt")
            assert all(said.line >= 1 for said in found.diagnostics)
            assert all(one.diagnostics for one in found.questions if one.outcome is not Outcome.RECOVERED)


class TestPieces:
    @pytest.mark.parametrize(
        ("content", "gaps"),
        [
            ("{{c1::a}}", [Gap(1, "a")]),
            ("{{c2::a::b}}", [Gap(2, "a", "b")]),
            ("{{c1::a {{c2::b::x}} c}}", [Gap(1, "a b c", "", True)]),
            ("{{c1,2::a}}", [Gap(1, "a")]),
            ("{{c1::a::b::c}}", [Gap(1, "a", "b::c")]),
            ("{{c1::open", []),
            ("{{c1::a}} {{c2::open", [Gap(1, "a")]),
            ("{{notagap}}", []),
        ],
    )
    def test_gaps_are_found(self, content: str, gaps: list[Gap]) -> None:
        assert [piece for piece in pieces_of(content) if isinstance(piece, Gap)] == gaps

    @pytest.mark.parametrize(
        ("template", "html"),
        [
            ("{{A}}-{{B}}", "x-"),
            ("{{#A}}yes{{/A}}{{#B}}no{{/B}}", "yes"),
            ("{{^B}}none{{/B}}", "none"),
            ("{{text:C}}", "bold"),
            ("{{tts en_US:A}}{{FrontSide}}{{Tags}}", ""),
            ("<style>.x{}</style>{{A}}<script>x</script>", "x"),
            ("{{#A}}{{#B}}in{{/B}}out{{/A}}", "out"),
            ("{{A", "{{A"),
            ("{{Unknown}}{{/A}}", ""),
        ],
    )
    def test_templates_are_filled_in(self, template: str, html: str) -> None:
        assert rendered(template, {"A": "x", "B": "", "C": "<b>bold</b>"}).html == html

    @pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0b", b"\xff" * 11, b"\x0d\x01"])
    def test_broken_messages_are_refused(self, data: bytes) -> None:
        with pytest.raises(BadMessage):
            list(fields_of(data))

    @pytest.mark.parametrize(
        "content", ["{{c1::" * 50_000, "{{" * 100_000, "{{c1::a}}" * 20_000, "<script>" * 50_000]
    )
    def test_hostile_texts_end(self, content: str) -> None:
        pieces_of(content)
        rendered(content, {})
        assert text(content).questions


def judged(document: dict[str, Any]) -> dict[str, Any]:
    [question] = judge(Reading("yaml", found=[Found("x", 1, document)]), "x").questions
    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert question.document is not None
    return question.document


class TestExport:
    def test_cards_words_and_gaps_come_back(self) -> None:
        whole = read(
            legacy(
                [
                    (BASIC, ["Which <b>verb</b>?", "PUT", ""]),
                    (TYPED, ["Which files?", "*.py", "<i>Globbing.</i>"]),
                    (CLOZE, ["A {{c1::B-tree}} keeps an {{c1::order}}.", ""]),
                ]
            )
        ).documents
        written = Anki.write("Set", whole, {})
        again = read(written.data).documents

        assert [without_type(each) for each in again] == [without_type(each) for each in whole]
        assert written.limits == ()

    def test_the_same_set_gives_the_same_package(self) -> None:
        document = judged(make.document("d"))

        assert Anki.write("Set", [document], {}).data == Anki.write("Set", [document], {}).data

    def test_pictures_go_along(self) -> None:
        name = "0" * 64
        document = judged(make.document("p", stem=f"See ![it](asset:{name})"))
        found = read(Anki.write("Set", [document], {name: Picture("image/png", PNG)}).data)

        assert list(found.images.values()) == [PNG]
        assert "asset:" in only(found)["stem"]

    @pytest.mark.parametrize(
        "kind",
        ["single_choice", "multiple_choice", "true_false", "short_text", "number", "ordering", "matching"],
    )
    def test_other_types_become_cards_and_that_is_told(self, kind: str) -> None:
        document = judged(make.sample(kind))
        written = Anki.write("Set", [document], {})

        assert written.limits
        assert only(read(written.data))["origin"]["id"] == document["id"]

    @pytest.mark.parametrize(
        "kind", ["composite", "matrix", "categorise", "line_select", "http_kata", "sql_query"]
    )
    def test_what_no_card_can_ask_is_left_out_and_told(self, kind: str) -> None:
        document = judged(make.sample(kind))
        written = Anki.write("Set", [document], {})

        assert [limit.question for limit in written.limits][:1] == [document["id"]]
        assert read(written.data).questions == ()

    def test_markdown_becomes_html_with_its_formulas(self) -> None:
        document = judged(make.document("m", type="true_false", stem="Is $a<b$ **bold**?", answer=True))

        assert (
            r"Is \(a&lt;b\) <strong>bold</strong>?"
            in only(read(Anki.write("S", [document], {}).data))["stem"]
        )

    def test_a_note_that_was_only_kept_is_written_as_it_was(self) -> None:
        kind = CLOZE | {
            "tmpls": [{"name": "C", "qfmt": '<div id="image-occlusion">{{cloze:Text}}</div>', "afmt": "x"}]
        }
        kept = read(legacy([(kind, ["{{c1::image-occlusion:rect}}", "more"])])).documents
        again = read(Anki.write("Set", kept, {}).data).documents

        assert json.loads(again[0]["source"])["fields"] == json.loads(kept[0]["source"])["fields"]
        assert len(Anki.write("Set", [{**kept[0], "source": "{"}], {}).limits) == 1
        assert len(Anki.write("Set", [{**kept[0], "origin": {"format": "gift"}}], {}).limits) == 1

    def test_tags_lose_their_spaces_and_that_is_told(self) -> None:
        document = judged(make.document("t", tags=("two words",)))
        written = Anki.write("Set", [document], {})

        assert only(read(written.data))["tags"] == ["two_words"]
        assert any("spaces" in limit.message for limit in written.limits)


def without_type(document: dict[str, Any]) -> dict[str, Any]:
    """The kind of note is ours once we have written it."""
    return {name: value for name, value in document.items() if name != "origin"} | {
        "id": document["origin"]["id"]
    }


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="<>&{}[]\\:*"),
    min_size=1,
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["card", "typed", "gaps"]), words, words), min_size=1, max_size=5))
def test_what_is_written_is_read_again(listed: list[tuple[str, str, str]]) -> None:
    notes: list[Note] = []
    for kind, front, back in listed:
        if kind == "gaps":
            notes.append((CLOZE, [f"{front} {{{{c1::{back}}}}} end", ""]))
        else:
            notes.append((BASIC if kind == "card" else TYPED, [front, back, ""]))
    whole = read(legacy(notes, deck="Deck")).documents

    again = read(Anki.write("Deck", whole, {}).data).documents
    assert [without_type(each) for each in again] == [without_type(each) for each in whole]


@pytest.mark.skipif(not (SHARED / "anki").is_dir(), reason="the shared corpus of formats is not here")
def test_the_shared_packages_lose_nothing() -> None:
    listed = [line.split("\t") for line in (SHARED / "MANIFEST.tsv").read_text().splitlines()]
    for path, count in ((path, int(count or 0)) for kind, path, count, *_ in listed if kind == "anki"):
        data = (SHARED / path).read_bytes()
        found = judge((Anki if path.endswith(".apkg") else AnkiText).read(data, path, {}), path)
        assert found.count(Outcome.RECOVERED) >= count
        assert found.count(Outcome.RECOVERED) == len(found.questions)
