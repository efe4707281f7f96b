"""Write the HTTP requests that reach the goals; they are played against a declared service."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.http_goals import HttpGoal
from quizapp.domain.http_play import Exchange, Played, play
from quizapp.domain.http_requests import MAX_CHARS, MAX_REQUESTS, HttpRequest, as_text, read_requests
from quizapp.domain.http_service import HttpService
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import (
    Body,
    Document,
    Examples,
    Face,
    Note,
    Remark,
    Source,
    Submission,
    one,
    unexplained,
)

Requests = tuple[HttpRequest, ...]

POINTLESS = ("OPTIONS *", "GET /nothing/is/here", "HEAD /nothing/is/here", "TRACE /nothing/is/here")
"""Requests that should reach nothing: one of them is the example of a wrong answer."""


class HttpWrong(Document):
    """A known wrong way, and why people go it."""

    requests: Source
    feedback: Note = ""
    misconception: Note = ""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a review shows: everything that happened, and which goals it reached."""

    transcript: Sequence[Mapping[str, Any]]
    goals: Sequence[tuple[HttpGoal, bool]]
    wrong: HttpWrong | None


@question_types.register
class HttpKata(Body[Requests]):
    key: ClassVar[str] = "http_kata"
    title: ClassVar[str] = "HTTP kata"
    hands_on: ClassVar[bool] = True
    can_run: ClassVar[bool] = True

    documentation: Source
    """The service as its users know it, in Markdown: all that is needed to reach the goals."""
    service: HttpService
    goals: Annotated[tuple[HttpGoal, ...], Field(min_length=1, max_length=10)]
    solution: Source
    """Requests that reach every goal, written as learners write them."""
    wrong: Annotated[tuple[HttpWrong, ...], Field(min_length=1, max_length=8)]
    """Requests that miss some goal."""
    max_requests: Annotated[int, Field(ge=1, le=MAX_REQUESTS)] = 10
    show_state: bool = True
    """Whether learners see what the collections hold at the beginning."""

    @model_validator(mode="after")
    def _plays_out(self) -> Self:
        """The solution reaches all goals, every wrong way misses some, and doing nothing earns nothing."""
        for goal in self.goals:
            if unknown := [name for name in goal.check.names() if self.service.named(name) is None]:
                raise ValueError(
                    f"the goal {goal.text!r} names the collection {unknown[0]!r}, which is not there"
                )
        if missed := self._missed(self._known(self.solution, "solution")):
            raise ValueError(f"the solution misses the goal {self.goals[missed[0]].text!r}")
        for number, wrong in enumerate(self.wrong, start=1):
            if not self._missed(self._known(wrong.requests, f"wrong {number}")):
                raise ValueError(f"wrong {number} reaches every goal")
        if len(self._kept_by_idlers) == len(self.goals):
            raise ValueError("every goal holds when nothing is sent; at least one must need a request")
        if self._pointless() is None:
            raise ValueError(
                "requests without any use reach a goal; make the goals say what must be achieved"
            )
        return self

    def face(self, seed: int | None) -> Face:
        return {
            "documentation": self.documentation,
            "goals": [goal.text for goal in self.goals if goal.told],
            "untold": sum(not goal.told for goal in self.goals),
            "max_requests": self.max_requests,
            "max_chars": MAX_CHARS,
            "state": self._initial_state() if self.show_state else [],
        }

    def read(self, submission: Submission) -> Requests:
        typed = one(submission, "requests", hint="Write at least one request, such as GET /orders.")
        return read_requests(typed, host=self.service.host, limit=self.max_requests)

    def grade(self, answer: Requests) -> Grade:
        missed = self._missed(answer)
        # What holds when nothing is sent is worth something beside an achievement, and nothing without one.
        if {*missed, *self._kept_by_idlers} >= set(range(len(self.goals))):
            return Grade.wrong()
        weights = [goal.weight for goal in self.goals]
        return Grade.part(sum(weights) - sum(weights[place] for place in missed), of=sum(weights))

    def bucket(self, answer: Requests) -> str:
        known = self.remark(answer)
        if known is not None and known.misconception:
            return known.misconception
        missed = [self.goals[place].text for place in self._missed(answer)]
        return f"missed: {'; '.join(missed)}" if missed else "all goals reached"

    def examples(self) -> Examples:
        return Examples(
            right={"requests": [self.solution]},
            wrong={"requests": [self._pointless() or POINTLESS[0]]},
            unreadable={"requests": ["GET the orders, please"]},
        )

    def echo(self, answer: Requests) -> str:
        count = f"{len(answer)} request{'s' if len(answer) > 1 else ''}"
        return f"{count}: {'; '.join(request.in_words() for request in answer)}"

    def run(self, answer: Requests) -> Mapping[str, Any]:
        """The transcript: nothing of the goals."""
        return {"exchanges": [_shown(exchange) for exchange in play(self.service, answer).exchanges]}

    def lint(self) -> list[Remark]:
        remarks = [
            Remark("B23", ("goals", place), "the goal has no feedback")
            for place, goal in enumerate(self.goals)
            if not goal.feedback
        ]
        return remarks + unexplained("wrong", self.wrong, "wrong way")

    def remark(self, answer: Requests) -> HttpWrong | None:
        """The known wrong way that an answer went: the same goals missed, and the most alike responses.

        Who reached nothing at all went that way only if the service answered just the same.
        """
        played = play(self.service, answer)
        missed = self._unmet(played)
        went = _course(played)
        is_aimless = not set(range(len(self.goals))) - {*missed, *self._kept_by_idlers}
        alike = [
            (len(set(course) & set(went)), -number, wrong)
            for number, (wrong, unmet, course) in enumerate(self._wrong_ways)
            if unmet == missed and (course == went or not is_aimless)
        ]
        return max(alike, key=lambda each: each[:2])[2] if missed and alike else None

    def aftermath(self, submission: Submission) -> Aftermath | None:
        """What came of an answer, for its review; None where there is none, or none that can be read."""
        try:
            answer = self.read(submission)
        except UnreadableAnswer:
            return None
        played = play(self.service, answer)
        missed = self._unmet(played)
        goals = [(goal, place not in missed) for place, goal in enumerate(self.goals)]
        return Aftermath([_shown(each) for each in played.exchanges], goals, self.remark(answer))

    def all_missed(self) -> list[tuple[HttpGoal, bool]]:
        """The goals as somebody left them who sent nothing."""
        return [(goal, False) for goal in self.goals]

    def _known(self, text: str, what: str) -> Requests:
        try:
            return read_requests(text, host=self.service.host, limit=self.max_requests)
        except UnreadableAnswer as error:
            raise ValueError(f"{what}: {error}") from None

    def _missed(self, requests: Requests) -> list[int]:
        return self._unmet(play(self.service, requests))

    def _unmet(self, played: Played) -> list[int]:
        """The places of the goals that were not reached."""
        return [place for place, goal in enumerate(self.goals) if not goal.check.holds(played, self.service)]

    @cached_property
    def _kept_by_idlers(self) -> frozenset[int]:
        """The goals that hold when nothing is sent."""
        return frozenset(range(len(self.goals))) - frozenset(self._missed(()))

    @cached_property
    def _wrong_ways(self) -> list[tuple[HttpWrong, list[int], list[tuple[str, str, int]]]]:
        plays = [(wrong, play(self.service, self._known(wrong.requests, "wrong"))) for wrong in self.wrong]
        return [(wrong, self._unmet(played), _course(played)) for wrong, played in plays]

    def _pointless(self) -> str | None:
        """A request that earns nothing."""
        return next(
            (
                text
                for text in POINTLESS
                if set(range(len(self.goals)))
                <= {*self._missed(self._known(text, "pointless")), *self._kept_by_idlers}
            ),
            None,
        )

    def _initial_state(self) -> list[dict[str, Any]]:
        return [
            {
                "path": rule.path,
                "objects": [_pretty({"id": place, **held}) for place, held in rule.items.items()],
            }
            for rule in self.service.collections
        ]


def _course(played: Played) -> list[tuple[str, str, int]]:
    """How a play went, in the rough."""
    return [(each.request.method, each.request.path, each.response.status) for each in played.exchanges]


def _shown(exchange: Exchange) -> dict[str, Any]:
    """An exchange as plain data; JSON is set out in lines, so that it can be read."""
    response = exchange.response
    return {
        "at": exchange.at,
        "wait": exchange.request.wait,
        "request": as_text(exchange.request),
        "response": {
            "status": response.status,
            "phrase": response.phrase,
            "headers": [list(pair) for pair in response.headers],
            "body": _pretty(response.content) if response.body else "",
        },
    }


def _pretty(content: Any) -> str:
    """JSON on one line where it is short, else one member a line."""
    line = json.dumps(content, ensure_ascii=False)
    return line if len(line) <= 60 else json.dumps(content, ensure_ascii=False, indent=2)
