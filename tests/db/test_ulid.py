import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.ulid import new_ulid, parsed_ulid

SHOWN = "01JCH3ENGW-82KJDZDR-JHGYCXQN"
BARE = SHOWN.replace("-", "")

REPEATABLE = settings(derandomize=True, deadline=None)
ulids = st.from_regex(r"[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}", fullmatch=True)


@pytest.mark.parametrize("text", [SHOWN, BARE, SHOWN.lower(), BARE.lower(), f"{BARE[:5].lower()}{BARE[5:]}"])
def test_an_id_is_shown_in_one_spelling_however_it_is_written(text):
    assert parsed_ulid(text) == SHOWN


@REPEATABLE
@given(ulids)
def test_every_id_is_read_as_it_is_shown(shown):
    assert parsed_ulid(shown) == parsed_ulid(shown.replace("-", "").lower()) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        BARE[:18],
        BARE[:25],
        f"{BARE}0",
        f"8{BARE[1:]}",
        *(BARE[:-1] + letter for letter in "ILOUilou"),
        f"{BARE[:10]}-{BARE[10:]}",
        f"{BARE[:18]}-{BARE[18:]}",
        f"{BARE[:8]}-{BARE[8:18]}-{BARE[18:]}",
        SHOWN.replace("-", "_"),
        f" {BARE}",
        f"{BARE}\n",
        f"{SHOWN}\0",
        f"{BARE[:-1]}\N{LATIN SMALL LETTER LONG S}",
        f"{BARE[:-1]}\N{ARABIC-INDIC DIGIT ONE}",
        f"{BARE[:-1]}\N{FULLWIDTH DIGIT ONE}",
    ],
)
def test_anything_else_is_no_id(text):
    assert parsed_ulid(text) is None


@REPEATABLE
@given(st.text(max_size=40))
def test_any_text_is_an_id_or_is_not(text):
    assert parsed_ulid(text) in (None, parsed_ulid(text.replace("-", "")))


def test_new_ids_differ_and_are_shown_as_documented():
    made = {new_ulid() for _ in range(1_000)}

    assert len(made) == 1_000
    assert all(parsed_ulid(ulid) == ulid for ulid in made)
