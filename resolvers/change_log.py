"""The log of changes."""

from typing import Annotated, Any, Optional

import strawberry

from db.change_log import Change, RecordType
from db.rows import Rows
from db.ulid import Ulid
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.derive import USUAL_SIZE, enumeration
from resolvers.fields import argument, query
from resolvers.filters import OrderDirection
from resolvers.types import shown
from resolvers.windows import window

_RECORD_TYPE: Any = enumeration(RecordType)


@strawberry.type
class ChangeLogQuery:
    """What can be asked about changes."""

    @query(Permission.SYSTEM_AUDIT, returns=shown(Change, "Connection"))
    def changes(
        context: Context,
        record_type: Annotated[Optional[_RECORD_TYPE], argument("Only changes of records of this kind.")] = None,
        id: Annotated[Optional[Ulid], argument("Only changes of the record with this id, also if it is gone.")] = None,
        first: Annotated[Optional[int], argument(f"At most so many; {USUAL_SIZE} without it.")] = None,
        after: Annotated[Optional[str], argument("Only what comes after this cursor: earlier changes.")] = None,
    ) -> Rows[Change]:
        """Creates, changes and deletes of records: who, when, and the values before and after; the latest first."""
        sought = {"recordType": record_type, "recordId": id}
        asked = {
            "filter": {name: {"equals": value} for name, value in sought.items() if value is not None},
            "orderBy": [{"id": OrderDirection.DESC}],
            "first": first,
            "after": after,
        }
        return context.repository(Change).connection(window(Change, asked, context.session.page_limit))
