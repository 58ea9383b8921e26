"""The objects that the server's answers are made of."""

from __future__ import annotations

import json
from typing import Any, NoReturn, Self


class Result(dict[str, Any]):
    """A JSON object: a dict whose keys are attributes too, and that prints as JSON."""

    __slots__ = ()

    def __getattr__(self, key: str) -> Any:
        if key not in self:
            self._refuse(key)
        return self[key]

    def __setattr__(self, key: str, value: Any) -> None:
        if hasattr(dict, key):
            raise AttributeError(f"{key!r} is a method of every result; write result[{key!r}] for the key.")
        self[key] = value

    def __delattr__(self, key: str) -> None:
        if key not in self:
            self._refuse(key)
        del self[key]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return json.dumps(self, ensure_ascii=False, default=str)

    def copy(self) -> Self:
        """A shallow copy that is a result again."""
        return type(self)(self)

    def _refuse(self, key: str) -> NoReturn:
        raise AttributeError(f"There is no {key!r} here; the keys are {', '.join(self) or 'none'}.")
