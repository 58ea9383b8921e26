from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolvers.access import Caller, Permission

ODD = [
    "",
    ".",
    "*",
    "*.*",
    "..",
    " ",
    "PRODUCTION",
    "PRODUCTION_ORDER.",
    ".PRODUCTION_ORDER",
    "PRODUCTION_ORDER..WRITE",
]
SEGMENTS = sorted({segment for permission in Permission for segment in permission.value.split(".")})


def texts():
    """Permissions as roles may hold them: real ones, parts of them, and near misses."""
    real = st.sampled_from([permission.value for permission in Permission])
    parts = st.builds(lambda text, length: text[:length], real, st.integers(0, 40))
    mixed = st.lists(st.sampled_from([*SEGMENTS, "", "*"]), max_size=4).map(".".join)
    odd = st.sampled_from(ODD)
    changed = st.one_of(real.map(str.lower), real.map(lambda text: f"{text} "), real.map(lambda text: f"{text}.X"))
    return st.one_of(real, parts, mixed, odd, changed)


def grants(held, needed):
    """The rule as a sentence: the needed permission itself, or one that is followed by a point in it."""
    return needed == held or needed.startswith(f"{held}.")


@settings(max_examples=10_000, derandomize=True, deadline=None)
@given(st.sets(texts(), max_size=4), st.sampled_from(Permission))
@example({"PRODUCTION_ORDER.WRITE.SAVE"}, Permission.PRODUCTION_ORDER_WRITE_DELETE)
@example({""}, Permission.PRODUCTION_ORDER_READ_GET)
@example({"PRODUCTION_ORDER.WRIT"}, Permission.PRODUCTION_ORDER_WRITE_SAVE)
def test_a_permission_is_held_by_itself_or_by_one_above_it_by_whole_segments(held, needed):
    assert Caller("planner", held).may(needed) == any(grants(one, needed.value) for one in held)
