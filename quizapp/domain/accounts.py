"""What names and passwords may be."""

import re
import unicodedata
from itertools import pairwise

from quizapp.domain.common_passwords import COMMON_PASSWORDS, COMMON_WORDS
from quizapp.domain.errors import Refused

MIN_NAME, MAX_NAME = 2, 40
MIN_PASSWORD, MAX_PASSWORD = 12, 256
DELETED_NAME = "deleted"

_RESERVED = re.compile(r"deleted([-._ ]?\d+)?")
_PUNCTUATION = " ._-"
_SPACES = re.compile(" {2,}")
_MAX_MARKS = 3
"""Combining marks in a row: what the scripts of the world need, and no more."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Letters and marks that show nothing, so that two names would look the same."""


def tidy_name(text: str) -> str:
    """The name as it is shown: NFKC, trimmed, with single spaces inside."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def name_key(text: str) -> str:
    """What must be unique: the tidy name without the difference of capitals.

    The order of the steps is Unicode's toNFKC_Casefold.
    """
    folded = unicodedata.normalize("NFD", text).casefold()
    return tidy_name(unicodedata.normalize("NFKC", folded).casefold())


def valid_name(text: str) -> str:
    """The tidy name.  Raises `Refused`, which says what is wrong with it."""
    name = tidy_name(text[: 10 * MAX_NAME])  # no work on a megabyte
    if len(name) > MAX_NAME or len(text) > 10 * MAX_NAME:
        raise Refused(f"Use at most {MAX_NAME} characters.", "name")
    strange = next((character for character in name if not _is_allowed(character)), None)
    if strange is not None:
        raise Refused(f"{_said(strange)} Use letters, digits, spaces, and any of . _ -", "name")
    if len(name) < MIN_NAME:
        raise Refused(f"Use at least {MIN_NAME} characters.", "name")
    kinds = "".join(unicodedata.category(character)[0] for character in name)
    if "L" not in kinds and "N" not in kinds:
        raise Refused("Use at least one letter or digit.", "name")
    if kinds.startswith("M") or "M" * (_MAX_MARKS + 1) in kinds:
        raise Refused("There are too many accents on one letter.", "name")
    if _RESERVED.fullmatch(name_key(name)):
        raise Refused("This name is kept for deleted accounts. Choose another one.", "name")
    return name


def deleted_key(account_id: int) -> str:
    """The key of a deleted account: `valid_name` lets nobody register it."""
    return f"{DELETED_NAME}-{account_id}"


def valid_password(text: str, name: str) -> str:
    """The password, unchanged.  Raises `Refused` for one that is short or easy to guess."""
    if len(text) < MIN_PASSWORD:
        raise Refused(
            f"Use at least {MIN_PASSWORD} characters. A few words are easy to remember.", "password"
        )
    if len(text) > MAX_PASSWORD:
        raise Refused(f"Use at most {MAX_PASSWORD} characters.", "password")
    if any(unicodedata.category(character) == "Cs" for character in text):
        raise Refused("This password holds characters that cannot be stored.", "password")
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _names(plain, name):
        raise Refused("Your name is the first thing that others try. Leave it out.", "password")
    if _repeats(plain):
        raise Refused("This repeats the same few characters. Mix in something else.", "password")
    if _follows_the_keys(plain):
        raise Refused(
            "This follows the alphabet or the keys of a keyboard. Mix in something else.", "password"
        )
    if _is_common(plain):
        raise Refused("This is among the first passwords that others try. Choose another one.", "password")
    return text


def _is_allowed(character: str) -> bool:
    if character in _PUNCTUATION:
        return True
    category = unicodedata.category(character)
    return (category[0] in "LM" or category == "Nd") and not _is_blank(character)


def _is_blank(character: str) -> bool:
    selectors = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selectors or character in _BLANK


def _said(character: str) -> str:
    """One refused character in words; an invisible one is told by its number."""
    if character.isprintable() and not _is_blank(character):
        return f"“{character}” cannot be part of a name."
    return f"There is an invisible character (U+{ord(character):04X})."


def _names(password: str, name: str) -> bool:
    """Whether the account's name is in it; very short names are in too many words."""
    key = name_key(name)
    forms = {key, re.sub(r"[ ._-]", "", key)}
    return any(form in password for form in forms if len(form) >= 4)


def _repeats(password: str) -> bool:
    """Few different characters, or a piece that comes at least twice and is all of it."""
    if len(set(password)) < 5:
        return True
    return any(password[size:] == password[:-size] for size in range(1, (len(password) + 1) // 2 + 1))


_LINES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiopü",
    "yxcvbnm,.-",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn,;:!",
    "!@#$%^&*()_+",
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
)
_NEIGHBOURS = frozenset(pair for line in _LINES for way in (line, line[::-1]) for pair in pairwise(way))


def _follows_the_keys(password: str) -> bool:
    """Whether at most a quarter of the steps from one character to the next is a surprise."""
    steps = list(pairwise(password))
    surprises = sum(a != b and (a, b) not in _NEIGHBOURS for a, b in steps)
    return surprises * 4 <= len(steps)


_LEET = str.maketrans("013457@$!", "oieastasi")
_FEW = 8


def _is_common(password: str) -> bool:
    """On the list, or one or two words of the list with a few digits and signs about them."""
    if password in COMMON_PASSWORDS or re.sub(r"[\W_]", "", password) in COMMON_PASSWORDS:
        return True
    others = re.sub(r"[^\W\d_]", "", password)
    if len(others) > _FEW and not _repeats(others) and not _follows_the_keys(others):
        return False
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    forms = (core, core.translate(_LEET), password.translate(_LEET))
    return any(_is_few_words(re.sub(r"[\W\d_]", "", form)) for form in forms)


def _is_few_words(letters: str) -> bool:
    if letters in COMMON_WORDS or letters in COMMON_PASSWORDS:
        return True
    return any(letters[:at] in COMMON_WORDS and letters[at:] in COMMON_WORDS for at in range(1, len(letters)))
