import unicodedata

import pytest

from db.labels import label_violations, respelled

UNORDERED = "\u0300\u0316"
"""Two accents, which are spelled the other way round in one spelling of them."""
UNSEEN = "must not contain control or invisible characters"
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001d159"
BEYOND_THE_FIRST_PLANE = "".join(chr(code) for code in range(0x10000, 0x110000) if unicodedata.combining(chr(code)))
CUNEIFORM = "\U00012000" * 31
"""Letters of a script beyond the first plane, more of them in a row than a letter may have accents."""
TIBETAN = "\u0f73\u0f75\u0f81"
"""Vowels that are spelled as two marks each, and are no marks themselves."""


@pytest.mark.parametrize(
    "text", ["e\u0301", f"a{UNORDERED}", f"a{UNORDERED * 15}b{UNORDERED * 15}", f"e\u0301{CUNEIFORM}", TIBETAN * 10]
)
def test_accents_have_one_spelling(text):
    assert respelled(text) == unicodedata.normalize("NFC", text) != text


@pytest.mark.parametrize(
    "text",
    [f"a{UNORDERED * 16}", UNORDERED * 50_000, "e\u0301" * 5_001, f"a{BEYOND_THE_FIRST_PLANE}", f"a{TIBETAN * 11}"],
)
def test_what_takes_long_to_respell_stays_as_it_is(text):
    assert unicodedata.normalize("NFC", text) != text
    assert respelled(text) == text


@pytest.mark.parametrize(
    "label",
    ["Order 1", "Käse", "❤\ufe0f", "葛\U000e0100", "می\u200cشود", "\u3000a", f"a{UNORDERED * 15}", CUNEIFORM],
)
def test_what_is_seen_is_a_label(label):
    assert label_violations(label, 100) == []


@pytest.mark.parametrize("label", [*FILLERS, *(f"Order{one}1" for one in FILLERS), "\u115f\u1160", "a\u200b"])
def test_what_is_not_seen_is_in_no_label(label):
    assert label_violations(label, 100) == [UNSEEN]


@pytest.mark.parametrize("label", ["\ufe0f", "\U000e0100", "\u180b", "\u200d", "\u200c\ufe0f \u200d", "\U000e0fff"])
def test_a_label_is_not_made_of_nothing_that_is_seen(label):
    assert label_violations(label, 100) == [UNSEEN]


def test_a_letter_of_a_label_has_30_accents_at_most():
    assert label_violations(f"a{UNORDERED * 15}\u0300", 100) == ["must not have more than 30 accents on one letter"]


def test_what_is_spelled_as_two_marks_is_known_of_all_of_unicode():
    others = (chr(code) for code in range(0x300, 0x110000) if not unicodedata.combining(chr(code)))
    assert "".join(one for one in others if unicodedata.combining(unicodedata.normalize("NFD", one)[0])) == TIBETAN


def test_a_label_that_is_too_long_is_looked_at_no_further():
    assert label_violations("\u200b" * 101, 100) == ["must have at most 100 characters"]
