"""What the models and the linter say, in the words of whoever writes questions."""

import re
from collections.abc import Mapping

from quizapp.domain.problems import Problem

COUNTED = re.compile(r"should have (at least|at most) (\d+) items?\b.*?not (\d+)$")
IDENTITY = "Use lower-case letters and digits, with single - _ or . between them."
PATTERNS: Mapping[str, str] = {
    "url": "Give an address that begins with https:// and has no spaces.",
    "as_of": "Give a month or a day, such as 2026-11 or 2026-11-21.",
    "language": "Give the short name of a language, such as sql, python or text.",
    "unit": "A unit begins with a letter or a sign and has no spaces.",
}
PLAINER: Mapping[str, str] = {
    "missing": "Fill this in.",
    "string_too_short": "Fill this in.",
    "decimal_parsing": "Write a number.",
    "decimal_type": "Write a number.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "bool_parsing": "Choose true or false.",
    "bool_type": "Choose true or false.",
    "enum": "Choose one.",
    "literal_error": "Choose one.",
}

REASONS: Mapping[str, str] = {
    "B10": "Whoever sees that two options hold need not look at the others, so the question tells less.",
    "B19": "A learner who met the other one knows the answer already.",
    "B21": "The same question with another key makes one of the two wrong.",
    "B22": "An explanation is what makes a wrong answer worth giving. It takes a few sentences to say why.",
    "B23": "Feedback on each answer, with the idea behind a wrong one, is what learners come back for.",
    "B24": "With a source and the place in it, learners and reviewers can check the key.",
    "B31": "Levels and objectives are what quizzes draw by, and what a learner’s progress is told in.",
    "B32": "Facts about versions grow old. The month tells when to look again.",
    "B40": "A question that was run cannot be wrong about what happens.",
    "B41": "Hidden rows that no wrong query fails on prove nothing.",
    "C1": "What is not on the map of topics appears in no topic’s figures.",
    "V1": "With few different draws, learners pass the answer on.",
    "V2": "Draws that are thrown away take time, and hint at values that do not fit together.",
    "LONG": "People who cannot tell pick the longest option, so let the others be as long.",
    "ALIKE": "Learners who met the other one know the answer already. Ask something else, or edit that one.",
}


def sentence(problem: Problem, rest: str) -> str:
    """A problem as a sentence; `rest` is the part of its path that the field itself does not say."""
    last = (rest or path_of(problem.where)).rpartition(".")[2]
    counted = COUNTED.search(problem.message)
    if problem.code == "string_pattern_mismatch":
        said = PATTERNS.get(last, IDENTITY)
    elif counted:
        said = f"Give {counted[1]} {counted[2]} of these, not {counted[3]}."
    else:
        said = PLAINER.get(problem.code) or whole(problem.message)
    inside = readable(rest)
    return f"{inside}: {said[:1].lower()}{said[1:]}" if inside else said


def whole(message: str) -> str:
    """A model's words as a sentence."""
    text = message.replace("input should", "this should").replace("`", "").strip()
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def readable(path: str) -> str:
    """A path without what only the models know of, such as the names of their unions."""
    return ".".join(part for part in path.split(".") if not re.search(r"[\[\]{}()|-]", part))


def path_of(where: str) -> str:
    """The field in `file:8: options.1.text`."""
    return where.partition(": ")[2]


def line_of(where: str) -> int:
    """The line in it."""
    found = re.match(r"[^:]*:(\d+)", where)
    return int(found[1]) if found else 1
