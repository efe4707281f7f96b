"""What the columns of a table hold, as their headers say it."""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MEANINGS: dict[str, str] = {
    "question": "The question",
    "type": "Type of the question",
    "option": "An answer to choose from",
    "options": "All answers, in one cell",
    "wrong": "A wrong answer",
    "key": "Which answer is right",
    "credit": "What an answer earns",
    "feedback": "What is said about an answer",
    "misconception": "What somebody believes who gives an answer",
    "feedback_right": "What is said to whoever is right",
    "feedback_wrong": "What is said to whoever is wrong",
    "explanation": "Why the right answer is right",
    "hint": "A hint",
    "name": "Name of the question",
    "id": "Id of the question",
    "topic": "Topic",
    "subtopic": "Subtopic",
    "objective": "Objective",
    "category": "Category",
    "tags": "Tags",
    "level": "Level",
    "cognitive": "Kind of thinking",
    "points": "Points",
    "tolerance": "How far off a number may be",
    "unit": "Unit of a number",
    "case": "Whether capital letters matter",
    "marking": "How partly right answers count",
    "markup": "Markup of the texts",
    "as_of": "When it was checked",
    "versions": "Versions it is about",
    "kind": "Kind in another system",
    "reason": "Why it cannot be asked",
    "source": "Source in another system",
    "image": "A picture",
    "kept": "Something else, kept without effect",
    "number": "Number of the row",
}
"""What a column can hold, in words for people."""

SAYS: dict[str, str] = {
    **dict.fromkeys(
        ("question", "question text", "questiontext", "stem", "prompt", "frage", "pregunta"), "question"
    ),
    **dict.fromkeys(("domanda", "item stem", "problem", "question stem", "the question"), "question"),
    **dict.fromkeys(("type", "question type", "questiontype", "qtype", "kind of question"), "type"),
    **dict.fromkeys(
        ("option", "choice", "alternative", "answer option", "possible answer", "opción"), "option"
    ),
    **dict.fromkeys(("antwort", "réponse", "respuesta", "choice text", "answer choice", "opt"), "option"),
    **dict.fromkeys(("options", "choices", "answers", "alternatives", "answer options"), "options"),
    **dict.fromkeys(("wrong", "wrong answer", "incorrect answer", "distractor", "false answer"), "wrong"),
    **dict.fromkeys(("incorrect", "wrong option", "incorrect option"), "wrong"),
    **dict.fromkeys(("key", "keys", "correct", "correct answer", "correct answers", "right answer"), "key"),
    **dict.fromkeys(("answer", "answer key", "correct option", "correct options", "correct choice"), "key"),
    **dict.fromkeys(
        ("correctanswer", "correct answer s", "correct option s", "right answers", "solution"), "key"
    ),
    **dict.fromkeys(("correct index", "lösung", "accepted answers", "answer s", "ans"), "key"),
    **dict.fromkeys(("credit", "fraction", "fractions", "weight", "score of option"), "credit"),
    **dict.fromkeys(("feedback", "option feedback", "answer feedback", "choice feedback"), "feedback"),
    "misconception": "misconception",
    **dict.fromkeys(("feedback if right", "correct feedback", "correctfeedback"), "feedback_right"),
    **dict.fromkeys(("feedback if wrong", "incorrect feedback", "incorrectfeedback"), "feedback_wrong"),
    **dict.fromkeys(("explanation", "rationale", "general feedback", "generalfeedback"), "explanation"),
    **dict.fromkeys(("justification", "answer explanation", "comment", "erklärung"), "explanation"),
    **dict.fromkeys(("hint", "hints", "clue"), "hint"),
    **dict.fromkeys(("name", "title", "question name", "questionname", "question title"), "name"),
    **dict.fromkeys(("id", "uid", "question id", "questionid", "idnumber", "identifier"), "id"),
    **dict.fromkeys(("topic", "subject"), "topic"),
    **dict.fromkeys(("subtopic",), "subtopic"),
    **dict.fromkeys(("objective",), "objective"),
    **dict.fromkeys(("category", "section", "chapter", "folder", "module", "lesson", "deck"), "category"),
    **dict.fromkeys(("tags", "tag", "keywords", "labels"), "tags"),
    **dict.fromkeys(("level", "difficulty", "difficulty level"), "level"),
    **dict.fromkeys(("cognitive", "bloom", "blooms level"), "cognitive"),
    **dict.fromkeys(
        ("points", "point", "point value", "score", "marks", "mark", "grade", "punkte"), "points"
    ),
    **dict.fromkeys(("defaultmark", "default mark", "defaultgrade", "max score"), "points"),
    **dict.fromkeys(("tolerance", "margin", "error margin"), "tolerance"),
    **dict.fromkeys(("unit", "units"), "unit"),
    **dict.fromkeys(("case sensitive", "casesensitive", "usecase", "case"), "case"),
    **dict.fromkeys(("marking", "scoring", "partial credit"), "marking"),
    **dict.fromkeys(("markup", "text format", "format"), "markup"),
    **dict.fromkeys(("as of",), "as_of"),
    **dict.fromkeys(("versions",), "versions"),
    **dict.fromkeys(("original kind",), "kind"),
    **dict.fromkeys(("reason",), "reason"),
    **dict.fromkeys(("source",), "source"),
    **dict.fromkeys(("image", "image link", "image url", "picture", "img", "image file"), "image"),
    **dict.fromkeys(
        ("", "no", "nr", "number", "row", "s no", "sl no", "question number", "question no"), "number"
    ),
}
NUMBERED = frozenset({"option", "wrong", "feedback", "credit", "misconception", "hint", "key"})
SLOT = re.compile(r"(.*?)[ _#-]*([0-9]{1,2}|(?<=[ _])[a-j])", re.DOTALL)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
SEVERAL = frozenset({"answer", "answers", "choice", "option", "right answer", "correct answer"})
NAMED_BY_PLUGIN = {
    "multichoicename": "choice",
    "shortanswername": "short_text",
    "truefalsename": "true_false",
    "essayname": "open_response",
}
"""First headers of a plugin of Moodle whose files hold questions of one type."""

OWN = frozenset(
    {
        *("id", "type", "name", "topic", "subtopic", "objective", "level", "cognitive", "category", "tags"),
        *("points", "question", "option", "key", "credit", "feedback", "misconception", "feedback if right"),
        *(
            "feedback if wrong",
            "explanation",
            "hint",
            "tolerance",
            "unit",
            "case sensitive",
            "marking",
            "markup",
        ),
        *("as of", "versions", "original kind", "reason", "source"),
    }
)
"""The headers of this house's own template."""


HEADERS_WITHIN, LEAST_SCORE = 30, 2
"""How many rows from the top headers may begin, and how many kinds of columns they name at least."""


class Layout(StrEnum):
    """Whose habits a table with headers follows."""

    OWN = "own"
    KAHOOT = "kahoot"
    MOODLE = "moodle"
    OTHER = "other"


@dataclass(slots=True)
class Column:
    """A column with what it holds, and which of several it is."""

    place: int
    header: str
    meaning: str
    slot: int = 0


@dataclass(slots=True)
class Plan:
    """How the rows of a table are read."""

    columns: list[Column]
    layout: Layout = Layout.OTHER
    default_type: str = ""
    first_row: int = 0
    """The first row of data."""
    certain: bool = False
    """Whether the table says well enough what it holds to be read without asking anybody."""
    headers: list[str] = field(default_factory=list)
    """Every column's header, each another one."""

    def places(self, meaning: str) -> list[Column]:
        return [column for column in self.columns if column.meaning == meaning]

    def guesses(self) -> dict[str, str]:
        return {column.header: column.meaning for column in self.columns}


def plan_of(cells: Sequence[str], width: int, first_row: int) -> Plan:
    """How a table is read whose headers are these."""
    headers = unique_headers(cells, width)
    words = [_words(cell) for cell in [*cells, *[""] * (width - len(cells))]]
    has_letters = {"a", "b"} <= set(words)
    columns = [
        Column(place, headers[place], *_meaning(word, has_letters)) for place, word in enumerate(words)
    ]
    _settle_answers(columns, words)
    _number_slots(columns)
    plan = Plan(
        columns,
        _layout(words),
        NAMED_BY_PLUGIN.get(words[0] if words else "", ""),
        first_row,
        headers=headers,
    )
    plan.certain = _is_certain(plan)
    return plan


def plan_by_person(plan: Plan, options: Mapping[str, str]) -> Plan:
    """The plan that somebody made of the guesses: header → meaning."""
    if not options.keys() & set(plan.headers):
        return plan
    columns = []
    for column in plan.columns:
        said = options.get(column.header)
        meaning = said if said in MEANINGS else ("kept" if said is not None else column.meaning)
        columns.append(
            Column(column.place, column.header, meaning, column.slot if meaning == column.meaning else 0)
        )
    _number_slots(columns)
    made = Plan(columns, plan.layout, plan.default_type, plan.first_row, True, plan.headers)
    return made if made.places("question") else plan


def score_of(cells: Sequence[str]) -> int:
    """How much a row looks like headers: the kinds of columns it names, 0 without a question."""
    if not any(_words(cell) in SAYS and SAYS[_words(cell)] == "question" for cell in cells):
        return 0
    known = {_meaning(_words(cell), True)[0] for cell in cells if cell and len(cell) < 100}
    return len(known - {"kept", "number"})


def unique_headers(cells: Sequence[str], width: int) -> list[str]:
    """A name for every column: its header, or its letter; a repeated one gets a number."""
    names: list[str] = []
    for place in range(width):
        name = " ".join(cells[place].split())[:100] if place < len(cells) else ""
        name = name or f"Column {column_letters(place)}"
        again, wanted = 2, name
        while name in names:
            name, again = f"{wanted} ({again})", again + 1
        names.append(name)
    return names


def column_letters(place: int) -> str:
    """A, B, … Z, AA: how spreadsheets call the column at a place from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = string.ascii_uppercase[rest] + letters
    return letters


def _words(header: str) -> str:
    """A header in plain words: what is added behind a dash or in brackets counts as little as its signs."""
    plain = CAMEL.sub(" ", header[:200]).casefold().replace("\N{EN DASH}", "-").replace("_", " ")
    plain = plain.partition(" - ")[0].replace("(s)", " s")
    plain = re.sub(r"\([^()]{0,100}\)", " ", plain)
    return " ".join(re.sub(r"[^\w\s]", " ", plain).split())


def _meaning(word: str, has_letters: bool) -> tuple[str, int]:
    """What a header means, and the number that it ends with."""
    if word in NAMED_BY_PLUGIN:
        return "name", 0
    if word in SAYS:
        return SAYS[word], 0
    if len(word) == 1 and word in string.ascii_lowercase[:10] and has_letters:
        return "option", string.ascii_lowercase.index(word) + 1
    found = SLOT.fullmatch(word)
    base = found[1].strip() if found else ""
    if found is None or (base not in SEVERAL and SAYS.get(base) not in NUMBERED):
        return "kept", 0
    number = int(found[2]) if found[2].isdigit() else string.ascii_lowercase.index(found[2]) + 1
    if base in ("answer", "answers", "ans") and not has_letters:
        return "option", number
    return SAYS.get(base, "key"), number


def _settle_answers(columns: list[Column], words: Sequence[str]) -> None:
    """Words that mean one thing beside some columns and another beside others."""
    has_options = sum(column.meaning == "option" for column in columns) >= 2
    for column, word in zip(columns, words, strict=True):
        if column.meaning == "feedback" and not column.slot and word == "feedback":
            column.meaning = "explanation"
        if column.meaning == "option" and not column.slot and word in ("antwort", "réponse", "respuesta"):
            column.meaning = "key" if not has_options else "option"
        if column.meaning == "explanation" and sum(c.meaning == "explanation" for c in columns) > 1:
            column.meaning = "explanation" if word != "comment" else "kept"


def _number_slots(columns: list[Column]) -> None:
    """Columns of one meaning that say no number get the next free one."""
    for meaning in NUMBERED:
        taken = {column.slot for column in columns if column.meaning == meaning and column.slot}
        for column in columns:
            if column.meaning == meaning and not column.slot:
                column.slot = next(slot for slot in range(1, len(columns) + 100) if slot not in taken)
                taken.add(column.slot)


def _layout(words: Sequence[str]) -> Layout:
    named = {word for word in words if word}
    bases = {word if word in OWN else SLOT.sub(r"\1", word).strip() for word in named}
    if {"type", "question"} <= named and bases <= OWN:
        return Layout.OWN
    if any(word.startswith("time limit") for word in named) and any(
        w.startswith("correct answer") for w in named
    ):
        return Layout.KAHOOT
    if (words and words[0] in NAMED_BY_PLUGIN) or {"questionname", "questiontext"} <= named:
        return Layout.MOODLE
    return Layout.OTHER


def _is_certain(plan: Plan) -> bool:
    if not plan.places("question"):
        return False
    if plan.layout is not Layout.OTHER or plan.default_type or plan.places("type"):
        return True
    offers = len(plan.places("option")) >= 2 or plan.places("options") or plan.places("wrong")
    return bool(offers and plan.places("key"))
