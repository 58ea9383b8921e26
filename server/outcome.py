"""What became of an operation, and the response that tells it."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from server.response import GRAPHQL_RESPONSE, Response

_OK = 200
_BAD_REQUEST = 400


class Outcome(NamedTuple):
    """What goes into the response: errors, and the JSON of the data in pieces, None if it was not run."""

    errors: list[dict[str, Any]]
    data: list[bytes] | None = None
    cost: int | None = None
    """What the operation costs, where the caller wants to know it."""
    replayed: bool | None = None
    """Whether it was told before, to the same request with the same idempotency key; None without a key."""
    staleness: int | None = None
    """How many seconds old the data may be; None where the caller has not said."""

    @property
    def codes(self) -> set[str]:
        """The codes of the errors."""
        return {error["extensions"]["code"] for error in self.errors}

    def response(self, media_type: str, most_cost: int) -> Response:
        """The status is that of GraphQL over HTTP: what could not be run is only for plain JSON a success."""
        body = [b"{"]
        if self.errors:
            body += b'"errors":', orjson.dumps(self.errors), b","
        if self.data is not None:
            body += b'"data":', *self.data, b","
        if self.cost is not None or self.replayed is not None:
            body += b'"extensions":', orjson.dumps(self._extensions(most_cost)), b","
        body[-1] = b"}"  # At least one of them is there.
        refused = self.data is None and media_type == GRAPHQL_RESPONSE
        applied = None if self.staleness is None else {"Preference-Applied": f"max-staleness={self.staleness}"}
        return Response(body, _BAD_REQUEST if refused else _OK, media_type, applied)

    def _extensions(self, most_cost: int) -> dict[str, Any]:
        cost = {} if self.cost is None else {"cost": {"value": self.cost, "max": most_cost}}
        return cost if self.replayed is None else {**cost, "idempotency": {"wasReplayed": self.replayed}}
