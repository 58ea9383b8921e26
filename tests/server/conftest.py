"""What the tests of the server share."""

import pytest


@pytest.fixture
def clock():
    """A clock that stands still until the test moves it: `clock.now += 5`."""

    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()
