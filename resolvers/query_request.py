"""The documented requests of `find…`: drafts, inputs, checks."""

from datetime import datetime
from typing import Annotated, Any, Optional

import strawberry

from db.filters import CONDITIONS
from db.keyset import MOST_KEYS
from db.query_request import violations_of_filter, violations_of_request
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.derive import made_type
from resolvers.fields import argument, permissions, query
from resolvers.scalars import JSON

_FILTER: dict[str, tuple[Any, str]] = {
    "field": (str, "Documented name of a stored field of the record."),
    "type": (str, "Type of the field's values; taken, and not needed: the field says it."),
    "condition": (str, f"How it is compared, in any case: {', '.join(CONDITIONS)}."),
    "string_value": (str, "Text to compare with."),
    "number_value": (float, "Number to compare with."),
    "date_value": (datetime, "Instant to compare with."),
    "min_number_value": (float, "Least number of BETWEEN."),
    "max_number_value": (float, "Greatest number of BETWEEN."),
    "min_date_value": (datetime, "Earliest instant of BETWEEN."),
    "max_date_value": (datetime, "Latest instant of BETWEEN."),
    "string_list_value": (list[str], "Texts of IN."),
    "number_list_value": (list[float], "Numbers of IN."),
    "date_list_value": (list[datetime], "Instants of IN."),
}

_QUERY: dict[str, tuple[Any, str]] = {
    "page_size": (int, "Most records of a page; without it there is one page with all of them."),
    "page_index": (int, "Which page, from 0."),
    "sort_fields": (
        list[str],
        f"Documented names of the stored fields to sort by, {MOST_KEYS} at most; the id breaks ties.",
    ),
    "sort_directions": (
        list[str],
        "Ascending, Descending, asc or desc for each of them; ascending where none is given.",
    ),
}


def _fields(keys: dict[str, tuple[Any, str]], default: Any) -> dict[str, tuple[Any, Any]]:
    return {
        name: (Optional[kind], strawberry.field(description=text, default=default))
        for name, (kind, text) in keys.items()
    }


_FILTER_TEXT = "One condition on one field."
_QUERY_TEXT = "Which records, in which order, and which page of them. Filters are joined by AND."
FilterRequest: Any = made_type(strawberry.type, "FilterRequest", _FILTER_TEXT, _fields(_FILTER, None))
FilterRequestInput: Any = made_type(
    strawberry.input, "FilterRequestInput", _FILTER_TEXT, _fields(_FILTER, strawberry.UNSET)
)
_FILTERS = "Conditions that must all hold."
QueryRequest: Any = made_type(
    strawberry.type,
    "QueryRequest",
    _QUERY_TEXT,
    _fields({**_QUERY, "filters": (list[FilterRequest], _FILTERS)}, None),
)
QueryRequestInput: Any = made_type(
    strawberry.input,
    "QueryRequestInput",
    _QUERY_TEXT,
    _fields({**_QUERY, "filters": (list[FilterRequestInput], _FILTERS)}, strawberry.UNSET),
)


@strawberry.type
class QueryRequestQuery:
    """What can be asked about requests."""

    get_query_permissions = permissions("QUERY")

    @query(None, returns=FilterRequest)
    def new_filter_request(context: Context) -> Any:
        """A filter to fill in."""
        return FilterRequest()

    @query(None, returns=QueryRequest)
    def new_query_request(context: Context) -> Any:
        """A request to fill in."""
        return QueryRequest()

    @query(Permission.QUERY_READ_VALIDATE, returns=JSON)
    def validate_filter_request(
        context: Context,
        input: Annotated[FilterRequestInput, argument("The filter.")],
    ) -> dict[str, list[str]]:
        """What is wrong with a filter, whatever it filters: lists of messages by name, nothing where all is well."""
        return violations_of_filter(input)

    @query(Permission.QUERY_READ_VALIDATE, returns=JSON)
    def validate_query_request(
        context: Context,
        input: Annotated[QueryRequestInput, argument("The request.")],
    ) -> dict[str, list[str]]:
        """What is wrong with a request, whatever it asks for: lists of messages by name, nothing where all is well."""
        return violations_of_request(input, context.session.page_limit)
