"""Everything that is kept about a person, as one document they may take along."""

from base64 import b64encode
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from quizapp.db.models import Account, Picture
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.queries import accounts, personal_data, pictures

FORMAT = 1


def export(session: Session, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """The actor's own data, ready for JSON.  Raises `NotFound`.

    Results that are not released yet are left out, here as everywhere.
    """
    account = accounts.by_id(session, actor.id)
    if account is None:
        raise NotFound
    return {
        "format": FORMAT,
        "exported_at": _plain(now),
        "account": _account(account),
        "sign_ins": _documents(personal_data.sign_ins(session, actor.id)),
        "attempts": _attempts(session, actor.id, now),
        "diagrams": [_diagram(row) for row in pictures.of_learner(session, actor.id)],
        "tallies": _documents(personal_data.tallies(session, actor.id)),
        "encounters": _documents(personal_data.encounters(session, actor.id)),
        "question_sets": _documents(personal_data.owned_sets(session, actor.id)),
        "quizzes": _documents(personal_data.owned_quizzes(session, actor.id)),
        "drafts": _documents(personal_data.drafts(session, actor.id)),
        "pending_imports": _documents(personal_data.pending_imports(session, actor.id)),
        "bulk_changes": _documents(personal_data.bulk_changes(session, actor.id)),
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "time_percent": account.time_percent,
        "preferences": account.preferences,
        "created_at": _plain(account.created_at),
    }


def _attempts(session: Session, account_id: int, now: datetime) -> list[dict[str, Any]]:
    steps: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in personal_data.steps(session, account_id, now):
        step = _document(row)
        steps[step.pop("attempt_id"), step.pop("position")].append(step)
    slots: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in personal_data.slots(session, account_id):
        slot = _document(row)
        attempt_id = slot.pop("attempt_id")
        slots[attempt_id].append({**slot, "steps": steps[attempt_id, slot["position"]]})
    attempts = _documents(personal_data.attempts(session, account_id, now))
    return [{**attempt, "slots": slots[attempt["id"]]} for attempt in attempts]


def _diagram(row: Picture) -> dict[str, Any]:
    return {
        "id": row.id,
        "attempt": row.attempt_id,
        "position": row.position,
        "created_at": _plain(row.created_at),
        "media_type": row.media_type,
        "data": b64encode(row.data).decode(),
    }


def _documents(rows: personal_data.Rows) -> list[dict[str, Any]]:
    return [_document(row) for row in rows]


def _document(row: RowMapping) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """Moments as ISO 8601 in UTC; exact decimals as text, because JSON has none."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
