"""The gates: what a guesser who cannot read the question would get right."""

from typing import Any

import pytest

import make
from quizapp.domain.documents import QuestionSet
from quizapp.domain.gates import ENOUGH, Gate, gates_of
from quizapp.domain.problems import Place
from quizapp.domain.statistics import stats_of
from quizapp.queries.revisions import parsed


def question_set(*documents: dict[str, Any]) -> QuestionSet:
    questions = tuple(parsed(document, "made") for document in documents)
    return QuestionSet("T", "", "", (), questions, Place("set.yaml", {}))


def choice(*texts: str, key: int = 0, stem: str = "", uid: str = "") -> dict[str, Any]:
    options = [{"text": text, "key": place == key} for place, text in enumerate(texts)]
    document = make.document(uid, options=options)
    return document | {"stem": stem or f"Stem of {document['id']}?"}


def gates(*documents: dict[str, Any]) -> dict[str, Gate]:
    return {gate.id: gate for gate in gates_of([question_set(*documents)])}


LONG = "a very long option indeed"


def test_there_is_a_gate_for_each_rule_that_can_be_measured() -> None:
    ids = "B1 B2 B3 B4 B5 B6 B8 B9 B10 B12 B14 B18 B19 B21 B22 B23 B24"

    assert [gate.id for gate in gates_of([])] == ids.split()


def test_an_empty_bank_has_no_values() -> None:
    assert all(gate.value is None for gate in gates_of([]) if gate.id not in {"B19", "B21"})
    assert not any(gate.ok is False for gate in gates_of([]))


def test_picking_the_longest_is_right_when_keys_are_longest() -> None:
    found = gates(choice(LONG, "b", "c", "d"), choice("a", LONG, "c", "d"))

    assert (found["B2"].value, found["B3"].value, found["B3"].n) == (50.0, 50.0, 2)


def test_options_of_one_length_share_the_guess() -> None:
    found = gates(choice("aa", "bb", "cc", "dd"))

    assert (found["B2"].value, found["B5"].value) == (25.0, 25.0)
    assert (found["B3"].value, found["B3"].n) == (None, 0)


def test_the_ratio_of_lengths_is_one_when_keys_are_like_the_others() -> None:
    assert gates(choice("aa", "bb", "cc", "dd"))["B4"].value == 1.0
    assert gates(choice("aaaa", "bb", "cc", "dd"))["B4"].value == 2.0


def test_the_place_of_the_key_is_even_when_each_place_has_a_quarter() -> None:
    even = [choice("a", "b", "c", "d", key=place) for place in range(4)]

    assert gates(*even)["B1"].value == 0.0
    assert gates(*even[:1])["B1"].value == 75.0


def test_very_uneven_options_count_unless_they_are_code() -> None:
    assert gates(choice(LONG, "b", "c", "d"))["B6"].value == 100.0
    assert gates(choice(f"`{LONG}`", "b", "c", "d"))["B6"].n == 0


def test_words_of_the_stem_in_the_key_are_a_cue() -> None:
    clang = choice("a covering index", "some heap", "some table", "some view", stem="What covering thing?")

    assert gates(clang)["B8"].value == 100.0


def test_the_option_that_resembles_the_others_is_a_cue() -> None:
    middle = choice("red round", "red square", "blue round", "black oval")

    assert gates(middle)["B9"].value == 100.0


@pytest.mark.parametrize(
    ("stem", "negative"),
    [
        ("Which one is NOT a lock?", True),
        ("All of these are locks EXCEPT which?", True),
        ("Which index helps least?", True),
        ("The query does not use the index. Which change helps?", False),
        ("At least how many nodes are needed?", False),
        ("Locks are free. True or false?", False),
        ("```sql\nSELECT NOT x\n```\nWhat is the result?", False),
    ],
)
def test_a_negative_question_is_told_by_its_last_sentence(stem: str, negative: bool) -> None:
    assert gates(choice("a", "b", "c", "d", stem=stem))["B12"].value == 100.0 * negative


def test_the_gates_of_guessing_do_not_judge_a_small_bank() -> None:
    few = [choice(LONG, "b", "c", "d") for _ in range(ENOUGH - 1)]

    assert gates(*few)["B2"].ok is None
    enough = gates(*few, choice(LONG, "b", "c", "d"))["B2"]
    assert (enough.ok, enough.n, enough.value) == (False, ENOUGH, 100.0)


def test_questions_with_three_options_or_two_keys_are_not_guessed_at() -> None:
    two_keys = choice("a", "b", "c", "d") | {"type": "multiple_choice"}
    two_keys["options"][1]["key"] = True

    assert gates(choice("a", "b", "c"), two_keys)["B2"].n == 0


def test_what_must_be_in_every_question_is_judged_in_any_bank() -> None:
    found = gates(choice("a", "b", "c", "d"))

    assert {found[code].ok for code in ("B22", "B23", "B24")} == {False}
    assert {found[code].ok for code in ("B10", "B14", "B18", "B19", "B21")} == {True}


def test_repeated_questions_are_counted() -> None:
    same = [choice("a", "b", "c", "d", stem="Same?", uid=uid) for uid in ("one", "two", "three")]
    other = choice("a", "b", "c", "d", key=1, stem="Same?")

    assert gates(*same)["B19"].value == 2
    assert gates(same[0], other)["B21"].value == 1


def test_a_gate_in_json_has_the_documented_fields() -> None:
    document = gates()["B5"].as_json()

    assert document == {"id": "B5", "value": None, "threshold": [22.0, 28.0], "baseline": 18.6, "ok": None}


def test_the_statistics_count_by_topic() -> None:
    questions = question_set(
        make.document("one", level="senior", cognitive="apply"),
        make.document("two"),
        make.document("three", topic="apis", subtopic=None),
    ).questions

    assert stats_of(questions) == {
        "questions": 3,
        "by_topic": {
            "apis": {
                "questions": 1,
                "subtopics": {},
                "types": {"single_choice": 1},
                "levels": {"mid": 1},
                "cognitive": {},
                "verified": 0.0,
            },
            "databases": {
                "questions": 2,
                "subtopics": {"databases.indexing": 2},
                "types": {"single_choice": 2},
                "levels": {"mid": 1, "senior": 1},
                "cognitive": {"apply": 1},
                "verified": 0.0,
            },
        },
    }
