import pytest

from db.pool import Capacity
from server.config import Settings
from server.pool_share import TooFewConnections, pool_share

HUNDRED = Capacity(most=100, reserved=3)


@pytest.mark.parametrize(("workers", "size"), [(1, 10), (9, 10), (10, 9), (31, 2), (64, 1)])
def test_the_usual_pool_is_as_large_as_fits_beside_the_others(workers, size):
    assert pool_share(Settings(workers=workers), HUNDRED) == size


@pytest.mark.parametrize(("workers", "size"), [(1, 10), (9, 8), (10, 7), (30, 1)])
def test_where_there_are_standbys_two_connections_of_each_process_look_at_the_primary(workers, size):
    settings = Settings(workers=workers, read_url="postgresql://one,two/mes")

    assert pool_share(settings, HUNDRED) == size


@pytest.mark.parametrize(("workers", "size"), [(1, 92), (2, 46), (64, 1)])
def test_a_pool_that_fits_is_as_large_as_it_is_set(workers, size):
    assert pool_share(Settings(workers=workers, pool_size=size), HUNDRED) == size


def test_a_pool_that_is_set_and_does_not_fit_is_refused_with_all_the_numbers():
    with pytest.raises(TooFewConnections) as refused:
        pool_share(Settings(workers=4, pool_size=30), HUNDRED)

    assert str(refused.value) == (
        "The server may open 120 connections (30 for each of its processes, 4 in number), and PostgreSQL has 92 "
        "for it: of its max_connections = 100, 3 are reserved and 5 stay free for commands. "
        "Lower MES_ORDERS_WORKERS or MES_ORDERS_POOL_SIZE, or raise max_connections."
    )


@pytest.mark.parametrize(("workers", "most"), [(13, 20), (1, 8), (1, 1)])
def test_processes_that_can_t_have_one_connection_each_are_refused(workers, most):
    with pytest.raises(TooFewConnections):
        pool_share(Settings(workers=workers), Capacity(most=most, reserved=3))
