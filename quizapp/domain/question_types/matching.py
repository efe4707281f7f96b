"""Give every prompt its match; some offered matches may fit nothing."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.choices import Distractor, arranged, require_distinct, shuffled, text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Note, Phrase, Remark, Submission


class Pair(Document):
    """A prompt and the one match that belongs to it."""

    prompt: Phrase
    match: Phrase
    feedback: Note = ""
    misconception: Note = ""


@question_types.register
class Matching(Body[dict[str, str]]):
    key: ClassVar[str] = "matching"
    title: ClassVar[str] = "Matching"

    pairs: Annotated[tuple[Pair, ...], Field(min_length=2, max_length=50)]
    distractors: Annotated[tuple[Distractor, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _distinct_sides(self) -> Self:
        require_distinct((pair.prompt for pair in self.pairs), "prompts")
        matches = {text_id(pair.match): pair.match for pair in self.pairs}
        if len(matches) < 2:
            raise ValueError("all prompts have the same match")
        require_distinct([*matches.values(), *(d.text for d in self.distractors)], "matches")
        return self

    def face(self, seed: int | None) -> Face:
        offered = self._offered()
        matches = [{"id": place, "text": text} for place, text in offered.items()]
        prompts = [{"id": text_id(pair.prompt), "text": pair.prompt} for pair in self.pairs]
        # The offered matches are always shuffled: as written they would stand beside their prompts.
        return {
            "prompts": prompts if seed is None else shuffled(prompts, seed),
            "matches": arranged(matches, (seed or 0) + 1, list(offered.values())),
        }

    def read(self, submission: Submission) -> dict[str, str]:
        answer: dict[str, str] = {}
        for prompt in self._key():
            values = [value for value in submission.get(f"match-{prompt}", ()) if value]
            if not values:
                continue
            if len(values) > 1 or values[0] not in self._offered():
                raise UnreadableAnswer("One of the matches does not belong to this question.")
            answer[prompt] = values[0]
        if not answer:
            raise UnreadableAnswer("Choose a match for at least one prompt.")
        return answer

    def grade(self, answer: dict[str, str]) -> Grade:
        key = self._key()
        found = sum(answer.get(prompt) == match for prompt, match in key.items())
        return Grade.part(found, of=len(key))

    def bucket(self, answer: dict[str, str]) -> str:
        offered = self._offered()
        return "; ".join(
            f"{pair.prompt} = {offered[answer[place]] if place in answer else '–'}"
            for pair in self.pairs
            for place in [text_id(pair.prompt)]
        )

    def spoken(self, answer: dict[str, str]) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        key = self._key()
        others = {
            prompt: next(place for place in self._offered() if place != match)
            for prompt, match in key.items()
        }
        return Examples(
            right={f"match-{prompt}": [match] for prompt, match in key.items()},
            wrong={f"match-{prompt}": [match] for prompt, match in others.items()},
            unreadable={f"match-{prompt}": ["unknown"] for prompt in key},
        )

    def lint(self) -> list[Remark]:
        remarks = [
            Remark("B23", ("pairs", place), "the pair has no feedback")
            for place, pair in enumerate(self.pairs)
            if not pair.feedback
        ]
        remarks += [
            Remark("B23", ("distractors", place), "the distractor needs feedback and a misconception")
            for place, distractor in enumerate(self.distractors)
            if not (distractor.feedback and distractor.misconception)
        ]
        return remarks

    def _key(self) -> dict[str, str]:
        return {text_id(pair.prompt): text_id(pair.match) for pair in self.pairs}

    def _offered(self) -> dict[str, str]:
        texts = [*(pair.match for pair in self.pairs), *(d.text for d in self.distractors)]
        return {text_id(text): text for text in texts}
