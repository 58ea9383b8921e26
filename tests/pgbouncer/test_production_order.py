"""The same tests, through PgBouncer."""

from tests.resolvers.conftest import *  # noqa: F403 (fixtures, whatever they are)
from tests.resolvers.test_production_order import *  # noqa: F403 (tests and fixtures, whatever they are)
