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

    A call takes at most about `timeout` seconds, repetitions included; the first pause lasts about `backoff` seconds.
    What changes something is sent with a key of its own, so that the server does it once however often it comes.

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

    def graphql(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Any:
        """The data that a GraphQL document asks for.

        A mutation that was sent with the same key before, by this script or by the one that ran before it, is not done
        again; its data are those of the first time.
        """
        given = Values().json(variables or {}, "", "variables")
        return self._connection.data(document, given, operation_name, idempotency_key=idempotency_key)

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
