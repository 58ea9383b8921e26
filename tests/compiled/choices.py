"""Decisions, read from bytes that hypothesis draws: one draw for hundreds of them, and zeros are the simplest."""

from hypothesis import strategies as st

_HIGHEST = 256


class Choices:
    """Decisions one after the other; where the bytes end, each of them is the simplest."""

    def __init__(self, data):
        self._bytes = iter(data)

    def below(self, number):
        """A number from 0 to below this one; 0 is the simplest."""
        drawn = next(self._bytes, 0)
        if number <= _HIGHEST:
            return drawn * number // _HIGHEST
        return (drawn * _HIGHEST + next(self._bytes, 0)) * number // _HIGHEST**2

    def chance(self, percent):
        """Whether something happens that does in so many of a hundred cases; that it does not is the simplest."""
        return self.below(100) >= 100 - percent

    def of(self, options):
        """One of these; the first is the simplest."""
        return options[self.below(len(options))]

    def some(self, options, most):
        """So many different ones of these at most."""
        rest, count = list(options), self.below(most + 1)
        return [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]


def choices(size):
    """Decisions that take so many bytes."""
    return st.binary(min_size=size, max_size=size).map(Choices)
