"""Questions as a Moodle backup writes them: one element a field, every text with its format beside it."""

import re
from decimal import Decimal

from quizapp.domain.imports import Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.moodle_backup.stored_files import StoredFiles
from quizapp.formats.reading.moodle_elements import child, children, said
from quizapp.formats.reading.moodle_files import Files
from quizapp.formats.reading.moodle_question import (
    FORMATS,
    Answer,
    Asked,
    Choice,
    Pair,
    Unit,
    kept_share,
    number_of,
)
from quizapp.formats.reading.xml import Element, local_name

NULL = "$@NULL@$"
DRAG_GROUP = re.compile(r'"(?:draggroup|choicegroup)";(?:s:[0-9]{1,4}:"|i:)([0-9]{1,4})')
OVERALL = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
EXTRA = ("graderinfo", "responsetemplate", "instructions")
READ_ELSEWHERE = frozenset(
    ("id", "question", "questionid", "trueanswer", "falseanswer", "sequence", *OVERALL, *EXTRA)
)
KEPT = frozenset(("penalty", "hidden"))
"""Fields of every question that are kept for the way back."""


class Record:
    """Reads one question."""

    def __init__(self, root: Element, found: Found, reading: Reading, stored: StoredFiles) -> None:
        self._root, self._stored = root, stored
        self._files = Files(found, reading)
        self.id = root.get("id") or ""
        self.kind = value(root, "qtype").casefold()
        self._plugin = child(root, f"plugin_qtype_{self.kind}_question")
        self._default = Markup.HTML

    @property
    def parent(self) -> str:
        """The question that this one is a part of; nothing where it stands for itself."""
        parent = value(self._root, "parent")
        return "" if parent in ("", "0", self.id) else parent

    @property
    def sequence(self) -> list[str]:
        """The questions that are parts of this one."""
        listed = value(child(self._plugin, "multianswer"), "sequence")
        return [each.strip() for each in listed.split(",")]

    @property
    def raw_text(self) -> str:
        return value(self._root, "questiontext")

    @property
    def name(self) -> str:
        return " ".join(value(self._root, "name").split())

    def text(self) -> Marked:
        """The text of the question, with its pictures."""
        return self._text(self._root, "questiontext", self.id)

    def asked(self, category: str, idnumber: str) -> Asked:
        """The question with everything that is said of it."""
        root = self._root
        text = self.text()
        self._default = text.markup
        asked = Asked(self.kind, self.name, text, category=category)
        asked.general_feedback = self._text(root, "generalfeedback", self.id)
        asked.grade = value(root, "defaultmark") or value(root, "defaultgrade")
        asked.idnumber = idnumber or value(root, "idnumber")
        tags = [each for tags in children(root, "tags") for each in children(tags, "tag")]
        asked.tags = [value(tag, "rawname") or value(tag, "name") for tag in tags]
        hints = [
            each for hints in children(root, "question_hints") for each in children(hints, "question_hint")
        ]
        asked.hints = [self._text(hint, "hint", hint.get("id") or "") for hint in hints]
        self._answers(asked)
        asked.pairs = [self._pair(each) for each in self._inside("matches", "match")]
        units = self._inside("numerical_units", "numerical_unit")
        asked.units = [Unit(value(unit, "unit"), value(unit, "multiplier")) for unit in units]
        self._options(asked)
        return asked

    def _answers(self, asked: Asked) -> None:
        tolerances = {
            value(each, "answer"): value(each, "tolerance")
            for each in self._inside("numerical_records", "numerical_record")
        }
        sides = child(self._plugin, "truefalse")
        words = {value(sides, "trueanswer"): "true", value(sides, "falseanswer"): "false"}
        for element in self._inside("answers", "answer"):
            own = element.get("id") or ""
            text = self._text(element, "answertext", own, area="answer", format_name="answerformat")
            if self.kind in ("shortanswer", "numerical", "gapselect"):
                text = Marked(text, Markup.PLAIN)
            elif self.kind == "truefalse":
                text = Marked(words.get(own, text), Markup.PLAIN)
            if self.kind in ("ddwtos", "gapselect"):
                asked.choices.append(Choice(text, _group(value(element, "feedback"))))
                continue
            fraction = number_of(value(element, "fraction") or "0")
            earned = fraction if self.kind == "ordering" else _share(fraction)
            feedback = self._text(element, "feedback", own, area="answerfeedback")
            asked.answers.append(Answer(text, earned, feedback, tolerances.get(own, "")))
        if self.kind == "ordering":
            asked.answers.sort(key=lambda each: each.fraction or 0)

    def _pair(self, element: Element) -> Pair:
        left = self._text(element, "questiontext", element.get("id") or "", area="subquestion")
        return Pair(left, value(element, "answertext"))

    def _options(self, asked: Asked) -> None:
        """What the plugin says of the question as a whole."""
        for name in KEPT:
            if value(self._root, name):
                asked.settings[name] = value(self._root, name)
        for option in self._option_elements():
            for name in OVERALL:
                if children(option, name):
                    asked.overall[name] = self._text(option, name, self.id)
            for name in EXTRA:
                if children(option, name):
                    asked.extra[name] = self._text(option, name, self.id)
            for element in option:
                name = local_name(element)
                if name and not len(element) and not _is_text_field(name) and said(option, name) != NULL:
                    asked.settings.setdefault(name, said(option, name))

    def _option_elements(self) -> list[Element]:
        """The records of options inside the plugin's element, at whatever depth they stand."""
        found: list[Element] = []
        for element in self._plugin if self._plugin is not None else ():
            name = local_name(element)
            if name in ("answers", "matches", "numerical_units", "numerical_records", "dataset_definitions"):
                continue
            found += [element, *(inner for inner in element if len(inner))]
        return found

    def _inside(self, several: str, one: str) -> list[Element]:
        return [each for listed in children(self._plugin, several) for each in children(listed, one)]

    def _text(
        self, element: Element, name: str, item: str, *, area: str = "", format_name: str = ""
    ) -> Marked:
        text = value(element, name)
        number = value(element, format_name or f"{name}format")
        markup = FORMATS.get(number, Markup.HTML) if number else self._default
        files = self._stored.named(area or name, item, text)
        return self._files.carried(Marked(text, markup), files)


def value(element: Element | None, name: str) -> str:
    """A field of a record; what the database has no value for is nothing."""
    words = said(element, name)
    return "" if words == NULL else words


def _share(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else kept_share(fraction)


def _group(said_of_choice: str) -> str:
    """The group of a word: a number, or one inside PHP's notation, which is only searched."""
    found = DRAG_GROUP.search(said_of_choice[:500])
    return found[1] if found else said_of_choice.strip() or "1"


def _is_text_field(name: str) -> bool:
    return name in READ_ELSEWHERE or name.removesuffix("format") in (*OVERALL, *EXTRA)
