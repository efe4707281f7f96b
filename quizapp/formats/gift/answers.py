"""What stands between the braces of a GIFT question, for each kind."""

import re
from decimal import Decimal

from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.gift.marks import shown
from quizapp.formats.gift.wording import Wording
from quizapp.formats.reading.moodle_choices import Fields, choice, note, short_text
from quizapp.formats.reading.moodle_numbers import number
from quizapp.formats.reading.moodle_question import HUNDRED, Answer, Asked, Pair, kept_share
from quizapp.formats.reading.moodle_rows import matching

WEIGHT = re.compile(r"%(-*)([0-9]{1,2}\.?[0-9]{0,20})%")
LIKE_A_WEIGHT = re.compile(r"%\s?[+-]?[0-9.,]{1,20}\s?%?|%%")
SHARP = re.compile(r"(?<!\w)[A-Z]#(?=[\s.,;:)?!]|\Z)")
"""A language or a note, and no answer with feedback: `C# is …`."""
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,60}\.?[0-9]{0,60}|\.[0-9]{1,60})(?:[eE][+-]?[0-9]{1,4})?")
RIGHT = Decimal(1)
WRONG = Decimal(0)
LOWER_CASE = ("t", "f", "true", "false")


def choices(body: str, wording: Wording, asked: Asked) -> Fields | None:
    """One right option or several: `~` and `=` before each."""
    first, *others = body.replace("=", "~=").split("~")
    parts = [each.lstrip() for each in (first, *others)]
    if parts[0]:
        message = (
            f"what stands before the first mark counts as a wrong answer: {shown(parts[0]).strip()[:60]}"
        )
        wording.found.say("unmarked_answer", message)
    answers = [_option(part, wording) for part in parts if part]
    if len(answers) < 2:
        wording.found.give_up("too_few", "has fewer than two answers to choose from")
        return None
    return choice(asked, answers, wording.found, single="=" in body)


def _option(part: str, wording: Wording) -> Answer:
    if part.startswith("="):
        fraction: Decimal | None = RIGHT
        part = part[1:]
        _tell_of_weight(part, "behind = it is text, as in Moodle, and the answer is right", wording.found)
    else:
        fraction, part, weighted = _weight(part, WRONG)
        if not weighted:
            _tell_of_weight(part, "it is no weight, and is text as in Moodle", wording.found)
    text, feedback = _commented(part, wording)
    return Answer(text, fraction, feedback)


def words(body: str, wording: Wording, asked: Asked) -> Fields | None:
    """Short answers: `=` before each."""
    said = body.partition("#")[0].strip()
    if said.casefold() in LOWER_CASE:
        message = f"{said} is a short answer, as in Moodle; write {said.upper()} for true or false"
        wording.found.say("lower_case", message)
    elif "=" not in body:
        message = f"what is in the braces has no mark and counts as the answer: {shown(said)[:80]}"
        wording.found.say("unmarked_answer", message)
    answers = []
    for part in filter(None, (each.lstrip() for each in body.split("="))):
        fraction, text, weighted = _weight(part, RIGHT)
        if not weighted:
            _tell_of_weight(text, "it is no weight, and is text as in Moodle", wording.found)
        answer, feedback = _commented(text, wording)
        answers.append(Answer(Marked(str(answer), Markup.PLAIN), fraction, feedback))
    return short_text(asked, answers, wording.found, cases=False)


def truth(body: str, wording: Wording, asked: Asked) -> Fields | None:
    """`T` or `F`, then the feedback for whoever is wrong and for whoever is right."""
    said, wrong, right, *_ = [*body.split("#", 2), "", ""]
    answer = said.strip().startswith("T")
    fields: Fields = {"type": "true_false", "answer": answer}
    note(fields, "feedback_true", wording.marked(right if answer else wrong), asked)
    note(fields, "feedback_false", wording.marked(wrong if answer else right), asked)
    return fields


def pairs(body: str, wording: Wording, asked: Asked) -> Fields | None:
    """`=left -> right`; a right side without a left one belongs to nothing."""
    for part in filter(None, (each.strip() for each in body.split("="))):
        left, arrow, right = part.partition("->")
        if not arrow:
            message = f"is a matching by its ->, but one of its answers has none: {shown(part)[:80]}"
            wording.found.give_up("match", message)
            return None
        if "#" in right:
            message = f"feedback to a pair is text for Moodle, and here: {shown(right).strip()[:80]}"
            wording.found.say("match_feedback", message)
        asked.pairs.append(Pair(wording.marked(left), shown(right).strip()))
    if len(asked.pairs) < 2:
        wording.found.give_up("too_few", "has -> as a matching has, but only one pair")
        return None
    return matching(asked, wording.found)


def numbers(body: str, wording: Wording, asked: Asked) -> Fields | None:
    """`#` and then numbers as `value:tolerance` or `least..most`; `~` is every other answer."""
    found = wording.found
    right, mark, wrong = body[1:].partition("~")
    answers: list[Answer] = []
    for part in filter(None, (each.strip() for each in right.split("="))):
        fraction, part, _ = _weight(part, RIGHT)
        answer = _number(part, fraction, wording)
        if answer is None:
            return None
        answers.append(answer)
    if not answers:
        found.give_up("no_key", "has no number that is right")
        return None
    if mark:
        named, _, feedback = wrong.partition("#")
        if named.strip():
            message = (
                f"the wrong answer {shown(named).strip()[:40]} counts for every wrong number, as in Moodle"
            )
            found.say("wrong_number", message, Action.APPROXIMATED)
        answers.append(Answer(Marked("*"), WRONG, wording.marked(feedback)))
    return number(asked, answers, found)


def _number(part: str, fraction: Decimal | None, wording: Wording) -> Answer | None:
    """An answer with its tolerance; None where it was given up."""
    text, _, feedback = part.partition("#")
    text, comment = shown(text).strip(), wording.marked(feedback)
    least, dots, most = text.partition("..")
    value, _, tolerance = text.partition(":")
    if least and dots:
        return _range(least.strip(), most.strip(), fraction, comment, wording.found)
    value, tolerance = value.strip(), tolerance.strip() or "0"
    if (value != "*" and NUMBER.fullmatch(value) is None) or NUMBER.fullmatch(tolerance) is None:
        message = f"{text[:60]!r} is no number with a tolerance; decimals are written with a point"
        wording.found.give_up("number", message)
        return None
    if tolerance.startswith("-") and Decimal(tolerance):
        wording.found.say(
            "tolerance", f"the tolerance {tolerance} was taken for {tolerance[1:]}", Action.APPROXIMATED
        )
    return Answer(Marked(value), fraction, comment, tolerance)


def _range(least: str, most: str, fraction: Decimal | None, comment: Marked, found: Found) -> Answer | None:
    if NUMBER.fullmatch(least) is None or NUMBER.fullmatch(most) is None:
        found.give_up("number", f"{f'{least}..{most}'[:60]!r} is no range of numbers")
        return None
    low, high = Decimal(least), Decimal(most)
    if low > high:
        low, high = high, low
        found.say("range", f"the range {least}..{most} was read from the smaller number", Action.APPROXIMATED)
    half = (high - low) / 2
    return Answer(Marked(str(low + half)), fraction, comment, str(half))


def _weight(part: str, default: Decimal) -> tuple[Decimal | None, str, bool]:
    """What an answer earns, its text, and whether a weight stood there.  None is more than everything."""
    found = WEIGHT.match(part)
    if found is None:
        return default, part, False
    share = kept_share(Decimal(found[2]) / HUNDRED)
    share = -share if found[1] and share else share
    return share, part[found.end() :], True


def _commented(part: str, wording: Wording) -> tuple[Marked, Marked]:
    """An answer and its feedback."""
    text, mark, feedback = part.partition("#")
    if mark and (SHARP.search(part, 0, len(text) + 2) or (not feedback.strip() and "\n" not in feedback)):
        _tell_of_hash(text, part, wording.found)
    return wording.marked(text), wording.marked(feedback)


def _tell_of_hash(text: str, part: str, found: Found) -> None:
    message = f"what follows # is feedback, so the answer is only {shown(text).strip()[:60]!r}"
    found.say("hash", f"{message}; the character itself is written \\#")


def _tell_of_weight(text: str, why: str, found: Found) -> None:
    like = LIKE_A_WEIGHT.match(text)
    if like is not None:
        found.say("weight", f"{like[0]} looks like a weight; {why}")
