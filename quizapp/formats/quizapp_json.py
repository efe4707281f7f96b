"""Our own question sets, as JSON."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Place
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.decoding import decoded
from quizapp.formats.reading.json_items import JsonSet, read_json_set
from quizapp.formats.reading.own_sets import (
    NO_LIST,
    Stands,
    broken_item,
    looks_like_a_set,
    read_head,
    read_item,
)


@formats.register
class QuizappJson:
    key: ClassVar[str] = "json"
    title: ClassVar[str] = "quizapp JSON"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        head = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return 95 if head.startswith(b"{") and looks_like_a_set(data) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("json")
        text = decoded(data, reading)
        found = read_json_set(text)
        if found.problem:
            message = f"is not valid JSON: {found.problem}"
            action = Action.DROPPED if found.has_list else Action.KEPT
            reading.say("json", message, action, severity="error", line=found.problem_line)
        if found.has_list:
            _read_items(found, name, reading)
        elif found.problem:
            reading.found.append(_whole_file(name, text))
        else:
            reading.say("no_questions", NO_LIST, Action.DROPPED, severity="error")
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        whole: dict[str, Any] = {"title": title}
        if pictures:
            whole["images"] = {name: b64encode(each.data).decode() for name, each in pictures.items()}
        text = json.dumps({**whole, "questions": list(questions)}, ensure_ascii=False, indent=2)
        return Written(f"{text}\n".encode(), "application/json", ".json")


def _read_items(found: JsonSet, name: str, reading: Reading) -> None:
    inherited = read_head({**found.head, "questions": []}, Place(name, {}), reading)
    for item in found.items:
        if item.problem:
            why = ("json", f"is not valid JSON: {item.problem}", item.problem_line)
            broken_item(item.text, item.line, reading, why)
            continue
        place = Place(name, {(): item.line})
        read_item(item.value, Stands(len(reading.found), place, (), inherited), reading)
        reading.found[-1].source = item.text


def _whole_file(name: str, text: str) -> Found:
    found = Found(name, 1, kind="file", text=text[:2_000], source=text)
    found.give_up("json", "is not readable as JSON, so its questions could not be told apart")
    return found
