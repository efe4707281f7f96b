"""Credit corrected for guessing: choosing blindly earns nothing in the long run."""

from collections.abc import Iterable
from fractions import Fraction

from quizapp.domain.grading import Grade


def worth(right: bool, *, ways: int, accepted: int = 1) -> Fraction:
    """What one decision adds: 1 when right, and when wrong minus what a guess among `ways` would win.

    A guess is right with chance a/w, so a wrong one takes a/(w-a): the two balance.
    What was left blank is no decision; it adds nothing and takes nothing.
    """
    return Fraction(1) if right else -Fraction(accepted, ways - accepted)


def corrected(worths: Iterable[Fraction], *, of: int) -> Grade:
    """The grade of several decisions, `of` counting the blank ones too; exact until the last step."""
    share = sum(worths, Fraction(0)) / of
    return Grade.part(share.numerator, of=share.denominator)
