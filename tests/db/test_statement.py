"""The texts of statements, which are kept."""

import weakref

from db.records import Customer
from db.rows import Rows, found_by
from db.selection import Selected
from db.statement import Projection


def test_what_is_kept_of_a_statement_keeps_none_of_its_values():
    projection = Projection((Selected("id", Customer.columns["id"]),))
    rows = Rows(Customer, found_by(Customer.table, "id", "$1"), ("01JCH3ENGW-82KJDZDR-00000001",), key="id")
    asked = projection.statement(rows, (), 10)
    alone, of_several = asked.sql, asked.several()
    again, gone = projection.statement(rows, (), 10), weakref.ref(rows)

    assert again.sql is alone
    assert again.several() is of_several
    del asked, again, rows
    assert gone() is None
