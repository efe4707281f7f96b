"""What a bank holds: counts for each topic."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from quizapp.domain.questions import Question


def stats_of(questions: Sequence[Question]) -> dict[str, Any]:
    """Counts by topic, with the share of questions whose keys were proven by running them."""
    topics: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        topics[question.topic].append(question)
    return {"questions": len(questions), "by_topic": {t: _topic(topics[t]) for t in sorted(topics)}}


def _topic(questions: Sequence[Question]) -> dict[str, Any]:
    return {
        "questions": len(questions),
        "subtopics": _counted(question.subtopic for question in questions),
        "types": _counted(question.type for question in questions),
        "levels": _counted(question.level for question in questions),
        "cognitive": _counted(question.cognitive for question in questions),
        # No question can declare a proof yet.
        "verified": 0.0,
    }


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(str(value) for value in values if value).items()))
