"""Names that people may take, and passwords that are worth having."""

import sys
import unicodedata

import pytest

from quizapp.domain.accounts import MAX_PASSWORD, deleted_key, name_key, tidy_name, valid_name, valid_password
from quizapp.domain.common_passwords import COMMON_PASSWORDS
from quizapp.domain.errors import Refused


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Lena", "Lena"),
        ("  Lena   Meier ", "Lena Meier"),
        ("Lena\u00a0Meier", "Lena Meier"),
        ("Ｌｅｎａ", "Lena"),
        ("Jürgen", "Jürgen"),
        ("Ju\u0308rgen", "Jürgen"),
        ("o.neil_2-x", "o.neil_2-x"),
        ("李明", "李明"),
        ("नमस्ते", "नमस्ते"),
        ("x" * 40, "x" * 40),
    ],
)
def test_people_may_use_their_own_script_and_it_is_tidied(typed, shown):
    assert valid_name(typed) == shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "at least 2"),
        ("a", "at least 2"),
        (" a ", "at least 2"),
        ("x" * 41, "at most 40"),
        ("x" * 1_000_000, "at most 40"),
        ("<b>", "“<” cannot"),
        ("Lena!", "“!” cannot"),
        ("😀😀", "“😀” cannot"),
        ("a\tb", "invisible character (U+0009)"),
        ("a\nb", "invisible character (U+000A)"),
        ("a\x00b", "invisible character (U+0000)"),
        ("a\u202eb", "invisible character (U+202E)"),
        ("a\u200bb", "invisible character (U+200B)"),
        ("a\u3164b", "invisible character (U+1160)"),
        ("a\ufe0fb", "invisible character (U+FE0F)"),
        ("--", "one letter or digit"),
        ("o" + "\u0327" * 9, "too many accents"),
        ("\u0301ab", "too many accents"),
        ("a\udc80b", "invisible character (U+DC80)"),
        ("deleted", "kept for deleted"),
        ("DELETED-7", "kept for deleted"),
        ("Deleted 7", "kept for deleted"),
    ],
)
def test_a_refused_name_is_told_why(typed, told):
    with pytest.raises(Refused) as refusal:
        valid_name(typed)
    assert told in str(refusal.value)
    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lena", "lENA"),
        ("Lena  M", " lena m "),
        ("Straße", "STRASSE"),
        ("Ｌｅｎａ", "lena"),
        ("Ju\u0308rgen", "jürgen"),
        ("ﬁona", "FIONA"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_names_that_differ_in_form_only_have_one_key(one, other):
    assert name_key(one) == name_key(other)


def test_the_key_of_a_key_is_itself_for_every_character():
    characters = (chr(number) for number in range(sys.maxunicode + 1))
    names = ["a" + each + "b" for each in characters if unicodedata.category(each) not in {"Cs", "Cn", "Co"}]
    assert [name for name in names if name_key(name_key(name)) != name_key(name)] == []
    assert [name for name in names if name_key(tidy_name(name)) != name_key(name)] == []


def test_nobody_can_take_the_key_of_a_deleted_account():
    with pytest.raises(Refused):
        valid_name(deleted_key(17))


@pytest.mark.parametrize(
    "password",
    [
        "four rusty kettles sing",
        "property of quiet otters",
        "mK9#vTq2!xLw",
        "837465920174",
        "summer dragon monkey football",
        "dog-8347-2918-5561",
        "пять ржавых чайников",
        "五 つ の さ び た や か ん",
        "\x00control characters too",
        "Zebra" + "q7" + "mountain" * 30,
    ],
)
def test_a_long_password_of_ones_own_is_welcome(password):
    assert valid_password(password, "Lena") == password


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "at least 12"),
        ("mK9#vTq2!xL", "at least 12"),
        ("four rusty kettles " * 20, "at most 256"),
        ("four rusty kettles \udc80", "cannot be stored"),
        ("lena likes rusty kettles", "name"),
        ("rusty kettles of LENA", "name"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abababababab", "repeats"),
        ("kettle-kettle", "repeats"),
        ("kettle kettle kettle", "repeats"),
        ("abcdefghijklm", "keys of a keyboard"),
        ("123456789012", "keys of a keyboard"),
        ("qwertyuiopas", "keys of a keyboard"),
        ("poiuytrewq123", "keys of a keyboard"),
        ("1qaz2wsx3edc", "keys of a keyboard"),
        ("azertyuiop12", "keys of a keyboard"),
        ("Password2026", "first passwords"),
        ("P@ssw0rd2026!", "first passwords"),
        ("!!welcome2026!!", "first passwords"),
        ("WelcomeHome123", "first passwords"),
        ("correct horse battery staple", "first passwords"),
        ("Quizapp-Admin-1", "first passwords"),
        ("password1234567890", "first passwords"),
        ("Ｐａｓｓｗｏｒｄ１２３４", "first passwords"),
    ],
)
def test_a_password_that_others_would_try_is_told_why_not(password, told):
    with pytest.raises(Refused) as refusal:
        valid_password(password, "Lena")
    assert told in str(refusal.value)
    assert refusal.value.field == "password"


def test_every_common_password_is_refused_in_any_capitals():
    long_enough = [each for each in COMMON_PASSWORDS if len(each) >= 12]
    assert len(long_enough) > 500
    for each in long_enough:
        with pytest.raises(Refused):
            valid_password(each.upper(), "Lena")


def test_the_longest_password_is_exactly_256_characters():
    text = "".join(chr(0x4E00 + 37 * number) for number in range(MAX_PASSWORD))
    assert valid_password(text, "Lena") == text
    with pytest.raises(Refused, match="at most 256"):
        valid_password(text + "x", "Lena")


def test_a_short_name_does_not_forbid_the_words_it_is_in():
    assert valid_password("planning a banner shop", "ann") == "planning a banner shop"
