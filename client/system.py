"""What a script holds: the server, seen as `system`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from client.connection import Connection
from client.functions import Functions
from client.modules import Modules
from client.values import Values

if TYPE_CHECKING:
    from types import TracebackType


def connect(url: str, token: str | None = None, timeout: float = 10.0, *, backoff: float = 0.2) -> System:
    """The server at `url`, with or without `/graphql`; nothing is sent before the first call.

    A call takes at most about `timeout` seconds, repetitions included. Only what reads is repeated, and what could not
    be sent; the first pause lasts about `backoff` seconds.

    A record that was read can be changed and given back, `saveProductionOrder(**order)`, also to validate it: what the
    function shows of a record and does not take, as `createdDate` or `propertyValues`, is left out. Any other key that
    it does not take is refused.
    """
    return System(Connection(url, token, timeout=timeout, backoff=backoff))


class System:
    """A connection to the server, for any number of threads; `close()` it or use it in a `with` statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.mes = Modules(Functions(connection))

    def graphql(self, document: str, variables: dict[str, Any] | None = None, operation_name: str | None = None) -> Any:
        """The data that a GraphQL document asks for."""
        return self._connection.data(document, Values().json(variables or {}, "", "variables"), operation_name)

    def close(self) -> None:
        """Close the connections to the server."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<system at {self._connection.url}>"
