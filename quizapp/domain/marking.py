"""Marking schemes for questions with several right choices."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum

from quizapp.domain.grading import Grade

Choices = AbstractSet[str]


class MarkingScheme(StrEnum):
    ALL_OR_NOTHING = "all_or_nothing"
    RIGHT_MINUS_WRONG = "right_minus_wrong"
    PER_OPTION = "per_option"


def all_or_nothing(chosen: Choices, key: Choices, offered: Choices) -> Grade:
    return Grade.right() if chosen == key else Grade.wrong()


def right_minus_wrong(chosen: Choices, key: Choices, offered: Choices) -> Grade:
    """Each wrong choice cancels a right one, so ticking every box earns nothing."""
    if chosen == key:
        return Grade.right()
    return Grade.part(len(chosen & key) - len(chosen - key), of=len(key))


def per_option(chosen: Choices, key: Choices, offered: Choices) -> Grade:
    """Every option is a small true/false question; half right is worth nothing.

    Guessing at random gets half of the options right, so credit starts there:
    with 4 options, 2 right decisions earn 0, 3 earn a half, 4 earn all.
    """
    decided_right = len(offered) - len(chosen ^ key)
    return Grade.part(2 * decided_right - len(offered), of=len(offered))


MARKING_SCHEMES: Mapping[MarkingScheme, Callable[[Choices, Choices, Choices], Grade]] = {
    MarkingScheme.ALL_OR_NOTHING: all_or_nothing,
    MarkingScheme.RIGHT_MINUS_WRONG: right_minus_wrong,
    MarkingScheme.PER_OPTION: per_option,
}
