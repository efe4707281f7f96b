"""Marking schemes for questions with several right choices."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from quizapp.domain.grading import CREDIT_STEP, FULL, Grade

Choices = AbstractSet[str]


class MarkingScheme(StrEnum):
    ALL_OR_NOTHING = "all_or_nothing"
    RIGHT_MINUS_WRONG = "right_minus_wrong"
    PER_OPTION = "per_option"
    WEIGHTED = "weighted"
    """Each option has a `credit`; those of the chosen ones are added up."""


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


def weighted(chosen: Choices, earned: Mapping[str, Decimal]) -> Grade:
    """The sum of the credits, never below none; all that earn something, and nothing else, is right.

    As in Moodle's multiple response, a sum of all marks is right as well, by whatever choices.
    """
    total = sum((earned[each] for each in chosen), Decimal(0))
    if total >= FULL or chosen == {each for each, credit in earned.items() if credit > 0}:
        return Grade.right()
    rounded = min(total.quantize(CREDIT_STEP, rounding=ROUND_HALF_EVEN), FULL - CREDIT_STEP)
    return Grade.partial(rounded) if rounded > 0 else Grade.wrong()


MARKING_SCHEMES: Mapping[MarkingScheme, Callable[[Choices, Choices, Choices], Grade]] = {
    MarkingScheme.ALL_OR_NOTHING: all_or_nothing,
    MarkingScheme.RIGHT_MINUS_WRONG: right_minus_wrong,
    MarkingScheme.PER_OPTION: per_option,
}
"""All but `weighted`, which needs to know what each option earns."""
