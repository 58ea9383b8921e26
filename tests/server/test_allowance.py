import pytest

from server.allowance import Allowance


@pytest.fixture
def allowance(clock):
    return Allowance("points", 60, clock)


def test_what_is_left_can_be_taken_and_no_more(allowance):
    assert allowance.take("a", 59)
    assert not allowance.take("a", 2)
    assert allowance.take("a", 1)
    assert (allowance.left("a"), allowance.left("b")) == (0, 60)


def test_it_comes_back_evenly_and_not_beyond_all_of_it(allowance, clock):
    allowance.take("a", 60)

    clock.now += 20.5
    assert (allowance.left("a"), allowance.seconds("a", 60)) == (20, 40)
    clock.now += 1_000
    assert (allowance.left("a"), allowance.seconds("a", 60)) == (60, 0)


def test_what_is_owed_comes_back_first(allowance, clock):
    assert allowance.take("a", 180, least=60)

    assert (allowance.left("a"), allowance.seconds("a", 1)) == (0, 121)
    clock.now += 121
    assert allowance.take("a", 1)


def test_it_is_told_by_its_name(allowance):
    allowance.take("a", 45)

    assert allowance.headers("a") == {"RateLimit-Policy": '"points";q=60;w=60', "RateLimit": '"points";r=15;t=45'}


def test_of_very_many_the_one_is_forgotten_who_took_something_longest_ago(allowance):
    allowance.take("first", 60)
    allowance.take("second", 60)
    for number in range(9_998):
        allowance.take(str(number), 1)
    assert not allowance.take("first", 1)

    allowance.take("one more", 1)

    assert (allowance.left("first"), allowance.left("second")) == (60, 0)
