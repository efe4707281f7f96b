"""The copy of everything that is kept about a person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

import make
from quizapp.db.models import BulkChange, Draft, PendingImport, Step
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor, Role
from quizapp.services import accounts, answering, finishing, personal_data, sign_ins


def test_the_copy_holds_what_was_done_and_keeps_back_what_is_not_released(session, now):
    documents = [make.document(), make.document()]
    actor, attempt = make.running(session, None, documents)
    answering.save_answer(session, actor.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    open_one = personal_data.export(session, actor, now=now)["attempts"][0]
    assert (open_one["state"], open_one["score"]) == ("open", None)
    assert [slot["question"] for slot in open_one["slots"]] == [each["id"] for each in documents]
    (step,) = open_one["slots"][0]["steps"]
    assert step["submission"] == make.right(documents[0])
    assert (step["verdict"], step["credit"], step["bucket"]) == (None, None, None)


def test_the_copy_shows_verdicts_from_the_release_on(session, now):
    documents = [make.document()]
    actor, attempt = make.running(session, None, documents)
    answering.save_answer(session, actor.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    row = finishing.submit(session, actor.id, attempt, now=now)
    row.release_at = now + timedelta(hours=1)
    session.flush()
    before = personal_data.export(session, actor, now=now)["attempts"][0]
    assert before["score"] is None
    assert [step["kind"] for step in before["slots"][0]["steps"]] == ["save"]
    after = personal_data.export(session, actor, now=row.release_at)["attempts"][0]
    assert Decimal(after["score"]) == 1
    grade = after["slots"][0]["steps"][-1]
    assert (grade["kind"], grade["verdict"], Decimal(grade["credit"])) == ("grade", "right", 1)


def test_the_copy_is_about_one_person_only(session, now):
    documents = [make.document()]
    other, attempt = make.running(session, None, documents)
    answering.save_answer(session, other.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    lena = make.account(session, "Lena")
    sign_ins.sign_in(session, lena.id, now=now)
    copy = personal_data.export(session, Actor(lena.id, Role.LEARNER), now=now)
    assert copy["account"]["name"] == "Lena"
    assert len(copy["sign_ins"]) == 1
    assert [copy[name] for name in ("attempts", "tallies", "encounters", "question_sets", "quizzes")] == [
        []
    ] * 5
    assert "password_hash" not in str(copy)
    assert session.scalar(select(func.count()).select_from(Step)) == 1
    with pytest.raises(NotFound):
        personal_data.export(session, Actor(4711, Role.LEARNER), now=now)


def test_what_an_author_left_unfinished_is_in_the_copy_and_goes_with_the_account(session, now):
    author = make.account(session, "Ines", role="instructor")
    session.add_all(
        [
            Draft(account_id=author.id, key="q", fields={"stem": "Half a"}, base_revision=1, updated_at=now),
            PendingImport(
                id="p",
                account_id=author.id,
                file_name="joins.gift",
                data=b"x",
                options={},
                answer=b"{}",
                created_at=now,
            ),
            BulkChange(account_id=author.id, words="Tagged 3", before={}, at=now, undone_at=None),
        ]
    )
    session.flush()

    copy = personal_data.export(session, Actor(author.id, Role.INSTRUCTOR), now=now)

    assert [each["fields"] for each in copy["drafts"]] == [{"stem": "Half a"}]
    assert [each["file_name"] for each in copy["pending_imports"]] == ["joins.gift"]
    assert [each["words"] for each in copy["bulk_changes"]] == ["Tagged 3"]
    accounts._forget_unfinished_work(session, author.id)
    for table in (Draft, PendingImport, BulkChange):
        assert session.scalar(select(func.count()).select_from(table)) == 0
