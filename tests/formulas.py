"""What formulas are worth, and why they are refused."""

from typing import Any

import pytest

from quizapp.domain.expressions import FormulaError, Value, parse


def value_of(source: str, **values: Value) -> Any:
    return parse(source).evaluate(values)


def refusal(source: str, **values: Value) -> str:
    with pytest.raises(FormulaError) as refused:
        value_of(source, **values)
    return str(refused.value)
