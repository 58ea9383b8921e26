"""The same tests, through PgBouncer, but for those in which callers have to wait for each other in a certain order."""

from tests.server.test_concurrency import (
    test_many_changes_of_different_fields_of_one_order_all_survive,
    test_of_many_changes_of_one_version_one_wins,
    test_of_many_saves_of_one_name_one_wins,
)

__all__ = [
    "test_many_changes_of_different_fields_of_one_order_all_survive",
    "test_of_many_changes_of_one_version_one_wins",
    "test_of_many_saves_of_one_name_one_wins",
]
