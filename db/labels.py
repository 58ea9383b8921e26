"""Labels, by which people tell records apart: their one spelling, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

_LONGEST = 10_000
"""Characters that no label or path has, however its accents are spelled."""
_MOST_MARKS = 30
"""How many marks a letter may have; Unicode's Stream-Safe Text Format draws the same line."""
_TWO_MARKS = "\u0f73\u0f75\u0f81"
"""Vowels of Tibetan that are marks only when they are spelled as two."""
_MARKS = _TWO_MARKS + "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.combining(chr(code)))
# Beyond the first plane they are looked for by blocks: one by one, the pattern would take twenty times as long.
_MAY_BE_MARKS = f"{_MARKS}\U00010000-\U0001d24f\U0001e000-\U0001efff"
_MANY_MARKS = re.compile(rf"(?<![{_MAY_BE_MARKS}])[{_MAY_BE_MARKS}]{{{_MOST_MARKS + 1}}}")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Invisible, but letters of some scripts are written with them."""
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""The same: they choose between the shapes of what they follow."""
_FILLERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001d159]")
"""Letters, marks and symbols by their categories, of which nothing is to be seen."""
_NOTHING_SEEN = re.compile(rf"[{_JOINERS}{_SELECTORS}\s]*")


def normalized(label: str) -> str:
    """A label as it is stored and looked for: letters with accents in one spelling, no blanks around it."""
    return respelled(label).strip()


def respelled(text: str) -> str:
    """The text with its letters with accents in one spelling; as it is where no label can be like it.

    To sort the marks of a letter takes time that grows with the square of their number.
    """
    if text.isascii() or len(text) > _LONGEST or _too_many_marks(text):
        return text
    return unicodedata.normalize("NFC", text)


def label_violations(label: str, max_length: int) -> list[str]:
    """What is wrong with a text that tells records apart."""
    if label.isascii() and label.isprintable() and 0 < len(label) <= max_length:
        return []
    messages = []
    if not label:
        messages.append("must not be empty")
    if len(label) > max_length:
        messages.append(f"must have at most {max_length:,} characters")
        # One message is enough, and the others need a look at each of its characters.
        return messages
    if label and not _all_seen(label):
        messages.append("must not contain control or invisible characters")
    if _too_many_marks(label):
        messages.append(f"must not have more than {_MOST_MARKS} accents on one letter")
    return messages


def _all_seen(label: str) -> bool:
    if _FILLERS.search(label) or _NOTHING_SEEN.fullmatch(label):
        return False
    # What can be printed is looked at as a whole: to go over the characters takes a hundred times as long.
    return label.isprintable() or all(
        unicodedata.category(character) not in _INVISIBLE or character in _JOINERS for character in label
    )


def _too_many_marks(text: str) -> bool:
    """Whether any letter has more marks than it may have."""
    return _MANY_MARKS.search(text) is not None and any(
        len(list(run)) > _MOST_MARKS for marks, run in groupby(text, _is_mark) if marks
    )


def _is_mark(character: str) -> bool:
    return character in _TWO_MARKS or unicodedata.combining(character) > 0
