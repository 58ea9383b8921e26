"""Records of any kind, by their ids: what clients that keep records ask for."""

from collections.abc import Sequence
from typing import Annotated, Any, Optional

import strawberry

from db.apart import many_apart
from db.declaration import Record
from db.errors import Invalid
from db.rows import Rows, Shape
from db.ulid import Ulid, parsed_ulid
from db.validation import first_of
from resolvers.context import Context
from resolvers.derive import Node
from resolvers.fields import argument, query

_MOST_TOLD = 20
_NO_ULID = ["is no ULID, as 01JCH3ENGW-82KJDZDR-JHGYCXQN"]


@strawberry.type
class NodeQuery:
    """What can be asked about records of any kind."""

    @query(None, returns=Optional[Node])
    def node(context: Context, id: Annotated[strawberry.ID, argument("Id of the record.")]) -> Rows[Any]:
        """The record with this id, of whatever kind; null if there is none, or none whose kind the caller may read."""
        return Rows(Record, parameters=tuple(_ids("id", [id])), shape=Shape.NODE)

    @query(None, returns=Optional[list[Optional[Node]]])
    async def nodes(
        context: Context, ids: Annotated[list[strawberry.ID], argument("Ids of the records.")]
    ) -> Rows[Any]:
        """The records with these ids, each in its place, as `node` gives them. As many as an answer holds."""
        most = context.session.row_limit
        if len(ids) > most:
            raise Invalid({"ids": [f"must be at most {most:,}"]})
        read = await many_apart(len(ids), lambda: _ids("ids[{}]", ids))
        return Rows(Record, parameters=(read,), shape=Shape.NODES)


def _ids(named: str, texts: Sequence[str]) -> list[Ulid]:
    """The ids that these texts spell, which are named by their places."""
    ids = [parsed_ulid(text) for text in texts]
    wrong = {named.format(place): _NO_ULID for place, read in enumerate(ids) if read is None}
    if wrong:
        raise Invalid(first_of(wrong, _MOST_TOLD, "ids", "that are no ULID"))
    return [read for read in ids if read]
