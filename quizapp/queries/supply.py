"""What the bank can provide to somebody who composes a quiz."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import Question
from quizapp.domain.question_types import answerable

Supply = dict[str, dict[str, int]]
"""Numbers of published questions by topic, then by level."""


def supply(session: Session) -> Supply:
    """How many published questions each topic has at each level; what cannot be asked does not count."""
    rows = session.execute(
        select(Question.topic, Question.level, func.count())
        .where(Question.status == "published", Question.type.in_(answerable()))
        .group_by(Question.topic, Question.level)
        .order_by(Question.topic, Question.level)
    )
    found: Supply = {}
    for topic, level, count in rows:
        found.setdefault(topic, {})[level] = count
    return found
