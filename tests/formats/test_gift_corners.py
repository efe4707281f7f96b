"""The corners of GIFT where Moodle reads something else than was meant: what is done, and what is said."""

import pytest

from gift_sets import codes, imported, lost, only
from quizapp.domain.imports import Outcome


def names(text: str) -> list[str]:
    return [each.name for each in imported(text).questions]


def test_what_looks_like_a_placeholder_of_moodles_stays_as_it_is() -> None:
    assert only("::a::A &&035; B{T}")["stem"] == "A &&035; B"


def test_braces_of_code_are_text_where_other_braces_hold_answers() -> None:
    text = "::a::What does `int main() {return 0;}` do?{=runs ~fails}"

    question = only(text)

    assert question["stem"] == "What does `int main() {return 0;}` do?"
    assert [option["text"] for option in question["options"]] == ["runs", "fails"]
    assert codes(text) == ["braces"]


def test_braces_of_formulas_are_text_as_well() -> None:
    question = only("::a::$\\frac{1}{2}${#0.5}")

    assert question["stem"] == "$\\frac{1}{2}$"
    assert question["answer"] == "0.5"


def test_braces_inside_answers_match() -> None:
    text = "Q{=if (x) {return;} ~nothing}"

    assert [option["text"] for option in only(text)["options"]] == ["if (x) {return;}", "nothing"]
    assert codes(text) == ["braces"]


def test_of_two_groups_of_answers_the_first_is_asked() -> None:
    question = only("A {=x} and {=y}.")

    assert question["stem"] == "A _____ and {=y}."
    assert question["answers"] == [{"text": "x"}]
    assert codes("A {=x} and {=y}.") == ["braces"]


def test_braces_that_do_not_match_are_read_as_moodle_reads_them() -> None:
    assert [option["text"] for option in only("Q{=a {b ~c}")["options"]] == ["a {b", "c"]
    assert only("What does `{` begin?{=a block}")["answers"] == [{"text": "a block"}]
    assert codes("Q{=a {b ~c}") == ["braces"]
    assert codes("A } there{T}") == ["braces"]


@pytest.mark.parametrize("text", ["::a::Q{=a ~b", "A } alone"])
def test_a_lonely_brace_gives_up_the_question_and_keeps_it(text: str) -> None:
    code, kept = lost(f"$CATEGORY: X\n\n// [id:q-1] [tag:net]\n{text}\n")

    assert code == "brace"
    assert kept["source"] == f"// [id:q-1] [tag:net]\n{text}"
    assert (kept["category"], kept["tags"], kept["origin"]["id"]) == ("X", ["net"], "q-1")


def test_an_empty_line_among_answers_does_not_end_the_question() -> None:
    text = "::a::Q{\n=a\n\n~b\n}\n\n::b::R{T}"

    assert names(text) == ["a", "b"]
    assert codes(text) == ["blank_line"]
    assert imported(text).questions[1].line == 7


def test_a_question_that_is_never_closed_leaves_the_next_alone() -> None:
    assert names("::a::Q{=x\n\n::b::R{T}\n\nS{F}") == ["a", "b", "S"]
    assert names("::a::Q{=x\n::b::R{T}\n\nS{F}") == ["a", "b", "S"]
    assert names("Q{=x\n\nR{T}") == ["Q{=x", "R"]
    assert names("::a::Q{=x\n::b::R\n\nS") == ["a", "b", "S"]
    assert names("Q{=x\n\nnothing more") == ["Q{=x", "nothing more"]


def test_a_name_at_the_start_of_a_line_begins_a_question() -> None:
    text = "::a::Q1{T}\n// [id:q-2]\n::b::Q2{F}\n"

    assert names(text) == ["a", "b"]
    assert codes(text) == ["no_blank_line"]
    assert imported(text).documents[1]["origin"]["id"] == "q-2"


def test_a_name_of_two_lines_is_one_name() -> None:
    assert names("::a\n::Q{T}") == ["a"]
    assert only("::1 is an address{T}")["stem"] == "1 is an address"


def test_a_category_ends_with_its_line() -> None:
    text = "$CATEGORY: X\n::a::Q{T}"

    assert only(text)["category"] == "X"
    assert codes(text) == ["category_line"]


def test_a_category_between_questions_needs_no_empty_line() -> None:
    text = "::a::Q{T}\n$CATEGORY: X\n\n::b::R{T}"

    assert [each.get("category") for each in imported(text).documents] == [None, "X"]
    assert codes(text) == ["no_blank_line"]


def test_a_category_without_questions_and_a_label_without_question_are_told_of() -> None:
    assert codes("$CATEGORY: X\n\n$CATEGORY: Y\n\nQ{T}") == ["empty_category"]
    assert codes("Q{T}\n\n$CATEGORY: X") == ["empty_category"]
    assert codes("// [tag:lost]\n\nQ{T}") == ["label"]
    assert codes(f"$CATEGORY: {'x' * 2_000}\n\nQ{{T}}") == ["category"]


def test_a_weight_behind_an_equals_sign_is_text_as_in_moodle() -> None:
    question = only("Q{=%50%a =%50%b ~c}")

    assert question["options"][0] == {"text": "%50%a", "key": True}
    assert question["options"][1] == {"text": "%50%b", "credit": "1"}
    assert codes("Q{=%50%a =%50%b ~c}") == ["weight", "weight"]
    assert codes("Q{=a ~%33,3%b}") == ["weight"]
    assert only("Q{=%100%a =%50%b#fb =%%c}")["answers"][2] == {"text": "%%c"}
    assert codes("Q{=a =%%c}") == ["weight"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Q{#abc}", "number"),
        ("Q{#3,14:0,1}", "number"),
        ("Q{#1..x}", "number"),
        ("Q{#~wrong}", "no_key"),
        ("Q{#=%50%3}", "no_key"),
        ("Q{#*}", "any_number"),
        ("Q{~a}", "too_few"),
        ("Q{~a ~b}", "no_key"),
        ("Q{=a ~a}", "contradiction"),
        ("Q{=a->b}", "too_few"),
        ("Q{=a->b =c}", "match"),
        ("Q{=a->b =a->c}", "contradiction"),
        ("Q{=%50%word}", "no_key"),
        ("Q{" + "=a ~b " * 600 + "}", "too_many_answers"),
    ],
)
def test_scoring_that_is_not_understood_is_never_guessed(text: str, code: str) -> None:
    said, kept = lost(text)

    assert said == code
    assert kept["stem"] == "Q"
    assert kept["source"] == text


def test_a_sharp_in_an_answer_is_told_of() -> None:
    assert [option["text"] for option in only("Q{=C# ~Java}")["options"]] == ["C", "Java"]
    assert codes("Q{=C# ~Java}") == ["hash"]
    assert codes("Q{=C# is typed ~Java}") == ["hash"]
    assert codes("Q{=%100%Asia#\n=Europe#No.\n}") == []


def test_html_among_answers_is_not_cut_into_pieces() -> None:
    text = "[html]Q{=<a href=\"/~ada#x\">it&#39;s</a>#Right ~<b class='c'>no</b>}"

    options = only(text)["options"]

    assert options[0] == {"text": '<a href="/~ada#x">it&#39;s</a>', "key": True, "feedback": "Right"}
    assert options[1] == {"text": "<b class='c'>no</b>"}
    assert codes(text) == ["html_marks"]


def test_an_invisible_character_is_no_answer() -> None:
    text = "Q{\N{NO-BREAK SPACE}=a\N{NO-BREAK SPACE}~b}"

    assert [option["text"] for option in only(text)["options"]] == ["a", "b"]
    assert codes(text) == ["blank"]


def test_true_in_small_letters_is_a_short_answer_as_in_moodle() -> None:
    assert only("Q{true}")["answers"] == [{"text": "true"}]
    assert codes("Q{true}") == ["lower_case"]


def test_an_answer_without_a_mark_is_told_of() -> None:
    assert only("Q{word}")["answers"] == [{"text": "word"}]
    assert codes("Q{word}") == ["unmarked_answer"]
    assert only("Q{0}")["answers"] == [{"text": "0"}]
    assert [option["text"] for option in only("Q{a ~b =c}")["options"]] == ["a", "b", "c"]
    assert codes("Q{a ~b =c}") == ["unmarked_answer"]


def test_cloze_in_braces_is_told_of() -> None:
    assert "cloze" in codes("I am {1:MC:~on~=with} it and {1:MC:~on~=with} you.")


def test_comments_are_left_out_and_addresses_are_none() -> None:
    text = "::a::Q{\n// note\n=a\n~b\n}"

    assert [option["text"] for option in only(text)["options"]] == ["a", "b"]
    assert [(said.code, said.line) for said in imported(text).diagnostics] == [("comment", 2)]
    assert only("See https\\://example.org // here{T}")["stem"] == "See https://example.org // here"


def test_unknown_tags_are_text() -> None:
    assert only("[tex]Q{T}")["stem"] == "[tex]Q"
    assert only("[1,2,3] is a list{T}")["stem"] == "[1,2,3] is a list"
    assert only("[never closed{T}")["stem"] == "[never closed"


def test_equals_and_arrows_inside_a_matching() -> None:
    pairs = only("Q{=a\\=b->1 =c->d->e}")["pairs"]

    assert pairs == [
        {"prompt": "a=b", "match": "1"},
        {"prompt": "c", "match": {"plain": "d->e"}},
    ]
    assert codes("Q{=a->1#why =b->2}") == ["match_feedback"]


def test_a_range_or_tolerance_the_wrong_way_round_is_turned() -> None:
    assert only("Q{#5..1}")["tolerance"] == {"absolute": "2"}
    assert codes("Q{#5..1}") == ["range"]
    assert only("Q{#5:-1}")["tolerance"] == {"absolute": "1"}
    assert codes("Q{#5:-1}") == ["tolerance"]


def test_a_wrong_number_that_moodle_ignores_is_told_of() -> None:
    question = only("Q{#3:2~7#Too many}")

    assert question["otherwise"] == "Too many"
    assert codes("Q{#3:2~7#Too many}") == ["wrong_number"]


def test_an_option_that_stands_twice_is_kept_once_and_an_empty_one_not_at_all() -> None:
    assert len(only("Q{=a ~b ~b}")["options"]) == 2
    assert codes("Q{=a ~b ~b}") == ["duplicate_option"]
    assert codes("Q{~=a~b}") == []
    assert codes("Q{=a ~b ~#feedback}") == ["empty_option"]


def test_a_question_that_asks_in_its_name_keeps_its_words() -> None:
    assert only("::What is 2 + 2?::{#4}")["stem"] == "What is 2 + 2?"
    assert codes("::What is 2 + 2?::{#4}") == ["no_text"]


def test_answers_to_nothing_are_kept_but_not_asked() -> None:
    assert lost("{T}")[0] == "no_text"
    assert only("::::Q{T}")["name"] == "Q"


def test_markdown_keeps_the_indentation_that_means_something() -> None:
    text = "[markdown]Look:\n    - one\n        - two\n{T}"

    assert only(text)["stem"] == "Look:\n- one\n    - two"
    assert codes(text) == ["indentation"]
    assert only("Look:\n    - one\n{T}")["stem"] == "Look:\n- one"


def test_a_name_is_cut_only_where_it_is_endless() -> None:
    assert len(only(f"::{'x' * 600}::Q{{T}}")["name"]) == 500
    assert codes(f"::{'x' * 600}::Q{{T}}") == ["name"]


def test_code_points_that_are_no_characters_are_replaced() -> None:
    assert only("a\ufdd1b{T}")["stem"] == "a\N{REPLACEMENT CHARACTER}b"
    assert codes("a\ufdd1b{T}") == ["character"]


def test_two_encodings_of_trouble_do_not_stop_the_others() -> None:
    result = imported(b"::a::\xff\xfe{T}\n\n::b::Q{T}\n")

    assert result.count(Outcome.RECOVERED) == 2
