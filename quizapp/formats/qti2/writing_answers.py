"""What is answered in a question, as QTI 2.1: the interaction, what is declared, and what scores it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any

from quizapp.formats.qti2.content import OWN_UNIT
from quizapp.formats.qti2.writing_texts import Tell, Texts, clean

Fields = Mapping[str, Any]
PLACES = Decimal("0.000000000001")


class CannotWrite(Exception):
    """QTI cannot say it; the message is a reason."""


@dataclass(slots=True)
class Answer:
    """One response variable on its way into an item."""

    id: str
    fields: Fields
    worth: Decimal
    """Points for the right answer."""
    texts: Texts
    tell: Tell
    inline: bool = False
    declaration: str = ""
    interaction: str = ""
    score: str = ""
    """An expression for the points; or else `rules`."""
    rules: str = ""
    right: str = ""
    """A condition that is true for a wholly right answer."""
    template: str = ""
    """The standard template that says the same, where one does."""
    feedback: list[tuple[str, Any]] = field(default_factory=list)
    """Names with the texts that are shown for them."""
    feedback_rules: str = ""
    feedback_cardinality: str = "single"
    marking: str = ""
    """Which of the ways to mark a choice, where rules alone may fit several."""
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        return "FEEDBACK" if self.id == "RESPONSE" else f"FEEDBACK_{self.id}"

    def variable(self) -> str:
        return f'<variable identifier="{self.id}"/>'

    def declare(
        self, cardinality: str, base_type: str, correct: Sequence[str], mapping: str = "", bounds: str = ""
    ) -> None:
        """The declaration of the variable; the texts of `correct` are escaped here."""
        values = "".join(f"<value>{escape(clean(each), quote=False)}</value>" for each in correct)
        mapped = f'<mapping defaultValue="0"{bounds}>{mapping}</mapping>' if mapping else ""
        self.declaration = (
            f'<responseDeclaration identifier="{self.id}" cardinality="{cardinality}" baseType="{base_type}">'
            f"<correctResponse>{values}</correctResponse>{mapped}</responseDeclaration>"
        )

    def by_mapping(self) -> None:
        self.score = f'<mapResponse identifier="{self.id}"/>'
        self.template = "map_response"

    def by_match(self) -> None:
        rules = f"<responseIf>{self.right}{add(points(self.worth))}</responseIf>"
        self.rules = f"<responseCondition>{rules}</responseCondition>"
        self.template = "match_correct" if self.worth == 1 else ""

    def show(self, name: str, text: Any) -> str:
        """Feedback to show, and the rule that shows it."""
        self.feedback.append((name, text))
        value = f'<baseValue baseType="identifier">{name}</baseValue>'
        return f'<setOutcomeValue identifier="{self.outcome}">{value}</setOutcomeValue>'


def add(score: str) -> str:
    """A rule that adds to the score."""
    total = f'<sum><variable identifier="SCORE"/>{score}</sum>'
    return f'<setOutcomeValue identifier="SCORE">{total}</setOutcomeValue>'


def points(worth: Decimal) -> str:
    return f'<baseValue baseType="float">{plain(worth)}</baseValue>'


def plain(number: Decimal) -> str:
    text = f"{number.quantize(PLACES):f}"
    return text.rstrip("0").rstrip(".") or "0"


def as_written(number: Any) -> str:
    """A number of a document in plain digits."""
    return f"{Decimal(str(number)):f}"


def single_choice(answer: Answer) -> None:
    options = answer.fields["options"]
    names = [f"choice{number}" for number in range(1, len(options) + 1)]
    key = next(name for name, option in zip(names, options, strict=True) if option.get("key"))
    earned = [_credit_of(option) for option in options]
    _matched(answer)
    if all(credit in (0, None) or option.get("key") for credit, option in zip(earned, options, strict=True)):
        answer.declare("single", "identifier", [key])
        answer.by_match()
    else:
        entries = _entries((name, credit * answer.worth) for name, credit in zip(names, earned, strict=True))
        answer.declare("single", "identifier", [key], entries)
        answer.by_mapping()
    if any(credit < 0 for credit in earned):
        answer.tell("what a wrong option costs is written as nothing")
    _write_choices(answer, names, options, most=1)


def true_false(answer: Answer) -> None:
    right = "true" if answer.fields["answer"] else "false"
    answer.declare("single", "identifier", [right])
    _matched(answer)
    answer.by_match()
    options = [
        {"text": word, "feedback": answer.fields.get(f"feedback_{word.lower()}")}
        for word in ("True", "False")
    ]
    _write_choices(answer, ["true", "false"], options, most=1, bare=True)


def multiple_choice(answer: Answer) -> None:
    options = answer.fields["options"]
    marking = answer.fields.get("marking", "right_minus_wrong")
    names = [f"choice{number}" for number in range(1, len(options) + 1)]
    keys = [name for name, option in zip(names, options, strict=True) if option.get("key")]
    _matched(answer)
    if marking == "all_or_nothing":
        answer.declare("multiple", "identifier", keys)
        answer.by_match()
    else:
        if marking == "per_option":
            answer.tell("its marking, each option for itself, is written as right minus wrong")
        answer.marking = "weighted" if marking == "weighted" else "right_minus_wrong"
        earned = _credits(options, len(keys), weighted=marking == "weighted")
        total = sum(credit for credit in earned if credit > 0)
        if total < 1 - Decimal("0.00001"):
            answer.tell("the credits of its options are scaled, so that they make a whole")
            earned = [credit / total if credit > 0 else credit for credit in earned]
        entries = _entries((name, credit * answer.worth) for name, credit in zip(names, earned, strict=True))
        bounds = f' lowerBound="0" upperBound="{plain(answer.worth)}"'
        answer.declare("multiple", "identifier", keys, entries, bounds)
        answer.by_mapping()
    answer.feedback_cardinality = "multiple"
    _write_choices(answer, names, options, most=0)


def short_text(answer: Answer) -> None:
    known = [each for each in answer.fields["answers"] if not _is_pattern(each["text"])]
    full = [_literal(each["text"]) for each in known if Decimal(str(each.get("credit", 1))) == 1]
    if len(known) < len(answer.fields["answers"]):
        answer.tell("answers with wildcards (*) are left out")
    if not full:
        raise CannotWrite("its answers are patterns (*), which QTI 2.1 has no place for")
    exact = str(bool(answer.fields.get("case_sensitive"))).lower()
    values = ((_literal(each["text"]), Decimal(str(each.get("credit", 1))) * answer.worth) for each in known)
    answer.declare("single", "string", full[:1], _entries(values, f' caseSensitive="{exact}"'))
    answer.by_mapping()
    answer.right = f"<gte>{answer.score}{points(answer.worth)}</gte>"
    answer.interaction = (
        f'<textEntryInteraction responseIdentifier="{answer.id}" expectedLength="{_length(full)}"/>'
    )
    _comment(answer, known, exact)


def _comment(answer: Answer, known: Sequence[Fields], exact: str) -> None:
    """The feedback of a short answer: of what is accepted, of mistakes, of anything else."""
    mistakes = answer.fields.get("mistakes", ())
    if any(each.get("misconception") or not each.get("feedback") for each in mistakes):
        answer.tell("the misconceptions behind its mistakes, and mistakes without feedback")
    branches, rest = [], ""
    for number, each in enumerate([*known, None, *mistakes], start=1):
        if each is None:
            branches.append((f"<gt>{answer.score}{points(Decimal(0))}</gt>", ""))
        elif not each.get("feedback"):
            continue
        elif each["text"] == "*":
            rest = answer.show("other", each["feedback"])
        elif _is_pattern(each["text"]):
            answer.tell("feedback for answers with wildcards (*)")
        else:
            text = escape(clean(_literal(each["text"])), quote=False)
            both = f'{answer.variable()}<baseValue baseType="string">{text}</baseValue>'
            test = f'<stringMatch caseSensitive="{exact}" substring="false">{both}</stringMatch>'
            branches.append((test, answer.show(f"said{number}", each["feedback"])))
    if answer.feedback:
        answer.feedback_rules = _branches(branches, rest)


def number(answer: Answer) -> None:
    fields = answer.fields
    tolerance = fields.get("tolerance") or {}
    answer.declare("single", "float", [as_written(fields["answer"])])
    answer.right = _near(answer, f'<correct identifier="{answer.id}"/>', tolerance)
    branches = [(answer.right, add(points(answer.worth)) + _said(answer, "right", fields.get("feedback")))]
    for place, each in enumerate(fields.get("accepted", ()), start=1):
        test = _near(answer, _float(each["value"]), each.get("tolerance") or {})
        worth = Decimal(str(each.get("credit", 1))) * answer.worth
        branches.append((test, add(points(worth)) + _said(answer, f"accepted{place}", each.get("feedback"))))
    for place, each in enumerate(fields.get("mistakes", ()), start=1):
        if each.get("feedback"):
            own = each["tolerance"] if each.get("tolerance") is not None else tolerance
            test = _near(answer, _float(each["value"]), own)
            branches.append((test, _said(answer, f"mistake{place}", each["feedback"])))
    answer.rules = _branches(branches, _said(answer, "other", fields.get("otherwise")))
    unit = f' <span class="{OWN_UNIT}">{escape(str(fields["unit"]))}</span>' if fields.get("unit") else ""
    answer.interaction = f'<textEntryInteraction responseIdentifier="{answer.id}" expectedLength="15"/>{unit}'
    if fields.get("units") or fields.get("unit_required"):
        answer.tell("other units, and that a unit has to be given")
    if any(each.get("misconception") or not each.get("feedback") for each in fields.get("mistakes", ())):
        answer.tell("the misconceptions behind its mistakes, and mistakes without feedback")
    if fields.get("suffixes"):
        answer.tell("that 1.5k and 2M are read as numbers")


def _near(answer: Answer, reference: str, tolerance: Fields) -> str:
    """A condition that is true close to a number."""
    both = f"{reference}{answer.variable()}"
    if "significant_figures" in tolerance:
        figures = tolerance["significant_figures"]
        return f'<equalRounded roundingMode="significantFigures" figures="{figures}">{both}</equalRounded>'
    if "relative" in tolerance:
        room = as_written(Decimal(str(tolerance["relative"])) * 100)
        return f'<equal toleranceMode="relative" tolerance="{room} {room}">{both}</equal>'
    if "absolute" in tolerance:
        room = as_written(tolerance["absolute"])
        return f'<equal toleranceMode="absolute" tolerance="{room} {room}">{both}</equal>'
    return f'<equal toleranceMode="exact">{both}</equal>'


def _float(value: Any) -> str:
    return f'<baseValue baseType="float">{as_written(value)}</baseValue>'


def _said(answer: Answer, name: str, text: Any) -> str:
    return answer.show(name, text) if text else ""


def _branches(branches: Sequence[tuple[str, str]], rest: str) -> str:
    written = []
    for place, (test, rules) in enumerate(branches):
        name = "responseElseIf" if place else "responseIf"
        written.append(f"<{name}>{test}{rules}</{name}>")
    written += [f"<responseElse>{rest}</responseElse>"] if rest else []
    return f"<responseCondition>{''.join(written)}</responseCondition>"


def _matched(answer: Answer) -> None:
    answer.right = f'<match>{answer.variable()}<correct identifier="{answer.id}"/></match>'


def _credit_of(option: Fields) -> Decimal:
    return Decimal(1) if option.get("key") else Decimal(str(option.get("credit") or 0))


def _credits(options: Sequence[Fields], keys: int, *, weighted: bool) -> list[Decimal]:
    if weighted:
        return [Decimal(str(option.get("credit") or 0)) for option in options]
    return [(1 if option.get("key") else -1) / Decimal(keys) for option in options]


def _entries(values: Any, extra: str = "") -> str:
    return "".join(
        f'<mapEntry mapKey="{escape(clean(name))}" mappedValue="{plain(worth)}"{extra}/>'
        for name, worth in values
        if worth or extra
    )


def _write_choices(
    answer: Answer, names: Sequence[str], options: Sequence[Fields], *, most: int, bare: bool = False
) -> None:
    if any(option.get("misconception") for option in options) or answer.fields.get("misconception"):
        answer.tell("the misconceptions behind wrong options")
    if answer.inline:
        choices = "".join(
            f'<inlineChoice identifier="{name}">{answer.texts.bare(option["text"])}</inlineChoice>'
            for name, option in zip(names, options, strict=True)
        )
        tag = "inlineChoiceInteraction"
        answer.interaction = f'<{tag} responseIdentifier="{answer.id}" shuffle="true">{choices}</{tag}>'
    else:
        write = escape if bare else answer.texts.inline
        choices = "".join(
            f'<simpleChoice identifier="{name}">{write(option["text"])}</simpleChoice>'
            for name, option in zip(names, options, strict=True)
        )
        tag = "choiceInteraction"
        shuffle = str(not bare).lower()
        head = f'{tag} responseIdentifier="{answer.id}" shuffle="{shuffle}" maxChoices="{most}"'
        answer.interaction = f"<{head}>{choices}</{tag}>"
    for name, option in zip(names, options, strict=True):
        if option.get("feedback"):
            answer.feedback.append((name, option["feedback"]))
    if answer.feedback:
        rule = f'<setOutcomeValue identifier="{answer.outcome}">{answer.variable()}</setOutcomeValue>'
        answer.feedback_rules = rule


def _is_pattern(text: str) -> bool:
    return "*" in text.replace("\\*", "")


def _literal(text: str) -> str:
    return text.replace("\\*", "*")


def _length(texts: Sequence[str]) -> int:
    return max(map(len, texts)) + 5


WRITERS: dict[str, Callable[[Answer], None]] = {
    "single_choice": single_choice,
    "true_false": true_false,
    "multiple_choice": multiple_choice,
    "short_text": short_text,
    "number": number,
}
"""How the types are written that fit into one variable; `writing_pairs` adds some."""
