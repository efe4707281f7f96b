"""Which questions a sitting asks."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import make
from quizapp.domain.selection import Assembly, Candidate, assemble, supply


def pool(count: int, **fields: Any) -> list[Candidate]:
    base = Candidate(0, "", "databases", "databases.indexing", "mid", "single_choice", 1)
    return [replace(base, question_id=n, uid=f"q-{n}", **fields) for n in range(1, count + 1)]


def chosen(slots: tuple[object, ...]) -> list[str]:
    return [slot.candidate.uid for slot in slots]


def test_the_same_seed_gives_the_same_sitting() -> None:
    plan = make.blueprint(items=[{"draw": {"count": 5}}], shuffle_questions=True)

    assert assemble(plan, pool(40), 7) == assemble(plan, reversed(pool(40)), 7)
    assert chosen(assemble(plan, pool(40), 7).slots) != chosen(assemble(plan, pool(40), 8).slots)


def test_unseen_questions_come_first_then_those_seen_longest_ago(now: datetime) -> None:
    candidates = pool(6)
    seen = [replace(c, seen_at=now - timedelta(days=c.question_id)) for c in candidates[:4]]
    plan = make.blueprint(items=[{"draw": {"count": 4}}])

    found = chosen(assemble(plan, [*seen, *candidates[4:]], 3).slots)

    assert set(found[:2]) == {"q-5", "q-6"}
    assert found[2:] == ["q-4", "q-3"]


def test_no_question_stands_in_two_slots() -> None:
    plan = make.blueprint(items=[{"draw": {"count": 3}}, {"question": "q-2"}, {"draw": {"count": 3}}])

    found = chosen(assemble(plan, pool(7), 1).slots)

    assert sorted(found) == [f"q-{n}" for n in range(1, 8)]
    assert found[3] == "q-2"


def test_a_draw_takes_only_what_fits() -> None:
    plan = make.blueprint(items=[{"draw": {"count": 9, "topic": "apis", "levels": ["senior"]}}])
    candidates = [
        *pool(2),
        replace(pool(3)[2], topic="apis", level="senior"),
        replace(pool(4)[3], topic="apis", level="junior"),
    ]

    assembly = assemble(plan, candidates, 1)

    assert chosen(assembly.slots) == ["q-3"]
    assert assembly.missing == 8
    assert supply(plan, candidates) == {0: 1}


def test_points_of_the_blueprint_win_over_the_questions_own() -> None:
    plan = make.blueprint(items=[{"question": "q-1", "points": 5}, {"question": "q-2"}])

    assert [slot.points for slot in assemble(plan, pool(2), 1).slots] == [5, 1]


def test_without_option_shuffling_there_is_no_seed() -> None:
    plan = make.blueprint(items=[{"draw": {"count": 2}}], shuffle_options=False)

    assert [slot.seed for slot in assemble(plan, pool(3), 1).slots] == [None, None]


@pytest.mark.parametrize("kind", ["information", "opaque"])
def test_what_is_only_kept_is_neither_drawn_nor_asked_by_name(kind: str) -> None:
    kept = replace(pool(1)[0], type=kind)
    plans = (
        make.blueprint(items=[{"draw": {"count": 1}}]),
        make.blueprint(items=[{"draw": {"count": 1, "type": kind}}]),
        make.blueprint(items=[{"draw": {"count": 1, "types": [kind], "hands_on": "with"}}]),
        make.blueprint(items=[{"question": "q-1"}]),
    )

    for plan in plans:
        assert assemble(plan, [kept], 1) == Assembly((), 1)
        assert supply(plan, [kept]) == {0: 0}
