"""Root fields: the two ways to make one."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Optional

import strawberry
from graphql import GraphQLField
from strawberry.types.arguments import StrawberryArgumentAnnotation

from db.declaration import documented_name
from db.errors import Invalid
from db.rows import Rows
from resolvers.access import Permission, permissions_of, requirement
from resolvers.answers import ApiResponse
from resolvers.context import Context, Info
from resolvers.plain import resolved

Resolver = Callable[..., Any]
_INFO = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)

Shown = Callable[[Rows[Any]], Awaitable[Any]]
"""Makes of rows what is selected of them."""


@dataclass(frozen=True)
class RootField:
    """What a root field does, whichever way the operation is run: its function gets the context and the arguments."""

    function: Resolver
    permission: Permission | None
    changing: bool

    def resolved(self, context: Context, given: Mapping[str, Any], shown: Shown) -> Awaitable[Any]:
        """What the function makes of these arguments, rows as they are shown.

        Raises `Forbidden` for a caller without the permission, and whatever the function raises.
        """
        context.caller.require(self.permission)
        _check_texts(given)
        arguments = {self.parameters[name]: value for name, value in given.items()}
        if self.changing:
            return context.session.changed(lambda: _result(self.function(context, **arguments), context, shown))
        made = self.function(context, **arguments)
        return shown(made) if isinstance(made, Rows) else _result(made, context, shown)

    @functools.cached_property
    def parameters(self) -> Mapping[str, str]:
        """The function's parameters, by the documented names of the arguments."""
        _, *parameters = inspect.signature(self.function).parameters.values()
        return {_argument_name(parameter): parameter.name for parameter in parameters}


def query(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that reads. Its docstring is its description; without a permission every known caller may ask."""
    return lambda function: _field(RootField(function, permission, changing=False), returns)


def mutation(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that changes something, in a transaction of its own."""
    return lambda function: _field(RootField(function, permission, changing=True), returns)


def permissions(area: str) -> Any:
    """`get…Permissions`: the permissions of a part of the API."""

    def resolve(context: Context) -> list[str]:  # noqa: ARG001 (every function of a field gets it)
        """The permissions of this part of the API, which roles can grant."""
        return permissions_of(area)

    return query(None, returns=list[str])(resolve)


def argument(description: str, name: str | None = None) -> Any:
    """What an argument is; under another name than Python allows, where one is given."""
    return strawberry.argument(description=description, name=name)


def root_field(field: GraphQLField) -> RootField:
    """What stands behind a root field of the schema."""
    root: RootField = field.extensions["strawberry-definition"].metadata["root"]
    return root


def _field(root: RootField, returns: Any) -> Any:
    """A root field that shows its permission in the schema and asks for it.

    With a permission it may be null, so that one field that fails does not hide what the others have read or saved.
    """
    return strawberry.field(
        resolver=_in_the_plain_way(root),
        graphql_type=Optional[returns] if root.permission else returns,
        description=inspect.getdoc(root.function),
        directives=[requirement(root.permission)],
        metadata={"root": root},
    )


def _in_the_plain_way(root: RootField) -> Resolver:
    """The function as strawberry runs it, with its signature but for the first parameter."""

    @functools.wraps(root.function)
    async def resolve(info: Info, **_: Any) -> Any:
        return await resolved(info._raw_info, root)  # noqa: SLF001 (it has what the selection is read from)

    _, *parameters = inspect.signature(root.function).parameters.values()
    resolve.__signature__ = inspect.Signature([_INFO, *parameters])  # type: ignore[attr-defined] # Functions may have one.
    return resolve


async def _result(made: Any, context: Context, shown: Shown) -> Any:
    """What comes of what a function gives: rows, something else, or a coroutine of either."""
    if isinstance(made, CoroutineType):
        made = await made
    if isinstance(made, Rows):
        return await shown(made)
    if isinstance(made, ApiResponse) and not made.success:
        context.session.take_back()
    return made


def _argument_name(parameter: inspect.Parameter) -> str:
    """The documented name of a parameter: its own, or the one it is annotated with."""
    annotations = getattr(parameter.annotation, "__metadata__", ())
    given = (one.name for one in annotations if isinstance(one, StrawberryArgumentAnnotation))
    return next(filter(None, given), documented_name(parameter.name))


def _check_texts(given: Mapping[str, Any]) -> None:
    """`Invalid` for a text that PostgreSQL can't even look for."""
    wrong = [name for name, value in given.items() if isinstance(value, str) and "\0" in value]
    if wrong:
        raise Invalid({name: ["must not contain control characters"] for name in wrong})
