"""What a grade is."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

CREDIT_STEP = Decimal("0.000001")
NONE = Decimal(0)
FULL = Decimal(1)


class Verdict(StrEnum):
    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grader's decision.

    The verdict is decided, never derived from the credit, so nothing ever
    compares fractions to find out who was right.  `credit` lies in 0..1 and is
    a whole number of millionths, so that sums are exact on every database.
    """

    verdict: Verdict
    credit: Decimal

    @classmethod
    def right(cls) -> "Grade":
        return cls(Verdict.RIGHT, FULL)

    @classmethod
    def wrong(cls) -> "Grade":
        return cls(Verdict.WRONG, NONE)

    @classmethod
    def part(cls, got: int, of: int) -> "Grade":
        """Credit for `got` right parts out of `of`; below zero counts as none."""
        if got >= of:
            return cls.right()
        return cls.partial(Decimal(got) / of) if got > 0 else cls.wrong()

    @classmethod
    def partial(cls, credit: Decimal) -> "Grade":
        """Some credit, strictly between none and all."""
        rounded = credit.quantize(CREDIT_STEP, rounding=ROUND_HALF_EVEN)
        if not NONE < rounded < FULL:
            raise ValueError(f"partial credit lies between 0 and 1, not {credit}")
        return cls(Verdict.PARTIAL, rounded)
