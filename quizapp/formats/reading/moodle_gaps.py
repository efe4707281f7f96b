"""Moodle's texts with gaps — cloze, words to choose or to drag — as several parts here."""

import re
from decimal import Decimal
from html import escape, unescape

from quizapp.domain.choices import text_id
from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.reading.cloze import USUAL_WORDS, Alternative, Gap, read_cloze
from quizapp.formats.reading.moodle_choices import Fields, choice, field, short_text
from quizapp.formats.reading.moodle_numbers import number
from quizapp.formats.reading.moodle_question import MOST_PARTS, NOTHING, Answer, Asked, share, spelled
from quizapp.formats.reading.moodle_rows import as_words

LEAD = "Fill in the gaps."
ASK_SEVERAL = "Choose all that apply."
HOUSE_GAP = re.compile(r"\[(\[[a-z][a-z0-9_-]{0,39}\]\])")
"""What this house would take for a gap of its own."""
WORD_GAP = re.compile(r"\[\[\s{0,5}([0-9]{1,4})\s{0,5}\]\]")
TYPED = ("shortanswer", "shortanswer_c", "numerical")
PATTERN_SIGNS = "\\^$.*+?()[]{}!"
MOST_WEIGHT = 100

JOINER = "\u2060"
"""A character without width or meaning."""


def cloze(asked: Asked, found: Found) -> Fields | None:
    """A text with embedded questions; None where it was given up."""
    whole = read_cloze(asked.text)
    if whole.broken:
        line = found.line + asked.text.count("\n", 0, whole.broken[0])
        begin = asked.text[whole.broken[0] :][:40]
        found.give_up("gap", f"the gap that begins {begin!r} cannot be read", line=line)
        return None
    if not whole.gaps:
        found.give_up("no_gap", "has no gap that can be read")
        return None
    if len(whole.gaps) > MOST_PARTS or any(len(gap.alternatives) > MOST_PARTS for gap in whole.gaps):
        found.give_up("too_many_answers", f"has more than {MOST_PARTS:,} gaps or answers")
        return None
    if len(whole.gaps) == 1 and whole.gaps[0].kind == "multiresponse":
        return _only_choice(asked, whole.pieces, found)
    parts: list[Fields] = []
    text: list[str] = []
    for piece in whole.pieces:
        if isinstance(piece, str):
            text.append(_without_house_gaps(piece, asked.text.markup))
            continue
        part = _part(piece, f"g{len(parts) + 1}", asked, found)
        if part is None:
            return None
        if piece.word != USUAL_WORDS[piece.kind]:
            asked.settings[f"cloze.{part['id']}"] = piece.word
        text.append(f"[[{part['id']}]]" if "prompt" not in part else f"(Part {part['id']})")
        parts.append(part)
    asked.grade = spelled(sum((Decimal(part.get("weight", 1)) for part in parts), Decimal(0)))
    if all("prompt" in part for part in parts):
        together = Marked("".join(text), asked.text.markup)
        return {"type": "composite", "stem": field(together, asked), "parts": parts}
    return _filled("".join(text), parts, asked)


def _only_choice(asked: Asked, pieces: list[str | Gap], found: Found) -> Fields | None:
    """A text whose only gap is a choice of several: an ordinary question below its text."""
    (gap,) = (piece for piece in pieces if isinstance(piece, Gap))
    part = _part(gap, "g1", asked, found)
    if part is None:
        return None
    text = "".join(piece for piece in pieces if isinstance(piece, str)).strip() or ASK_SEVERAL
    asked.grade = str(part.get("weight", 1))
    kept = {name: value for name, value in part.items() if name not in ("id", "prompt", "weight")}
    return kept | {"stem": field(Marked(text, asked.text.markup), asked)}


def _part(gap: Gap, name: str, asked: Asked, found: Found) -> Fields | None:
    answers = [_answer(gap, each, asked, found) for each in gap.alternatives]
    if any(each.spaced for each in gap.alternatives):
        message = f"in the {name[1:]}. gap there is space before = or %; Moodle takes the sign for text there"
        found.say("cloze_space", message, Action.APPROXIMATED)
    fields: Fields | None
    if gap.kind == "numerical":
        fields = number(asked, answers, found)
    elif gap.kind in TYPED:
        fields = short_text(asked, answers, found, cases=gap.kind == "shortanswer_c")
    elif gap.kind == "multichoice":
        fields = choice(asked, answers, found, single=True)
    else:
        weighed = any(each.weighed for each in gap.alternatives)
        fields = choice(asked, _balanced(answers, weighed), found, single=False)
    if fields is None:
        return None
    part: Fields = {"id": name, **fields}
    if gap.kind == "multiresponse":
        part["prompt"] = field(Marked(ASK_SEVERAL, Markup.PLAIN), asked)
    weight = int(gap.weight)
    if not 1 <= weight <= MOST_WEIGHT:
        message = f"the weight {weight} of the {name[1:]}. gap became {min(max(weight, 1), MOST_WEIGHT)}"
        found.say("weight", message, Action.APPROXIMATED)
        weight = min(max(weight, 1), MOST_WEIGHT)
    return part | {"weight": weight} if weight > 1 else part


def _answer(gap: Gap, alternative: Alternative, asked: Asked, found: Found) -> Answer:
    """An alternative as an answer; what is typed has no markup."""
    is_html = asked.text.markup in (Markup.HTML, Markup.MOODLE)
    text, tolerance = Marked(alternative.text, asked.text.markup), ""
    if gap.kind in TYPED:
        plain = as_words(text) if is_html else unescape(alternative.text)
        if gap.kind == "numerical":
            plain, _, tolerance = plain.partition(":")
        text = Marked(plain.strip(), Markup.PLAIN)
    feedback = Marked(alternative.feedback, asked.text.markup) if alternative.feedback else NOTHING
    return Answer(text, share(alternative.percent), feedback, tolerance.strip())


def _balanced(answers: list[Answer], weighed: bool) -> list[Answer]:
    """What the choices of a gap earn: the right ones share everything, a wrong one cancels one of them."""
    right = sum((each.fraction for each in answers if each.fraction and each.fraction > 0), Decimal(0))
    if not right or any(each.fraction is None for each in answers):
        return answers
    for each in answers:
        if each.fraction and each.fraction > 0:
            each.fraction = share(str(each.fraction / right * 100))
        elif not weighed:
            each.fraction = share(str(-100 / right))
    return answers


def words(asked: Asked, found: Found, *, dragged: bool) -> Fields | None:
    """Gaps `[[1]]` that take a word of a group each; None where it was given up."""
    gaps = [int(each) for each in WORD_GAP.findall(asked.text)]
    if not gaps:
        found.give_up("no_gap", "has no gap")
        return None
    if len(gaps) > MOST_PARTS:
        found.give_up("too_many_answers", f"has more than {MOST_PARTS:,} gaps")
        return None
    if any(not 1 <= gap <= len(asked.choices) for gap in gaps):
        found.give_up("no_key", "a gap names a word that is not there")
        return None
    parts: list[Fields] = []
    for place, gap in enumerate(gaps, start=1):
        key = asked.choices[gap - 1]
        offered = {text_id(each.text): each for each in asked.choices if each.group == key.group}
        offered[text_id(key.text)] = key
        answers = [Answer(_inside(each.text, asked), Decimal(each is key)) for each in offered.values()]
        fields = choice(asked, answers, found, single=True)
        if fields is None:
            return None
        parts.append({"id": f"g{place}", **fields})
    if dragged:
        message = "words are chosen from lists here instead of being dragged"
        found.say("dragging", message, Action.APPROXIMATED, severity="info")
    numbers = iter(range(1, len(gaps) + 1))
    text = _without_house_gaps(asked.text, asked.text.markup)
    text = WORD_GAP.sub(lambda _: f"[[g{next(numbers)}]]", text)
    return _filled(text, parts, asked)


def bracketed(asked: Asked, found: Found) -> Fields | None:
    """Gaps that stand in the text with their answers, between two signs; None where it was given up."""
    signs = asked.settings.get("delimitchars", "[]").strip() or "[]"
    if len(signs) != 2:
        found.give_up("gap", f"its gaps are marked by {signs[:10]!r}, which is not known")
        return None
    pattern = re.compile(f"{re.escape(signs[0])}([^{re.escape(signs)}]{{1,500}}){re.escape(signs[1])}")
    gaps = [as_words(Marked(each, asked.text.markup)) for each in pattern.findall(asked.text)]
    if not gaps:
        found.give_up("no_gap", "has no gap")
        return None
    if len(gaps) > MOST_PARTS:
        found.give_up("too_many_answers", f"has more than {MOST_PARTS:,} gaps")
        return None
    typed = asked.settings.get("answerdisplay", "").strip() == "gapfill"
    if asked.is_set("noduplicates") and typed:
        found.give_up("scoring", "each answer counts only once, in whichever gap; that is not known here")
        return None
    special = set(PATTERN_SIGNS)
    if "!!" in gaps or (not asked.is_set("disableregex") and any(special & set(gap) for gap in gaps)):
        found.give_up("pattern", "its answers are regular expressions, which are not used here")
        return None
    parts: list[Fields] = []
    for gap in gaps:
        part = _bracketed_part(gap, gaps, asked, found, typed=typed)
        if part is None:
            return None
        parts.append({"id": f"g{len(parts) + 1}", **part})
    numbers = iter(range(1, len(gaps) + 1))
    text = pattern.sub(lambda _: f"[[g{next(numbers)}]]", _without_house_gaps(asked.text, asked.text.markup))
    return _filled(text, parts, asked)


def _bracketed_part(gap: str, gaps: list[str], asked: Asked, found: Found, *, typed: bool) -> Fields | None:
    if not typed:
        offered = dict.fromkeys([*gaps, *(str(each.text).strip() for each in asked.choices)])
        options = [(each, _inside(Marked(each, Markup.PLAIN), asked)) for each in offered if each]
        answers = [Answer(option, Decimal(each == gap)) for each, option in options]
        return choice(asked, answers, found, single=True)
    # What is a star in their answers would stand for anything in ours.
    accepted = [each.strip().replace("*", "\\*") for each in gap.split("|") if each.strip()]
    answers = [Answer(Marked(each, Markup.PLAIN), Decimal(1)) for each in accepted]
    return short_text(asked, answers, found, cases=asked.is_set("casesensitive"))


def _inside(text: Marked, asked: Asked) -> Marked:
    """A plain word in the markup of the text around its gap."""
    if text.markup is Markup.PLAIN and asked.text.markup in (Markup.HTML, Markup.MOODLE):
        return Marked(escape(text, quote=False), asked.text.markup)
    return text


def _filled(text: str, parts: list[Fields], asked: Asked) -> Fields:
    """A composite of gaps: the text with them, and a word of introduction for a stem."""
    lead = text_value(Marked(LEAD, Markup.PLAIN), asked.text.markup)
    return {
        "type": "composite",
        "stem": lead,
        "text": field(Marked(text, asked.text.markup), asked),
        "parts": parts,
    }


def _without_house_gaps(text: str, markup: Markup) -> str:
    """Text in which nothing is taken for a gap by accident."""
    if HOUSE_GAP.search(text) is None:
        return text
    apart = "&#91;" if markup in (Markup.HTML, Markup.MOODLE) else f"[{JOINER}"
    return HOUSE_GAP.sub(lambda found: apart + found[1], text)
