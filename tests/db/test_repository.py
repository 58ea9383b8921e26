import asyncpg
import pytest

from db.records import UnitOfMeasure
from db.repositories import repository


async def test_a_record_that_is_found_before_it_is_made_stays_until_it_is_shown(session, pool, plant):
    units = repository(UnitOfMeasure, session)

    async with session.transaction():
        assert await units.stored_as({"name": "Kilogram"}, "name")

        with pytest.raises(asyncpg.LockNotAvailableError):
            await pool.execute("select from unit_of_measure where id = $1 for update nowait", plant.unit_of_measure)
