"""The headers of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
    from typing import Any

T = TypeVar("T")

_READ = "mes_orders.headers"
_BLANKS = " \t"
"""What may stand around a value and is no part of it, as RFC 9110 has it."""


class Headers:
    """The headers of a request, by their names in lower case; several of one name are one, with commas between."""

    _several: Collection[bytes] = ()

    def __init__(self, given: Sequence[tuple[bytes, bytes]]) -> None:
        self._read: dict[bytes, str] = {}
        self._made: dict[Any, Any] = {}
        self._values: Mapping[bytes, bytes] = dict(given)
        if len(self._values) < len(given):
            all_of: dict[bytes, list[bytes]] = {}
            for name, value in given:
                all_of.setdefault(name, []).append(value)
            self._several = {name for name, values in all_of.items() if len(values) > 1}
            self._values = {name: b",".join(values) for name, values in all_of.items()}

    def get(self, name: bytes, default: str = "") -> str:
        """The value of a header, or what stands for one that was not sent."""
        read = self._read.get(name)
        if read is None:
            value = self._values.get(name)
            if value is None:
                return default
            read = self._read[name] = value.decode("latin-1").strip(_BLANKS)
        return read

    def found(self, name: bytes) -> str | None:
        """The value of a header; None for one that was not sent."""
        return self.get(name) if name in self._values else None

    def once(self, make: Callable[[Headers], T]) -> T:
        """What this makes of them, made once; a client's next requests have the same headers."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    def repeats(self, name: bytes) -> bool:
        """Whether a header was sent more than once."""
        return name in self._several


def headers(scope: MutableMapping[str, Any]) -> Headers:
    """The headers of the request, read once for all who ask."""
    read = scope.get(_READ)
    if read is None:
        read = scope[_READ] = Headers(scope["headers"])
    return read
