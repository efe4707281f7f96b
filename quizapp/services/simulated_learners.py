"""People who exist only in the demo: their names, what they know, and how they answer.

Everything is drawn from a seeded `Random`, so the demo looks the same every time.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import exp
from random import Random
from typing import Any

from quizapp.domain.attempts import judge
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.questions import Level, Question
from quizapp.domain.wildcards import an_instance

NAMES = (
    *("Adaeze Nwosu", "Akira Tanabe", "Aleksandra Wilk", "Amina Diallo", "Arjun Menon"),
    *("Beatriz Salgado", "Bilal Rahmani", "Carmen Quispe", "Chiara Lombardi", "Dilnoza Karimova"),
    *("Dmitri Volkov", "Elif Aydın", "Emeka Obi", "Farah Haddad", "Freya Lindqvist"),
    *("Giorgos Manos", "Hana Dvořáková", "Hinewai Parata", "Ioana Marin", "Jamal Whitfield"),
    *("João Teixeira", "Kamala Thapa", "Kwame Asante", "Leilani Kahale", "Lucía Herrera"),
    *("Maarten de Vries", "Mei-Ling Chen", "Minh Anh Pham", "Nadia Belkacem", "Niamh Gallagher"),
    *("Oskar Nyman", "Priya Raghavan", "Rosa Mamani", "Samuel Tesfaye", "Soo-jin Han"),
    *("Tamar Beridze", "Thandiwe Zulu", "Tomás Rivas", "Yael Peretz", "Zoltán Farkas"),
)
HARD = {Level.JUNIOR: -1.0, Level.MID: -0.1, Level.SENIOR: 0.7, Level.STAFF: 1.3}
TRIES = 5

Answer = dict[str, list[str]]


@dataclass
class Mind:
    """What somebody knows: an ability a topic, in the logits of the Rasch model (0 is average)."""

    random: Random
    abilities: Mapping[str, float]
    otherwise: float = 0.0
    skips: float = 0.04
    """The share of questions left without an answer."""
    _notes: dict[str, tuple[Answer, Answer]] = field(default_factory=dict)

    def knows(self, question: Question) -> bool:
        ability = self.abilities.get(question.topic, self.otherwise)
        return self.random.random() < 1 / (1 + exp(_difficulty(question) - ability))

    def answer(self, question: Question) -> Answer | None:
        """A submission as this person would send it; None for a question left out."""
        if self.random.random() < self.skips:
            return None
        right, wrong = self._examples(question)
        return right if self.knows(question) else self._slip(question, right, wrong)

    def confidence(self) -> Confidence | None:
        """Most people do not say."""
        said: list[Confidence | None] = [None, None, None, *Confidence]
        return self.random.choice(said)

    def _examples(self, question: Question) -> tuple[Answer, Answer]:
        if question.id not in self._notes:
            examples = question.body.examples()
            self._notes[question.id] = (_plain(examples.right), _plain(examples.wrong))
        return self._notes[question.id]

    def _slip(self, question: Question, right: Answer, wrong: Answer) -> Answer:
        """A mistake that a person could make: another option, a swap, a known wrong road."""
        for _ in range(TRIES):
            guess = self._guess(question.body, right, wrong)
            try:
                if judge(question.body, guess).verdict is not Verdict.RIGHT:
                    return guess
            except UnreadableAnswer:
                continue
        return wrong

    def _guess(self, body: Any, right: Answer, wrong: Answer) -> Answer:
        options = [option["id"] for option in body.face(None).get("options", ())]
        mistakes = list(_mistakes(body))
        name, values = next(iter(right.items()))
        if options:
            return {name: self.random.sample(options, len(values))}
        if mistakes:
            return {name: [self.random.choice(mistakes)]}
        if len(right) > 1:
            return {key: self.random.choice([right[key], wrong.get(key, right[key])]) for key in right}
        if len(values) > 1:
            place = self.random.randrange(len(values) - 1)
            values = [*values[:place], values[place + 1], values[place], *values[place + 2 :]]
            return {name: values}
        return wrong


def somebody(name: str, topics: Mapping[str, object]) -> Mind:
    """The mind that belongs to a name: the same one every time."""
    random = Random(f"quizapp demo: {name}")  # noqa: S311  # made-up people, no secrets
    usual = random.gauss(0.5, 0.8)
    abilities = {topic: usual + random.gauss(0, 0.6) for topic in sorted(topics)}
    return Mind(random, abilities, usual, skips=random.uniform(0.0, 0.08))


def _difficulty(question: Question) -> float:
    """By its level, and a little by itself, so that questions differ in what they tell apart."""
    digest = hashlib.sha256(question.id.encode()).digest()
    return HARD[question.level] + digest[0] / 128 - 1


def _mistakes(body: Any) -> Iterator[str]:
    """Wrong answers that the author expects, as somebody would type them."""
    for mistake in getattr(body, "mistakes", ()):
        typed = getattr(mistake, "text", None)
        yield an_instance(typed) if typed is not None else body.bucket(mistake.value)


def _plain(submission: Mapping[str, Any]) -> Answer:
    return {name: list(values) for name, values in submission.items()}
