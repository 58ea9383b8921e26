import orjson
import pytest

from db.errors import Invalid
from db.parts import REFERENCE, REFERENCES
from db.records import Location, Material
from db.references import summary
from db.repositories import repository
from db.selection import Selected
from db.session import Most, Session
from db.statement import Projection

WHOLE = Projection(
    (
        Selected("table", REFERENCES["tableName"]),
        Selected(
            "by",
            REFERENCES["references"],
            (Selected("column", REFERENCE["fkColName"]), Selected("id", REFERENCE["id"])),
        ),
    )
)


@pytest.fixture
def of(session):
    """The rows of the record with an id."""
    return lambda record, record_id: repository(record, session).by_id(record_id)


async def test_a_foreign_key_that_no_record_declares_is_told_too(session, of, pool, plant):
    await pool.execute(
        """
        create table scales (id text primary key, location_id text references locations (id));
        insert into scales select 'scale 1', id from locations;
        grant select on scales to public
        """
    )

    text = await session.answer(of(Location, plant.location).references(), WHOLE)

    assert {"table": "scales", "by": [{"column": "location_id", "id": "scale 1"}]} in orjson.loads(text)


async def test_more_references_than_an_answer_holds_are_refused(connections, save, plant):
    for number in range(3):
        await save(Location, name=f"Cell {number}", parent_id=plant.location)
    async with Session(connections, "planner", Most(records=2)) as small:
        found = repository(Location, small).by_id(plant.location)

        with pytest.raises(Invalid, match="references are more than 2"):
            await small.answer(found.references(), WHOLE)


async def test_the_summary_counts_what_refers_by_table_and_column(session, of, plant):
    assert await summary(session, of(Location, plant.location)) == (
        "1 of shift_records (location_id), 1 of shifts (location_id) refer to it"
    )


async def test_the_summary_names_nothing_that_is_gone_again(session, of, plant):
    assert await summary(session, of(Material, plant.material)) == "other records refer to it"
