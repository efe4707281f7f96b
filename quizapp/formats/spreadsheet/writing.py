"""Our own template as CSV: one question a row, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.domain.texts import Markup, default_markup
from quizapp.formats import Limit, QuestionDocument
from quizapp.formats.reading.building import ESSAY_PROMPTS, ESSAY_RUBRIC, RECALL_RUBRIC, decimal_text
from quizapp.formats.spreadsheet.cells import guarded
from quizapp.formats.spreadsheet.kinds import NOTHING

MOST_IN_A_CELL = 32_767
FIRST = (
    "id",
    "type",
    "name",
    "topic",
    "subtopic",
    "objective",
    "level",
    "cognitive",
    "category",
    "tags",
    "points",
)
LAST = (
    *("feedback if right", "feedback if wrong", "explanation"),
    *("tolerance", "unit", "case sensitive", "marking", "markup", "as of", "versions"),
    *("original kind", "reason", "source"),
)
OF_ANSWERS = ("option", "credit", "feedback", "misconception")
ALWAYS = ("id", "type", "topic", "question", "key")
SAME_NAME = (
    "id",
    "type",
    "name",
    "topic",
    "subtopic",
    "objective",
    "level",
    "cognitive",
    "category",
    "points",
)
Say = Callable[[str], None]
Cells = dict[str, str]


def written_table(questions: Sequence[QuestionDocument]) -> tuple[bytes, tuple[Limit, ...]]:
    """The file, and what it lacks of each question."""
    limits: list[Limit] = []
    rows = [row for document in questions if (row := _row(document, limits)) is not None]
    headers = _headers(rows)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([guarded(row.get(header, "")) for header in headers])
    return target.getvalue().encode("utf-8-sig", "replace"), tuple(limits)


def _headers(rows: Sequence[Cells]) -> list[str]:
    """The columns that some question needs, in the order of the template."""
    used = {name for row in rows for name, cell in row.items() if cell} | set(ALWAYS)
    numbers = sorted({int(name.rpartition(" ")[2]) for name in used if name[-1:].isdigit()})
    answers = [f"{name} {number}" for number in numbers for name in OF_ANSWERS]
    hints = [f"hint {number}" for number in numbers]
    order = [*FIRST, "question", "key", *answers, *hints, *LAST]
    return [name for name in order if name in used]


def _row(document: QuestionDocument, limits: list[Limit]) -> Cells | None:
    uid = str(document.get("id", ""))

    def say(message: str) -> None:
        limits.append(Limit(uid, message))

    if document.get("variants"):
        question, _ = read_question(document, Place("", {}))
        if question is None:
            say("has variants that cannot be drawn, so it is left out")
            return None
        say("has variants; it is written as one draw")
        document = variant(question, 0).model_copy(update={"written": None}).document()
    maker = _makers.get(str(document.get("type")))
    if maker is None:
        say(f"a row cannot say what a question of the type {document.get('type')} says, so it is left out")
        return None
    own = _Cells(document, say)
    if not maker(own):
        return None
    _add_shared(own)
    for name, cell in own.cells.items():
        if len(cell) > MOST_IN_A_CELL:
            say(f"its {name} is longer than a cell of a spreadsheet may be ({MOST_IN_A_CELL:,} characters)")
    return own.cells


class _Cells:
    """The cells of one question, while they are filled."""

    def __init__(self, document: QuestionDocument, say: Say) -> None:
        self.document = document
        self.say = say
        self.markup = default_markup(document)
        self.cells: Cells = {}

    def put(self, name: str, value: Any) -> None:
        """A value as a cell; a text in another markup than the question's loses the name of it."""
        if isinstance(value, Mapping):
            [(markup, value)] = value.items()
            self.say(f"its {name} is {markup}, which its row cannot say")
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, float | Decimal):
            value = format(Decimal(str(value)), "f")
        if value not in (None, ""):
            self.cells[name] = str(value)

    def put_answers(self, answers: Sequence[Mapping[str, Any]], first: int = 1) -> None:
        """Answers with what is said about each."""
        for number, answer in enumerate(answers, start=first):
            self.put(f"option {number}", answer.get("text"))
            for name in OF_ANSWERS[1:]:
                self.put(f"{name} {number}", answer.get(name))

    def put_keys(self, answers: Sequence[Mapping[str, Any]]) -> None:
        letters = [ascii_uppercase[place] for place, each in enumerate(answers) if each.get("key")]
        self.put("key", ", ".join(letters))


def _add_shared(own: _Cells) -> None:
    document = own.document
    for name in SAME_NAME:
        own.put(name, own.cells.get(name) or document.get(name))
    own.put("question", document.get("stem"))
    own.put("explanation", document.get("explanation"))
    own.put("as of", document.get("as_of"))
    for name in ("tags", "versions"):
        own.put(name, _listed(document.get(name) or (), own.say, name))
    for number, hint in enumerate(document.get("hints") or (), start=1):
        own.put(f"hint {number}", hint)
    if own.markup is not Markup.MARKDOWN:
        own.put("markup", own.markup.value)
    if document.get("references"):
        own.say("its references are not written")
    origin = document.get("origin") or {}
    if origin.get("id") or origin.get("settings"):
        own.say("its identity and settings in another system are not written")


def _listed(words: Sequence[str], say: Say, noun: str) -> str:
    """Words with semicolons between them; one that holds a comma is followed by one."""
    if any(";" in word for word in words):
        say(f"semicolons in its {noun} part them")
    return "; ".join(words) + (";" if len(words) == 1 and "," in words[0] else "")


def _single_choice(own: _Cells) -> bool:
    own.put_answers(own.document["options"])
    own.put_keys(own.document["options"])
    return True


def _multiple_choice(own: _Cells) -> bool:
    own.put("marking", own.document.get("marking"))
    return _single_choice(own)


def _true_false(own: _Cells) -> bool:
    own.put("key", bool(own.document["answer"]))
    own.put("feedback 1", own.document.get("feedback_true"))
    own.put("feedback 2", own.document.get("feedback_false"))
    own.put("misconception 1", own.document.get("misconception"))
    return True


def _short_text(own: _Cells) -> bool:
    answers = list(own.document["answers"])
    mistakes = [{**each, "credit": "0"} for each in own.document.get("mistakes") or ()]
    own.put_answers([*answers, *mistakes])
    own.put("case sensitive", own.document.get("case_sensitive") or None)
    return True


def _number(own: _Cells) -> bool:
    document = own.document
    if any(document.get(name) for name in ("units", "unit_required", "suffixes")):
        own.say("its other units, and whether a unit must be said, are not written")
    own.put("key", document["answer"])
    own.put("tolerance", _tolerance(document.get("tolerance")))
    own.put("unit", document.get("unit"))
    own.put("feedback if right", document.get("feedback"))
    own.put("feedback if wrong", document.get("otherwise"))
    accepted = [_other(each, each.get("credit", 1)) for each in document.get("accepted") or ()]
    mistakes = [_other(each, "0") for each in document.get("mistakes") or ()]
    own.put_answers([*accepted, *mistakes])
    return True


def _other(value: Mapping[str, Any], credit: Any) -> dict[str, Any]:
    """Another number with its tolerance, as one cell."""
    number = decimal_text(Decimal(str(value["value"])))
    room = _tolerance(value.get("tolerance"))
    return {**value, "text": f"{number} ± {room}" if room else number, "credit": str(credit)}


def _tolerance(value: Any) -> str:
    match value:
        case {"absolute": room} if room is not None:
            return decimal_text(Decimal(str(room)))
        case {"relative": room} if room is not None:
            return f"{decimal_text(Decimal(str(room)) * 100)}%"
        case {"significant_figures": figures} if figures is not None:
            return f"{figures} sf"
    return ""


def _ordering(own: _Cells) -> bool:
    own.put_answers(own.document["items"])
    own.put("misconception 1", own.document.get("misconception"))
    return True


def _matching(own: _Cells) -> bool:
    document = own.document
    pairs = [{**pair, "text": own_pair(own, pair["prompt"], pair["match"])} for pair in document["pairs"]]
    others = [{**each, "text": own_pair(own, "", each["text"])} for each in document.get("distractors") or ()]
    own.put_answers([*pairs, *others])
    return True


def own_pair(own: _Cells, prompt: Any, match: Any) -> str:
    """`a => b`; an arrow inside a text gets a backslash."""
    sides = []
    for side in (prompt, match):
        if isinstance(side, Mapping):
            [(markup, side)] = side.items()
            own.say(f"one of its texts is {markup}, which its row cannot say")
        side = str(side).replace("=>", "\\=>")
        sides.append(f"\\{side}" if side == NOTHING else side)
    return f"{sides[0] or NOTHING} => {sides[1]}"


def _open_response(own: _Cells) -> bool:
    document = own.document
    rubric, prompts = list(document.get("rubric") or ()), list(document.get("prompts") or ())
    own.put("type", "flashcard" if rubric == RECALL_RUBRIC else "open_response")
    if rubric not in (RECALL_RUBRIC, ESSAY_RUBRIC):
        own.say("its rubric is not written; the plain one takes its place")
    if prompts != ESSAY_PROMPTS or document.get("kind") or document.get("image"):
        own.say("its stages, and what may be handed in, are not written")
    if document.get("follow_ups") or document.get("max_chars"):
        own.say("its follow-up questions and the length of an answer are not written")
    own.put("key", document.get("model_answer"))
    return True


def _information(own: _Cells) -> bool:
    return True


def _opaque(own: _Cells) -> bool:
    document = own.document
    if (document.get("origin") or {}).get("format") not in ("csv", "xlsx"):
        own.say("is a question of another system that is only kept, so it is left out")
        return False
    own.put("original kind", document.get("kind"))
    own.put("reason", document.get("reason"))
    own.put("source", document.get("source"))
    return True


_makers: dict[str, Callable[[_Cells], bool]] = {
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "true_false": _true_false,
    "short_text": _short_text,
    "number": _number,
    "ordering": _ordering,
    "matching": _matching,
    "open_response": _open_response,
    "information": _information,
    "opaque": _opaque,
}
