"""A learner's standing on the map of the field: what the answers say, and what to do next.

A sentence about a learner is only made of topics with enough answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.mastery import NOTHING, Estimate, Evidence, Standing, combined, estimate

Place = tuple[str, str]
"""A topic and a subtopic; the subtopic is empty for questions that name none."""

MOST_NAMED = 2
IN_WORDS = {Standing.WEAK: "Weak", Standing.MIDDLING: "Fair", Standing.STRONG: "Strong"}


@dataclass(frozen=True, slots=True)
class Skill:
    """A topic or subtopic, how many questions there are, and what the answers say."""

    id: str
    title: str
    questions: int
    evidence: Evidence
    estimate: Estimate
    core: bool = False
    parts: tuple["Skill", ...] = ()

    @property
    def standing(self) -> Standing:
        return self.estimate.standing

    @property
    def in_words(self) -> str:
        """Never a verdict from a few answers."""
        if self.is_known:
            return IN_WORDS[self.standing]
        if self.evidence.answers:
            return "Not enough answers yet"
        return "Not answered yet" if self.questions else "No questions yet"

    @property
    def is_empty(self) -> bool:
        """Whether it only stands on the map: no question, no answer."""
        return not self.questions and not self.evidence.answers

    @property
    def is_known(self) -> bool:
        """Whether there are enough answers to say anything."""
        return not self.estimate.is_thin


def skills(
    curriculum: Curriculum, evidence: Mapping[Place, Evidence], questions: Mapping[Place, int]
) -> tuple[Skill, ...]:
    """Every topic of the curriculum in its order, then those that only questions name."""
    core = {topic.id for topic in curriculum.topics if topic.core}
    planned = {topic.id: [sub.id for sub in topic.subtopics] for topic in curriculum.topics}
    met = sorted({*evidence, *(place for place, count in questions.items() if count)})
    for topic, subtopic in met:
        parts = planned.setdefault(topic, [])
        if subtopic not in parts:
            parts.append(subtopic)
    return tuple(
        _topic(topic, [_part(curriculum, topic, sub, evidence, questions) for sub in parts], curriculum, core)
        for topic, parts in planned.items()
    )


def by_need(known: Iterable[Skill]) -> list[Skill]:
    """Weakest first, then what was answered too little, then the untouched, then the empty."""
    return sorted(known, key=_need)


def next_step(known: Sequence[Skill]) -> Skill | None:
    """What to practise next: the weakest topic, else the one that is known least.

    Only what has questions; None where there is nothing to practise.
    """
    able = [skill for skill in known if skill.questions]
    weak = [skill for skill in able if skill.standing is Standing.WEAK]
    thin = [skill for skill in able if not skill.is_known]
    if weak:
        return min(weak, key=lambda skill: skill.estimate.mid)
    if thin:
        return min(thin, key=lambda skill: (not skill.core, skill.evidence.answers))
    return min(able, key=lambda skill: skill.estimate.mid, default=None)


def finding(known: Sequence[Skill]) -> str:
    """The figure's title: what the answers show, and nothing that they do not."""
    weak = [skill for skill in by_need(known) if skill.standing is Standing.WEAK]
    strong = [skill for skill in reversed(by_need(known)) if skill.standing is Standing.STRONG]
    if weak:
        return f"You are weakest in {_listed(weak)}"
    if strong:
        return f"You are strong in {_listed(strong)}"
    if any(skill.is_known for skill in known):
        return "Nothing is weak, and nothing stands out"
    if any(skill.evidence.answers for skill in known):
        return "Not enough answers yet to say where you stand"
    return "No answers yet"


def finding_within(skill: Skill) -> str:
    """The same about a topic's parts; where they are too thin to tell, about the topic."""
    told = any(part.standing in (Standing.WEAK, Standing.STRONG) for part in skill.parts)
    if told or not skill.is_known:
        return finding(skill.parts)
    if any(part.is_known for part in skill.parts):
        return f"{IN_WORDS[skill.standing]} over all; no subtopic stands out"
    return f"{IN_WORDS[skill.standing]} over all; too few answers to tell the subtopics apart"


def _part(
    curriculum: Curriculum,
    topic: str,
    subtopic: str,
    evidence: Mapping[Place, Evidence],
    questions: Mapping[Place, int],
) -> Skill:
    known = evidence.get((topic, subtopic), NOTHING)
    title = curriculum.title(subtopic) if subtopic else "Everything else"
    return Skill(subtopic, title, questions.get((topic, subtopic), 0), known, estimate(known))


def _topic(identity: str, parts: Sequence[Skill], curriculum: Curriculum, core: Iterable[str]) -> Skill:
    known = combined(part.evidence for part in parts)
    return Skill(
        identity,
        curriculum.title(identity),
        sum(part.questions for part in parts),
        known,
        estimate(known),
        identity in core,
        tuple(parts),
    )


def _need(skill: Skill) -> tuple[int, float, int]:
    if skill.is_known:
        return 0, skill.estimate.mid, 0
    if skill.evidence.answers:
        return 1, 0.0, -skill.evidence.answers
    return (2 if skill.questions else 3), 0.0, 0


def _listed(found: Sequence[Skill]) -> str:
    return " and ".join(skill.title for skill in found[:MOST_NAMED])
