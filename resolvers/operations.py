"""Root fields: the two ways to make one, and the operations that every record has."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, Optional, TypeVar

import orjson
import strawberry

from db.declaration import Many, Record, documented_name
from db.errors import Invalid
from db.records import RECORDS
from db.selection import Rows
from db.ulid import Ulid
from resolvers import derive
from resolvers.access import ACCESS, Permission, requirement
from resolvers.context import Info
from resolvers.selection import permitted, selection
from resolvers.types import shown

R = TypeVar("R", bound=Record)
Resolver = Callable[..., Any]


def query(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that reads. Its docstring is its description; without a permission every known caller may ask."""
    return lambda function: _field(permission, returns, function, _answered(function))


def mutation(permission: Permission | None, *, returns: Any) -> Callable[[Resolver], Any]:
    """A field that changes something, in a transaction of its own.

    It may be null, so that a failure among several mutations does not hide what the others have saved.
    """

    def made(function: Resolver) -> Any:
        answered = _answered(function)

        async def resolve(info: Info, **arguments: Any) -> Any:
            async with info.context.session.transaction():
                return await answered(info, **arguments)

        return _field(permission, returns, function, resolve)

    return made


def _field(permission: Permission | None, returns: Any, function: Resolver, resolve: Resolver) -> Any:
    """A root field that shows its permission in the schema and asks for it."""

    @functools.wraps(function)
    async def allowed(info: Info, **arguments: Any) -> Any:
        info.context.caller.require(permission)
        return await resolve(info, **arguments)

    return strawberry.field(
        resolver=allowed,
        graphql_type=returns,
        description=inspect.getdoc(function),
        directives=[requirement(permission)],
    )


def _answered(function: Resolver) -> Resolver:
    """What the function returns, rows as they are selected."""

    async def resolve(info: Info, **arguments: Any) -> Any:
        result = function(info, **arguments)
        if inspect.isawaitable(result):
            result = await result
        if not isinstance(result, Rows):
            return result
        raw = info._raw_info  # noqa: SLF001 (strawberry has no other way to the fragments)
        text = await info.context.session.answer(result, permitted(selection(raw), info.context.caller))
        return None if text is None else orjson.loads(text)

    return resolve


class Operations(Generic[R]):
    """The operations on the records of one table, to be named in a record's module."""

    def __init__(self, record: type[R]) -> None:
        self.record = record
        self.draft = derive.draft_type(record)
        self.input = derive.input_type(record)
        self._access = ACCESS[record]

    @property
    def new(self) -> Any:
        """`new…`: the keys of a record with their defaults."""

        def resolve(info: Info) -> Any:  # noqa: ARG001 (strawberry passes it to every resolver)
            return self.draft()

        resolve.__doc__ = f"A {self.record.singular} to fill in and save, with the default values."
        return query(None, returns=self.draft)(resolve)

    def get(self, argument: str) -> Any:
        """`get…` by id: one record."""

        def resolve(info: Info, **given: Any) -> Rows[R]:
            return info.context.repository(self.record).by_id(given[argument])

        resolve.__doc__ = f"The {self.record.singular} with this id; null if there is none."
        _takes(resolve, argument, Ulid, f"Id of the {self.record.singular}.")
        return query(self._access.read, returns=Optional[shown(self.record)])(resolve)

    def get_by(self, field: str, argument: str) -> Any:
        """`get…` by id or another unique field: one record."""

        def resolve(info: Info, **given: Any) -> Rows[R]:
            return info.context.repository(self.record).by_id_or(field, _key(given, argument))

        resolve.__doc__ = f"The {self.record.singular} with this id or {field}; null if there is none."
        _takes(resolve, argument, str, f"Id or {field} of the {self.record.singular}.")
        return query(self._access.read, returns=Optional[shown(self.record)])(resolve)

    def related(self, relation: str, field: str, argument: str) -> Any:
        """`get…For…`: the records that refer to one, by the name of the relation."""
        member = self.record.members[relation]
        assert isinstance(member, Many)

        def resolve(info: Info, **given: Any) -> Rows[R]:
            return info.context.repository(self.record).by_id_or(field, _key(given, argument)).related(relation)

        resolve.__doc__ = f"{member.description} Null if there is no such {self.record.singular}."
        _takes(resolve, argument, str, f"Id or {field} of the {self.record.singular}.")
        target = RECORDS[member.target]
        return query(ACCESS[target].read, returns=Optional[list[shown(target)]])(resolve)  # type: ignore[misc] # Made at run time.

    @property
    def save(self) -> Any:
        """`save…`: create or change one record."""

        async def resolve(info: Info, **given: Any) -> Rows[R]:
            return await info.context.repository(self.record).save(derive.changes(self.record, given["input"]))

        resolve.__doc__ = (
            f"Create a {self.record.singular}, or change the given fields of the one with the given id. "
            "What is left out stays as it is; null clears a field that may be null."
        )
        _takes(resolve, "input", self.input, f"The fields of the {self.record.singular}.")
        return mutation(self._access.save, returns=Optional[shown(self.record)])(resolve)


def _key(given: Mapping[str, str], argument: str) -> str:
    """The id or name that is asked for; `Invalid` for a text that PostgreSQL can't even look for."""
    if "\0" in given[argument]:
        raise Invalid({documented_name(argument): ["must not contain control characters"]})
    return given[argument]


def _takes(resolve: Resolver, argument: str, kind: Any, description: str) -> None:
    """Give a resolver of any record the signature that strawberry reads the field's argument from."""
    annotation = Annotated[kind, strawberry.argument(description=description)]
    parameters = [
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
        inspect.Parameter(argument, inspect.Parameter.KEYWORD_ONLY, annotation=annotation),
    ]
    resolve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # Functions may have one.
