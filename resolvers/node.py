"""Records of any kind, by their ids: what clients that keep records ask for."""

from typing import Annotated, Any, Optional

import orjson
import strawberry

from db.errors import Invalid
from db.records import RECORDS
from db.ulid import parsed_ulid
from resolvers.access import ACCESS
from resolvers.context import Info
from resolvers.derive import Node
from resolvers.fields import argument, query, selecting
from resolvers.selection import KIND, permitted

_RECORDS = [record for record in RECORDS.values() if not record.view]


@strawberry.type
class NodeQuery:
    """What can be asked about records of any kind."""

    @query(None, returns=Optional[Node])
    async def node(info: Info, id: Annotated[strawberry.ID, argument("Id of the record.")]) -> Any:
        """The record with this id, of whatever kind; null if there is none. Needs the permission to read its kind."""
        (found,) = await _nodes(info, {"id": id})
        return found

    @query(None, returns=Optional[list[Optional[Node]]])
    async def nodes(info: Info, ids: Annotated[list[strawberry.ID], argument("Ids of the records.")]) -> Any:
        """The records with these ids, each in its place; null where there is none. As many as an answer holds."""
        most = info.context.session.row_limit
        if len(ids) > most:
            raise Invalid({"ids": [f"must be at most {most:,}"]})
        return await _nodes(info, {f"ids[{place}]": text for place, text in enumerate(ids)})


async def _nodes(info: Info, given: dict[str, str]) -> list[Any]:
    """The selected fields of the records; of those that the caller may not see, only what they are."""
    ids = {name: parsed_ulid(text) for name, text in given.items()}
    wrong = {name: ["is no ULID, as 01JCH3ENGW-82KJDZDR-JHGYCXQN"] for name, read in ids.items() if read is None}
    if wrong:
        raise Invalid(wrong)
    caller, selected = info.context.caller, selecting(info)
    selections = {
        record: permitted(selected.under(record), caller) if caller.may(ACCESS[record].read) else ()
        for record in _RECORDS
    }
    text = await info.context.session.nodes([read for read in ids.values() if read], selections, KIND)
    return list(orjson.loads(text))
