"""Moodle XML's elements as questions of Moodle's."""

import re
from collections.abc import Iterator
from decimal import Decimal

from quizapp.domain.imports import Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.reading.moodle_elements import all_words, child, children, own_words, said
from quizapp.formats.reading.moodle_files import Contents, Files, file_path
from quizapp.formats.reading.moodle_names import name_from_text
from quizapp.formats.reading.moodle_question import (
    FORMATS,
    MOST_PARTS,
    Answer,
    Asked,
    Choice,
    Pair,
    Row,
    Unit,
    kept_share,
    number_of,
    share,
)
from quizapp.formats.reading.xml import Element, local_name

KIND = re.compile(r"""\btype\s{0,9}=\s{0,9}["']?([^"'\s>]{1,100})""")
NAME = re.compile(r"<name>\s{0,99}<text>\s{0,99}(?:<!\[CDATA\[)?([^<>\]]{1,200})")
TEXTS_IN_MOODLE = "@@PLUGINFILE@@/"
OVERALL = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
EXTRA = ("graderinfo", "responsetemplate", "instructions")
READ_ELSEWHERE = frozenset(
    (
        *("name", "questiontext", "generalfeedback", "defaultgrade", "idnumber", "category", "answer"),
        *("subquestion", "hint", "tags", "coursetags", "units", "dragbox", "selectoption", "row", "rows"),
        *("column", "columns", "weight", "image", "image_base64", "file", "text", *OVERALL, *EXTRA),
    )
)
SWITCHES = ("shownumcorrect",)
"""Elements that say something by being there."""

DRAWN_WORDS = ("dragbox", "selectoption")


class Reader:
    """Reads one question."""

    def __init__(self, root: Element, found: Found, reading: Reading) -> None:
        self._root = root
        self._files = Files(found, reading, dict(_files(root, inside=True)))
        self._default = Markup.HTML

    def asked(self, category: str) -> Asked:
        """The question with everything that is said of it."""
        root = self._root
        text = self._text(child(root, "questiontext"))
        text = self._with_old_image(text)
        self._default = text.markup
        asked = Asked(self._kind(), name_of(root), text, category=category)
        asked.general_feedback = self._text(child(root, "generalfeedback"))
        asked.grade = said(root, "defaultgrade")
        asked.idnumber = " ".join(said(root, "idnumber").split())
        asked.tags = [
            said(tag, "text") or own_words(tag)
            for name in ("tags", "coursetags")
            for tags in children(root, name)
            for tag in children(tags, "tag")
        ]
        asked.hints = [self._text(child(hint, "hintcontent", hint)) for hint in children(root, "hint")]
        asked.answers = [self._answer(each, asked.kind) for each in self._some("answer")]
        asked.pairs = [Pair(self._text(each), said(each, "answer")) for each in self._some("subquestion")]
        self._rows(asked)
        asked.choices = list(self._choices())
        asked.units = [
            Unit(said(unit, "unit_name"), said(unit, "multiplier"))
            for units in children(root, "units")
            for unit in children(units, "unit")
        ]
        asked.overall = {name: self._text(child(root, name)) for name in OVERALL}
        asked.extra = {name: self._text(child(root, name)) for name in EXTRA}
        asked.settings = self._settings()
        return asked

    def text(self) -> Marked:
        """The text of the question alone."""
        return self._text(child(self._root, "questiontext"))

    def finish(self) -> None:
        """Tell of the files that nothing shows."""
        self._files.finish()

    def _some(self, name: str) -> list[Element]:
        """The children of a name, as many as a question can have and one more."""
        return children(self._root, name)[: MOST_PARTS + 1]

    def _kind(self) -> str:
        return (self._root.get("type") or "").strip().casefold()

    def _settings(self) -> dict[str, str]:
        """Every element that holds a word or a number and means nothing here, for the way back."""
        settings: dict[str, str] = {}
        for element in self._root:
            name = local_name(element)
            if not name or name in READ_ELSEWHERE:
                continue
            words = own_words(element) or said(element, "text")
            if name in SWITCHES:
                settings[name] = words or "1"
            elif words:
                settings.setdefault(name, words)
        for number, hint in enumerate(children(self._root, "hint")):
            options = [name for name in ("shownumcorrect", "clearwrong") if children(hint, name)]
            if options:
                settings[f"hint.{number + 1}"] = " ".join(options)
        return settings

    def _answer(self, element: Element, kind: str) -> Answer:
        text = self._text(element)
        if not text and not children(element, "text"):
            text = Marked(own_words(element), text.markup)
        if kind in ("shortanswer", "numerical"):
            text = Marked(text, Markup.PLAIN)
        feedback = self._text(child(element, "feedback"))
        return Answer(text, _fraction(element), feedback, said(element, "tolerance"))

    def _choices(self) -> Iterator[Choice]:
        for element in (each for name in DRAWN_WORDS for each in self._some(name)):
            markup = Markup.HTML if local_name(element) == "dragbox" else Markup.PLAIN
            yield Choice(Marked(said(element, "text"), markup), said(element, "group") or "1")
        if self._kind() == "gapfill":
            wrong = (answer for answer in self._some("answer") if _fraction(answer) == 0)
            yield from (Choice(Marked(said(answer, "text"), Markup.PLAIN)) for answer in wrong)

    def _rows(self, asked: Asked) -> None:
        """Rows and columns as the plugins of several true or false write them, and as the matrix does."""
        weights = {
            (each.get("rownumber"), each.get("columnnumber"))
            for each in children(self._root, "weight")
            if (number_of(said(each, "value")) or 0) > 0
        }
        columns = children(self._root, "column")
        asked.columns = [self._text(child(each, "responsetext")) for each in columns]
        for row in self._some("row"):
            right = [
                at for at, each in enumerate(columns) if (row.get("number"), each.get("number")) in weights
            ]
            text, feedback = (self._text(child(row, name)) for name in ("optiontext", "feedbacktext"))
            asked.rows.append(Row(text, tuple(right), feedback))
        inside = child(self._root, "columns")
        if inside is None:
            return
        columns = children(inside, "column")
        asked.columns = [Marked(said(each, "text"), Markup.PLAIN) for each in columns]
        numbers = [each.get("number", "") for each in columns]
        for row in (each for rows in children(self._root, "rows") for each in children(rows, "row")):
            named = [own_words(each) for each in row.iterfind("correctanswers/text")]
            right = [numbers.index(each) if each in numbers else len(numbers) for each in named]
            text = Marked(said(row, "name"), Markup.PLAIN)
            asked.rows.append(Row(text, tuple(right), self._text(child(row, "feedback"))))

    def _text(self, element: Element | None) -> Marked:
        """The text of an element in its markup, with its pictures carried over."""
        if element is None:
            return Marked("", self._default)
        format_name = (element.get("format") or "").strip()
        markup = FORMATS.get(format_name, Markup.HTML) if format_name else self._default
        inner = child(element, "text")
        words = own_words(element) if inner is None and local_name(element) == "questiontext" else ""
        text = all_words(inner) if inner is not None else words
        return self._files.carried(Marked(text.strip(), markup), _files(element, inside=False))

    def _with_old_image(self, text: Marked) -> Marked:
        """Moodle 1.9 had one picture a question, which it showed below the text."""
        name, data = said(self._root, "image"), said(self._root, "image_base64")
        if not name:
            return text
        name = name.replace("/", "_") if data else name
        address = f"{TEXTS_IN_MOODLE}{name}" if data else name
        image = f'<img src="{address}" />' if text.markup is not Markup.MARKDOWN else f"![]({address})"
        return self._files.carried(Marked(f"{text} {image}", text.markup), {name: data} if data else None)


def name_of(root: Element) -> str:
    """The name of a question, or the beginning of its text."""
    name = " ".join(said(root, "name").split())
    if name:
        return name
    text = said(root, "questiontext", "text") or said(root, "questiontext")
    return " ".join(name_from_text(text[:2_000]).split()) or "(no name)"


def guessed_name(fragment: str) -> str:
    """The name of a question that was not read as XML, as far as it can be seen."""
    found = NAME.search(fragment[:20_000])
    return " ".join(found[1].split()) if found else ""


def kind_of(fragment: str) -> str:
    """What a question says of its type, without reading it as XML."""
    found = KIND.search(fragment[: fragment.find(">") + 1] or fragment[:500])
    return found[1].casefold() if found else ""


def category_of(root: Element) -> str:
    """The path that a question of the type category names."""
    return said(root, "category")


def about_category(root: Element) -> str:
    """The description of a category."""
    return said(root, "info")


def _fraction(element: Element) -> Decimal | None:
    """What an answer earns: its attribute in per cent, or in old files a child that is a share already."""
    old = said(element, "fraction")
    if old:
        number = number_of(old)
        return None if number is None else kept_share(number / 100 if abs(number) > 1 else number)
    return share(element.get("fraction") or "0")


def _files(element: Element, *, inside: bool) -> Contents:
    """The files that an element brings, in base 64; of its descendants too where told so."""
    found = element.iter("file") if inside else element.iterfind("file")
    return {
        file_path(each.get("path") or "", each.get("name") or ""): each.text or ""
        for each in reversed(list(found))
        if each.get("name")
    }
