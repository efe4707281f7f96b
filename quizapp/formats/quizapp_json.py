"""Our own question sets, as JSON."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Place
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.decoding import decoded
from quizapp.formats.reading.own_sets import looks_like_a_set, questions_of

MOST_DEPTH = 60


@formats.register
class QuizappJson:
    key: ClassVar[str] = "json"
    title: ClassVar[str] = "quizapp JSON"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        return 95 if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and looks_like_a_set(data) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("json")
        text = decoded(data, reading)
        try:
            value: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            reading.say("json", f"is not valid JSON: {error}", Action.DROPPED, severity="error", line=line)
            found = Found(name, 1, kind="file", text=text[:2_000], source=text)
            found.give_up("json", "is not readable as JSON, so its questions could not be told apart")
            reading.found.append(found)
            return reading
        questions_of(value, Place(name, {}), reading)
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        whole: dict[str, Any] = {"title": title}
        if pictures:
            whole["images"] = {name: b64encode(each.data).decode() for name, each in pictures.items()}
        text = json.dumps({**whole, "questions": list(questions)}, ensure_ascii=False, indent=2)
        return Written(f"{text}\n".encode(), "application/json", ".json")
