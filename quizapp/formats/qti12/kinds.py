"""What an item is: by the words that its system uses for it, or by how it is built."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    CHOICE = "choice"
    """One or several of its options are right: its scoring says which, and how many."""
    TRUE_FALSE = "true or false"
    SHORT = "short text"
    NUMBER = "number"
    ESSAY = "essay"
    BLANKS = "typed gaps"
    DROPDOWNS = "gaps with options"
    MATCHING = "matching"
    ORDERING = "ordering"
    CALCULATED = "calculated"
    INFORMATION = "information"
    UPLOAD = "file upload"
    HOT_SPOT = "hot spot"
    OTHER = "other"
    """Known, but nothing that is asked here."""
    UNSAID = ""


LABELS = (
    *("question_type", "cc_profile", "bbmd_questiontype", "respondusapi_qtype", "wct_questiontype"),
    *("qmd_questiontype", "qmd_itemtype", "qmd_question_type", "question-type", "itemtype"),
)
"""The fields of metadata that say it, the more exact ones first."""

WORDS: Mapping[str, Kind] = {
    word: kind
    for kind, words in {
        Kind.CHOICE: "multiplechoice multipleanswers multipleanswer multipleresponse multiselect"
        " opinionscale likert ccmultiplechoicev0p1 ccmultipleresponsev0p1 wctmultiplechoice wctcombination"
        " choice singleanswer",
        Kind.TRUE_FALSE: "truefalse cctruefalsev0p1 wcttruefalse eitheror",
        Kind.SHORT: "shortanswer fillinblank fillintheblank ccfibv0p1 ccpatternmatchv0p1"
        " wctshortanswer fibstring",
        Kind.NUMBER: "numerical numeric fibnumeric fibdecimal fibinteger wctnumeric",
        Kind.ESSAY: "essay shortresponse longanswer ccessayv0p1 wctparagraph paragraph",
        Kind.BLANKS: "fillinmultipleblanks fillinmultiple fillintheblankplus fillintheblanks"
        " wctfillintheblank multishortanswer",
        Kind.DROPDOWNS: "multipledropdowns jumbledsentence wctjumbledsentence",
        Kind.MATCHING: "matching wctmatching",
        Kind.ORDERING: "ordering",
        Kind.CALCULATED: "calculated wctcalculated calculatednumeric formula arithmetic significantfigures",
        Kind.INFORMATION: "textonly textinformation information",
        Kind.UPLOAD: "fileupload fileresponse upload",
        Kind.HOT_SPOT: "hotspot xycoordinate imagehotspot",
        Kind.OTHER: "quizbowl categorization categorisation",
    }.items()
    for word in words.split()
}


def said_kind(fields: Mapping[str, str]) -> tuple[Kind, str]:
    """The kind that the metadata names, and the word for it; a word that is not known says nothing."""
    words = [word for label in LABELS if (word := fields.get(label, "").strip())]
    for word in words:
        plain = "".join(letter for letter in word.lower() if letter.isalnum())
        for known in (plain, plain.removesuffix("question")):
            if known in WORDS:
                return WORDS[known], word
    return Kind.UNSAID, words[0] if words else ""
