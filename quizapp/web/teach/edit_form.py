"""The editor's form: what was typed, what is wrong with it, and the fields in the order a page shows them.

The form checks nothing by itself.  What was typed goes through the one door, and every message comes
back beside its field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from quizapp.domain.documents import read_question
from quizapp.domain.problems import Place, Problem
from quizapp.domain.questions import Question
from quizapp.web.teach import edit_yaml, field_reading, field_values
from quizapp.web.teach.edit_words import line_of, path_of, sentence
from quizapp.web.teach.field_reading import Read
from quizapp.web.teach.field_tree import Shape, Widget, is_kept
from quizapp.web.teach.field_values import MOST_CHARS, Fields, Hostile, question_shapes

FORM, YAML = "form", "yaml"
CONTROLS = frozenset({"csrf_token", "do", "mode", "base", "yaml"})
"""Fields of the form that are none of the question."""

NEW = "new-question"
"""Stands for the id of a question until it has one."""

ROW_BUTTON = re.compile(r"(add|remove|up|down):([a-z0-9_.]{1,120})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """Something to mend: the field's name, where it is in words, and the message."""

    name: str
    place: str
    message: str
    line: int = 0
    """Of the YAML, where that was typed."""


@dataclass
class EditForm:
    """What is in the form, and what came of judging it."""

    kind: str
    fields: Fields
    mode: str = FORM
    text: str = ""
    base: int = 0
    told: list[Told] = field(default_factory=list)
    focus: str = ""
    """The name of the field or row that the page begins at."""
    document: dict[str, Any] = field(default_factory=dict)
    """What was typed as a document, once it was judged."""
    read: Read = field(default_factory=Read)
    names_itself: bool = False
    """Whether the YAML of a new question says its id."""

    @classmethod
    def blank(cls, kind: str, given: Mapping[str, str]) -> "EditForm":
        return cls(kind, field_values.blank_fields(question_shapes(kind)) | dict(given))

    @classmethod
    def of(cls, kind: str, document: Mapping[str, Any], base: int) -> "EditForm":
        """The form of a stored document; a very long one can only be edited as YAML."""
        fields = field_values.fields_of(question_shapes(kind), document)
        if len(fields) > field_values.MOST_FIELDS:
            return cls(kind, {}, YAML, edit_yaml.dumped(document), base)
        return cls(kind, fields, base=base)

    @classmethod
    def kept(cls, kind: str, typed: Mapping[str, str], base: int) -> "EditForm":
        """The form as an unfinished edit left it."""
        fields = {name: text for name, text in typed.items() if name not in CONTROLS}
        # A newer version may no longer have some of its fields.
        known = field_reading.document_of(question_shapes(kind), fields, strict=False).used
        fields = {name: text for name, text in fields.items() if name in known}
        return cls(kind, fields, typed.get("mode", FORM), typed.get("yaml", ""), base)

    @classmethod
    def sent(cls, kind: str) -> "EditForm":
        """The form as it was sent.  Aborts with 400 for what no page of ours sends."""
        mode, base = request.form.get("mode", FORM), request.form.get("base", "0")
        text = field_values.plain(request.form.get("yaml", ""))
        fits = mode == FORM or (mode == YAML and not is_kept(kind))
        if not fits or not re.fullmatch(r"[0-9]{1,9}", base, re.ASCII) or len(text) > MOST_CHARS:
            raise BadRequest
        try:
            fields = field_values.taken(request.form.items(multi=True), CONTROLS)
            form = cls(kind, fields, mode, text, int(base))
            form.read = field_reading.document_of(question_shapes(kind), fields)
        except Hostile as error:
            raise BadRequest from error
        return form

    def typed(self) -> Fields:
        """All of it, to be kept as an unfinished edit."""
        return {"mode": self.mode, "yaml": self.text, **self.fields}

    # Judging

    def judged(self, uid: str, before: Mapping[str, Any] | None = None) -> Question | None:
        """The question that was typed; None where something is wrong, which is told.

        `uid` is empty for a new one.  `before` is the document that the form was made of.
        """
        place, found = self._read_yaml(uid) if self.mode == YAML else (Place("", {}), self._read_fields())
        if self.mode == FORM and before is not None:
            self.document = field_reading.merged(question_shapes(self.kind), before, self.document)
        self.names_itself = not uid and bool(self.document.get("id"))
        fixed = {"id": uid or str(self.document.get("id") or NEW), "type": self.kind}
        missing = {name: value for name, value in fixed.items() if name not in self.document}
        self.document = {**missing, **self.document, **fixed}
        question, problems = read_question(self.document, place)
        self.told = [*found, *self._placed(problems, [told.name for told in found])]
        return None if self.told else question

    def _read_fields(self) -> list[Told]:
        self.read = field_reading.document_of(question_shapes(self.kind), self.fields)
        self.document = self.read.document
        return [Told(name, self.words_for(name), said) for name, said in self.read.problems]

    def _read_yaml(self, uid: str) -> tuple[Place, list[Told]]:
        self.read, self.document = Read(), {}
        if len(self.text) > edit_yaml.MOST_CHARS:
            return Place("", {}), [Told("yaml", "", edit_yaml.TOO_LONG)]
        value, place, problems = edit_yaml.loaded(self.text)
        if not problems and not isinstance(value, Mapping):
            problems = [place.error((), "mapping", "should be fields and their values")]
        if problems:
            return place, [Told("yaml", "", sentence(each, ""), line_of(each.where)) for each in problems]
        self.document = dict(value)
        stays = {"id": uid, "type": self.kind}
        return place, [
            Told("yaml", name, f"This stays as it is: {wanted}.", line_of(place.where((name,))))
            for name, wanted in stays.items()
            if wanted and self.document.get(name, wanted) != wanted
        ]

    def _placed(self, problems: Iterable[Problem], known: Sequence[str]) -> Iterator[Told]:
        """Each problem beside the field it is about, once; a field that could not be read says no more."""
        problems = list(problems)
        paths = [path_of(problem.where) for problem in problems]
        said: set[tuple[str, str, int]] = set()
        for path, problem in zip(paths, problems, strict=True):
            if problem.code == "too_short" and any(each.startswith(f"{path}.") for each in paths):
                continue  # a row that is wrong is not counted by the models, but it is there
            if self.mode == YAML:
                if not self.document:
                    continue
                told = Told("yaml", path, sentence(problem, ""), line_of(problem.where))
            else:
                name, rest = field_reading.field_at(self.read, path)
                told = Told(name, self.words_for(name), sentence(problem, rest))
            unread = self.mode == FORM and told.name in known
            if unread or (told.name and (told.name, told.place, told.line) in said):
                continue
            said.add((told.name, told.place, told.line))
            yield told

    def tell(self, field_name: str, message: str) -> None:
        """Add what a use case refused."""
        name = "yaml" if self.mode == YAML else field_name if field_name in self.fields else ""
        self.told.append(Told(name, self.words_for(name) if name != "yaml" else "", message))

    def words_for(self, name: str) -> str:
        """Where a field is, in words: `Option 2, Text`."""
        words: list[str] = []
        known = ""
        members: Sequence[Shape] = question_shapes(self.kind)
        shape: Shape | None = None
        for part in name.partition(":")[0].split("."):
            known = f"{known}.{part}" if known else part
            if part.isdigit() and shape is not None:
                words[-1:] = [f"{shape.noun} {self._nth(known)}"]
                members = field_values.members_at(shape, known, self.fields)
                continue
            shape = next((each for each in members if each.name == part), None)
            if shape is not None:
                words.append(shape.label)
                members = shape.members
        return ", ".join(words)

    def _nth(self, row: str) -> int:
        listed, _, number = row.rpartition(".")
        numbers = field_values.numbers_of(self.fields, listed)
        return numbers.index(int(number)) + 1 if int(number) in numbers else int(number) + 1

    # Buttons

    def press(self, do: str) -> None:
        """Add, remove or move a row.  Aborts with 400 where there is no such row."""
        pressed = ROW_BUTTON.fullmatch(do)
        if pressed is None:
            return
        verb, name = pressed.groups()
        listed, _, number = name.rpartition(".") if verb != "add" else (name, "", "")
        shape = self._list_at(listed)
        numbers = field_values.numbers_of(self.fields, listed)
        if shape is None or (verb != "add" and (not number.isdigit() or int(number) not in numbers)):
            raise BadRequest
        place = numbers.index(int(number)) if verb != "add" else len(numbers)
        order = list(numbers)
        if verb == "remove":
            order.remove(int(number))
        elif verb in ("up", "down"):
            other = min(max(place + (1 if verb == "down" else -1), 0), len(order) - 1)
            order.insert(other, order.pop(place))
            place = other
        self.fields = field_values.rearranged(self.fields, listed, order)
        if verb == "add" and len(order) < shape.most:
            self.fields |= field_values.blank_row(shape, f"{listed}.{len(order)}")
        self.focus = f"{listed}.{place}" if verb != "remove" else listed

    def _list_at(self, name: str) -> Shape | None:
        """The list that a button is about."""
        members: Sequence[Shape] = question_shapes(self.kind)
        shape, known = None, ""
        for part in name.split("."):
            known = f"{known}.{part}" if known else part
            if part.isdigit() and shape is not None:
                members = field_values.members_at(shape, known, self.fields)
                shape = None
            else:
                shape = next((each for each in members if each.name == part), None)
        return shape if shape is not None and shape.widget in {Widget.ROWS, Widget.MAP} else None

    def switch(self, uid: str, before: Mapping[str, Any] | None) -> None:
        """Show the same as YAML, or as a form again, unless something in it cannot be read."""
        if self.mode == FORM:
            self.judged(uid, before)
            if not self.read.problems:
                shown = {name: value for name, value in self.document.items() if uid or name != "id"}
                text = edit_yaml.dumped(shown)
                self.told = [Told("", "", edit_yaml.TOO_LONG)] if len(text) > edit_yaml.MOST_CHARS else []
                self.text, self.mode = (self.text, FORM) if self.told else (text, YAML)
            return
        _, found = self._read_yaml(uid)
        known = {shape.name for shape in question_shapes(self.kind)} | {"id", "type"}
        strange = [name for name in self.document if name not in known]
        self.told = found + [Told("yaml", name, "There is no such field.") for name in strange]
        if not self.told:
            self.fields = field_values.fields_of(question_shapes(self.kind), self.document)
            self.mode = FORM
