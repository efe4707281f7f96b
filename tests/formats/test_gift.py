"""GIFT: what is read of each construct, and what is told where Moodle would be wrong without a word."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from gift_sets import codes, imported, only
from quizapp.domain.imports import Outcome
from quizapp.formats import detected
from quizapp.formats.gift import Gift

FILE = Path(__file__).parent / "files" / "gift" / "backend.gift"


@pytest.fixture(scope="module")
def backend() -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in imported(FILE.read_bytes()).documents}


def test_a_file_is_known_by_its_content() -> None:
    assert detected(FILE.read_bytes(), "unknown") == "gift"
    assert detected(b"Is it?{T}\n\nOr not?{=no ~yes}", "set.txt") == "gift"
    assert detected(b"Just a text", "set.gift") == "gift"
    assert Gift.recognises(b'{"questions": []}', "set.json") == 0
    assert Gift.recognises(b"PK\x03\x04\0\0", "set.gift") == 0


def test_every_question_of_a_file_is_recovered_with_its_line() -> None:
    result = imported(FILE.read_bytes())

    assert [each.outcome for each in result.questions] == [Outcome.RECOVERED] * 8
    assert [each.line for each in result.questions] == [6, 14, 20, 22, 28, 32, 39, 41]
    assert {said.code for said in result.diagnostics} == {"rubric"}


def test_one_right_option_keeps_weights_feedback_and_markups(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["Cache hit"]

    assert question["type"] == "single_choice"
    assert question["markup"] == "html"
    assert question["options"] == [
        {"text": "0.9", "key": True, "feedback": "<p>Yes: 9 of 10.</p>"},
        {"text": "0.1", "feedback": "That is the miss ratio."},
        {"text": "about 1", "credit": "0.5", "feedback": "Nearly, but say it exactly."},
        {"text": "9"},
    ]
    assert question["explanation"] == {"markdown": "Hits divided by *all* requests."}


def test_a_text_may_have_a_markup_of_its_own() -> None:
    options = only("[html]<p>Q</p>{=[plain]a<b ~b#[markdown]*x*}")["options"]

    assert options[0]["text"] == {"plain": "a<b"}
    assert options[1]["feedback"] == {"markdown": "*x*"}


def test_ids_tags_and_categories_are_kept(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["Cache hit"]

    assert question["id"] == "cache-1"
    assert question["origin"] == {"format": "gift", "id": "cache-1"}
    assert question["tags"] == ["caching", "http]1"]
    assert question["category"] == "$course$/top/Backend/Caching//CDN"
    assert backend["Design"]["category"] == "$course$/top/Backend/Databases"


def test_options_without_an_equals_sign_are_several_with_weights(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["Safe methods"]

    assert question["type"] == "multiple_choice"
    assert question["marking"] == "weighted"
    assert [option.get("credit") for option in question["options"]] == ["0.5", "0.5", "-1"]


def test_a_third_in_per_cent_is_the_third_that_moodle_keeps() -> None:
    question = only("Q{~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}")

    assert [option.get("credit") for option in question["options"]] == ["0.3333333"] * 3 + [None]


def test_the_first_feedback_of_a_statement_is_for_whoever_is_wrong(
    backend: dict[str, dict[str, Any]],
) -> None:
    question = backend["Datagrams"]

    assert question["answer"] is False
    assert question["feedback_true"] == "They may overtake each other."
    assert question["feedback_false"] == "Right."
    assert question["explanation"] == "See the header: it has no sequence number."
    assert only("Q{TRUE#no#yes}")["feedback_true"] == "yes"


def test_short_answers_have_weights_and_known_mistakes(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["Which command shows the plan of a query?"]

    assert question["answers"] == [
        {"text": "EXPLAIN"},
        {"text": "EXPLAIN ANALYZE", "credit": "0.5", "feedback": "It also runs the query."},
    ]
    assert question["mistakes"] == [{"text": "PLAN", "feedback": "No such command."}]


def test_numbers_have_tolerances_ranges_and_feedback_for_others(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["A queue of 40 jobs, each of 2.5 s, takes _____ seconds."]

    assert question["stem"] == "A queue of 40 jobs, each of 2.5 s, takes _____ seconds."
    assert question["answer"] == "100"
    assert question["tolerance"] == {"absolute": "0.5"}
    assert question["feedback"] == "Right."
    assert question["accepted"] == [
        {"value": "1.7", "tolerance": {"absolute": "0.1"}, "credit": "0.5", "feedback": "In minutes, nearly."}
    ]
    assert question["otherwise"] == "Multiply."


@pytest.mark.parametrize(
    ("written", "answer", "tolerance"),
    [
        ("1822", "1822", None),
        ("1822:5", "1822", "5"),
        ("-5..-1.5", "-3.25", "1.75"),
        ("1e3:0.1", "1000", "0.1"),
    ],
)
def test_a_number_is_written_in_several_ways(written: str, answer: str, tolerance: str | None) -> None:
    question = only(f"Q{{#{written}}}")

    assert question["answer"] == answer
    assert question.get("tolerance", {}).get("absolute") == tolerance


def test_an_empty_left_side_is_a_match_that_belongs_to_nothing(backend: dict[str, dict[str, Any]]) -> None:
    question = backend["Isolation"]

    assert question["pairs"][0] == {"prompt": "Read committed", "match": "non-repeatable read"}
    assert question["distractors"] == [{"text": "dirty write"}]


def test_empty_braces_are_a_free_answer_and_none_a_text(backend: dict[str, dict[str, Any]]) -> None:
    assert backend["Design"]["type"] == "open_response"
    assert backend["Design"]["explanation"] == "Think of queues\\, deadlines and priorities."
    assert backend["Reading"]["type"] == "information"
    assert backend["Reading"]["markup"] == "plain"
    assert (
        backend["Reading"]["stem"] == "The next questions are about one table:\n  orders(id, customer, total)"
    )


def test_a_text_without_a_tag_is_in_the_markup_of_moodle() -> None:
    assert only("Q{T}")["markup"] == "moodle"


def test_only_the_characters_of_the_format_are_escaped() -> None:
    question = only("::a\\:b::Set \\{1,2\\} \\~ \\= \\# \\\\ \\t \\n x{=a\\=b ~c\\~d}")

    assert question["name"] == "a:b"
    assert question["stem"] == "Set {1,2} ~ = # \\ \\t \n x"
    assert [option["text"] for option in question["options"]] == ["a=b", "c~d"]


def test_a_name_is_made_of_the_text_as_moodle_makes_it() -> None:
    words = "word " * 30

    assert only(f"{words}{{T}}")["name"] == "word " * 15 + "..."
    assert only("[html]<p>A <b>bold</b> claim</p>{T}")["name"] == "A bold claim"
    assert only(f"{'x' * 100}{{T}}")["name"] == "x" * 77 + "..."
    assert only("[html]" + "&amp;" * 100 + "{T}")["name"] == "&amp;" * 77 + "..."
    assert only("a < b and c > d{T}")["name"] == "a < b and c > d"
    assert only("[html]<b title='>'>x</b> y<i{T}")["name"] == "x y"
    assert only(f"<b>{'word ' * 30}</b>{{T}}")["name"] == "word " * 15 + "..."


def test_the_same_file_in_another_encoding_says_the_same() -> None:
    plain = imported("::é::Größe?{T}\n")

    for data in (
        "\ufeff::é::Größe?{T}\r\n".encode(),
        "::é::Größe?{T}".encode("utf-16"),
        "::é::Größe?{T}\r".encode(),
    ):
        assert imported(data).documents == plain.documents
    cp1252 = imported("::é::Größe?{T}\n".encode("cp1252"))
    assert cp1252.documents == plain.documents
    assert [said.code for said in cp1252.diagnostics] == ["encoding"]


def test_pictures_inside_the_text_are_carried_and_others_are_told_of() -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    inside = f"data:image/png;base64,{png}"

    html = imported(f'[html]<img src="{inside}">{{T}}')
    markdown = imported(f"[markdown]![a]({inside}){{T}}".replace("=", "\\="))

    [name] = html.images
    assert html.documents[0]["stem"] == f'<img src="asset:{name}">'
    assert markdown.documents[0]["stem"] == f"![a](asset:{name})"
    assert codes('[html]<img src="@@PLUGINFILE@@/a.png">{T}') == ["missing_image"]
    assert codes('[html]<img src="https\\://example.org/a.png">{T}') == ["remote_image"]


def test_damaged_files_are_read_without_an_exception_and_nothing_is_lost_without_a_word() -> None:
    data = FILE.read_bytes()
    random = Random(7)
    damaged = [data[: len(data) * point // 20] for point in range(20)]
    for _ in range(60):
        flipped = bytearray(data)
        for _ in range(10):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        damaged.append(bytes(flipped))
    damaged += [b"", b"\n\n", b"{", b"}", b"::", b"//", b"$CATEGORY:", b"\\", b"[", b"{#}", b"{~}", b"{->=}"]

    for each in damaged:
        result = imported(each)
        assert len(result.questions) == sum(map(result.count, Outcome))
        assert all(said.line >= 1 for said in result.diagnostics)
        for question in result.questions:
            assert question.outcome is Outcome.RECOVERED or question.diagnostics


@pytest.mark.parametrize(
    "text",
    [
        "{" * 30_000,
        "a{\n\n" * 5_000 + "}",
        "x{\n::b::y\n" * 5_000,
        "::a::x{\n" * 5_000,
        "<" * 30_000 + "{T}",
        "<\n" * 30_000 + ">{T}",
        "q{=a ~" + "<a b=\"<a b='" * 5_000 + "}",
        "q{" + "=x" * 5_000 + "}",
        "q{#" + "=9" * 5_000 + "}",
        "q{" + "=a->b " * 5_000 + "}",
        "// " + "[tag:" * 10_000 + "\nq{T}",
        "[markdown]" + "](data:image/png;base64," * 5_000 + "{T}",
        "q{=%" + "9" * 30_000 + "%a ~b}",
        "q{#" + "9" * 30_000 + "}",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_end(text: str) -> None:
    result = imported(text)

    assert result.questions
    assert all(each.outcome is Outcome.RECOVERED or each.diagnostics for each in result.questions)
