"""The curriculum as pages read it."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from people import Statements
from quizapp.db.engine import Database
from quizapp.db.models import BankFile
from quizapp.queries.curriculum import CURRICULUM, curriculum


def document(title: str) -> dict[str, object]:
    return {"topics": [{"id": "databases", "title": title, "core": True}]}


def test_before_the_first_load_the_map_is_empty(session: Session) -> None:
    assert curriculum(session).topics == ()


def test_the_loaded_map_is_read(session: Session) -> None:
    session.add(BankFile(name=CURRICULUM, sha256="a", document=document("Databases")))
    session.flush()

    assert [topic.title for topic in curriculum(session).topics] == ["Databases"]


def test_a_page_asks_once_and_the_unchanged_map_does_not_travel_again(
    database: Database, session: Session
) -> None:
    session.add(BankFile(name=CURRICULUM, sha256="a", document=document("Databases")))
    session.flush()
    with Statements(database.engine).counted() as sent:
        first = curriculum(session)
        second = curriculum(session)

    assert len(sent) == 2
    assert second is first


def test_a_new_load_is_seen_at_once(session: Session) -> None:
    session.add(BankFile(name=CURRICULUM, sha256="a", document=document("Databases")))
    session.flush()
    curriculum(session)
    session.execute(update(BankFile).values(sha256="b", document=document("Data")))

    assert [topic.title for topic in curriculum(session).topics] == ["Data"]


def test_a_map_whose_file_was_taken_away_is_empty_again(session: Session) -> None:
    session.add(BankFile(name=CURRICULUM, sha256="a", document=document("Databases")))
    session.flush()
    curriculum(session)
    session.execute(delete(BankFile))

    assert curriculum(session).topics == ()


def test_a_file_without_a_hash_is_read_each_time(session: Session) -> None:
    session.add(BankFile(name=CURRICULUM, sha256="", document=document("Databases")))
    session.flush()
    curriculum(session)
    session.execute(update(BankFile).values(document=document("Data")))

    assert [topic.title for topic in curriculum(session).topics] == ["Data"]
