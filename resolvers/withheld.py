"""What a caller may not see: it is left out of the statement, and told of at each place where it would stand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from graphql import GraphQLError, located_error

from db.apart import apart
from db.declaration import Fixed
from db.records import RECORDS
from db.selection import Selected, Selection
from db.statement import Projection
from resolvers.access import Caller, Permission, access
from resolvers.selection import Connected, Related, leads_to, reads

_MOST_PLACES = 10
"""So many places of a root field are told of: an answer tells fewer errors."""
_KEPT = 8
"""What callers see with so many different permissions is kept."""
_LONG = 64 * 1024
"""Bytes from which on a text takes long to go through."""
_NULL = b"null"
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_GAP = re.compile(rb"\x01\d+")
"""Where something is left out, with its number: in JSON there is no such byte, in texts it is escaped."""
_PIECE = re.compile(rb'\{(?:[^"{}\[\]\x01]|%b)*+\}|%b:?|[\[\]{},]|\x01\d+' % (_TEXT, _TEXT), re.DOTALL)
"""What tells where in JSON one is; an object with nothing left out and no other one in it is a single piece."""

Place = list[str | int]
"""Keys and positions, from the outside in."""


class Views:
    """What callers see of a selection, by what they may read of it."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._needed = frozenset(reads(selection))
        self._whole = View(Projection(selection))
        self._part = lru_cache(_KEPT)(self._made)

    def of(self, caller: Caller) -> "View":
        """What this caller sees."""
        return self._whole if self._needed <= caller.held else self._part(self._needed & caller.held)

    def _made(self, held: frozenset[Permission]) -> "View":
        withheld: list[Related] = []
        return View(Projection(tuple(_seen(self._selection, held, withheld))), tuple(withheld))


@dataclass(frozen=True)
class View:
    """What a caller sees of a selection, and what is withheld, by the numbers of the gaps."""

    projection: Projection
    withheld: tuple[Related, ...] = ()

    async def told(
        self, text: bytes, within: str, variables: Mapping[str, Any], caller: Caller
    ) -> tuple[bytes, list[GraphQLError]]:
        """The JSON with null in each gap, and the errors there; of very many gaps only the first are told of."""
        fill = partial(_filled, text)
        filled, gaps = await apart(fill) if len(text) > _LONG else fill()
        return filled, [self._error(number, [within, *place], variables, caller) for number, place in gaps]

    def _error(self, number: int, path: Place, variables: Mapping[str, Any], caller: Caller) -> GraphQLError:
        withheld = self.withheld[number]
        failure = _failure(withheld, variables, caller)
        return located_error(failure, withheld.nodes, path)


def _seen(selection: Selection, held: frozenset[Permission], withheld: list[Related]) -> Iterator[Selected]:
    """The selection with gaps; a node of a kind that may not be seen is as if it were not there."""
    for selected in selection:
        target = leads_to(selected)
        if target is None or access(target).read in held:
            yield replace(selected, selection=tuple(_seen(selected.selection, held, withheld)))
        elif isinstance(selected, Related):
            yield Selected(selected.key, Fixed(text=f"\1{len(withheld)}", description=""))
            withheld.append(selected)


def _failure(withheld: Related, variables: Mapping[str, Any], caller: Caller) -> Exception:
    """Why it is not shown: as graphql-core has it, arguments come before permissions."""
    try:
        if isinstance(withheld, Connected):
            withheld.read(variables)
        caller.require(access(RECORDS[withheld.member.target]).read)  # type: ignore[attr-defined] # It is a relation.
    except Exception as failure:  # noqa: BLE001 (whatever happens in a field is told there)
        return failure
    raise AssertionError(withheld)


def _filled(text: bytes) -> tuple[bytes, list[tuple[int, Place]]]:
    """The JSON without gaps, and where the first of them were."""
    gaps = list(islice(_gaps(text), _MOST_PLACES)) if b"\1" in text else []
    return _GAP.sub(_NULL, text), gaps


def _gaps(text: bytes) -> Iterator[tuple[int, Place]]:
    """The number and the place of each gap."""
    place: Place = []
    for found in _PIECE.finditer(text):
        piece = found[0]
        match piece[:1]:
            case b"{" if len(piece) == 1:
                place.append("")
            case b"[":
                place.append(0)
            case b"}" | b"]":
                place.pop()
            case b"," if isinstance(position := place[-1], int):
                place[-1] = position + 1
            case b'"' if piece.endswith(b":"):
                place[-1] = piece[1:-2].decode()
            case b"\1":
                yield int(piece[1:]), [*place]
