"""Root fields: the two ways to make one."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Optional

import orjson
import strawberry

from db.declaration import documented_name
from db.errors import Invalid
from db.rows import Rows
from resolvers.access import Permission, permissions_of, requirement
from resolvers.context import Info
from resolvers.selection import Selecting, permitted

Resolver = Callable[..., Any]


def query(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that reads. Its docstring is its description; without a permission every known caller may ask."""
    return lambda function: _field(permission, returns, function, _answered(function))


def mutation(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that changes something, in a transaction of its own."""

    def made(function: Resolver) -> Any:
        answered = _answered(function)

        async def resolve(info: Info, **arguments: Any) -> Any:
            async with info.context.session.transaction():
                return await answered(info, **arguments)

        return _field(permission, returns, function, resolve)

    return made


def permissions(area: str) -> Any:
    """`get…Permissions`: the permissions of a part of the API."""

    def resolve(info: Info) -> list[str]:  # noqa: ARG001 (strawberry passes it to every resolver)
        """The permissions of this part of the API, which roles can grant."""
        return permissions_of(area)

    return query(None, returns=list[str])(resolve)


def argument(description: str, name: str | None = None) -> Any:
    """What an argument is; under another name than Python allows, where one is given."""
    return strawberry.argument(description=description, name=name)


def _field(permission: Permission | None, returns: Any, function: Resolver, resolve: Resolver) -> Any:
    """A root field that shows its permission in the schema and asks for it.

    With a permission it may be null, so that one field that fails does not hide what the others have read or saved.
    """

    @functools.wraps(function)
    async def allowed(info: Info, **arguments: Any) -> Any:
        info.context.caller.require(permission)
        _check_texts(arguments)
        return await resolve(info, **arguments)

    return strawberry.field(
        resolver=allowed,
        graphql_type=Optional[returns] if permission else returns,
        description=inspect.getdoc(function),
        directives=[requirement(permission)],
    )


def _answered(function: Resolver) -> Resolver:
    """What the function returns, rows as they are selected."""

    async def resolve(info: Info, **arguments: Any) -> Any:
        result = function(info, **arguments)
        if inspect.isawaitable(result):
            result = await result
        return await answer(info, result) if isinstance(result, Rows) else result

    return resolve


def _check_texts(arguments: Mapping[str, Any]) -> None:
    """`Invalid` for a text that PostgreSQL can't even look for."""
    wrong = [name for name, value in arguments.items() if isinstance(value, str) and "\0" in value]
    if wrong:
        raise Invalid({documented_name(name): ["must not contain control characters"] for name in wrong})


async def answer(info: Info, rows: Rows[Any]) -> Any:
    """What is selected of the rows under the field that is resolved."""
    session = info.context.session
    selected = permitted(selecting(info).under(rows.shown), info.context.caller)
    text = await session.answer(rows, selected)
    return None if text is None else orjson.loads(text)


def selecting(info: Info) -> Selecting:
    """The selection and the arguments of the field that is resolved."""
    raw = info._raw_info  # noqa: SLF001 (strawberry has no other way to the fragments)
    return Selecting(raw, info.context.session.row_limit)
