"""What functions answer with that is no record."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from db.ulid import Ulid


@strawberry.type(description="Whether something was done, and what a person should know of it.")
class ApiResponse:
    """The documented answer of functions that return no record."""

    success: bool = strawberry.field(description="Whether it was done.")
    message: str | None = strawberry.field(description="What was done, or that it was not.")
    data: str | None = strawberry.field(description="Id of the record it was done to.")
    error: str | None = strawberry.field(description="Why it was not done.")

    @classmethod
    def done(cls, message: str, data: str | None = None) -> Self:
        """It was done."""
        return cls(success=True, message=message, data=data, error=None)

    @classmethod
    def refused(cls, error: str) -> Self:
        """It was not done."""
        return cls(success=False, message="Nothing was changed.", data=None, error=error)


@strawberry.type(description="A record that refers to another one.")
class Reference:
    """One row of a table, by the column that refers."""

    fk_col_name: str = strawberry.field(description="The column that refers.")
    id: Ulid = strawberry.field(description="Id of the record that refers.")


@strawberry.type(description="The records of one table that refer to another record.")
class TableReferences:
    """One table's references."""

    table_name: str = strawberry.field(description="The table whose records refer.")
    references: list[Reference] = strawberry.field(description="The records that refer, each with the column.")

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """The references as the database tells them, by their documented names."""
        references = [Reference(fk_col_name=one["fkColName"], id=one["id"]) for one in table["references"]]
        return cls(table_name=table["tableName"], references=references)
