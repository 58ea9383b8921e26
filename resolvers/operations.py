"""The operations that every record has, to be named in the record's module."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from db.apart import many_apart
from db.declaration import Many, Record, documented_name
from db.errors import InUse
from db.query_request import window as requested_window
from db.records import RECORDS
from db.repository import Repository
from db.rows import Rows
from db.ulid import Ulid
from resolvers import derive
from resolvers.access import ACCESS, Permission, access
from resolvers.answers import ApiResponse
from resolvers.context import Context
from resolvers.fields import Resolver, argument, mutation, query
from resolvers.query_request import QueryRequestInput
from resolvers.scalars import JSON
from resolvers.selection import require_reached
from resolvers.types import TableReferences, shown, shown_list
from resolvers.windows import window

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Key:
    """The argument that tells which record is meant: by its id, or by a unique field too."""

    argument: str = "id"
    field: str = "id"
    kind: Any = str

    @property
    def told(self) -> str:
        """What the argument takes."""
        return "id" if self.field == "id" else f"id or {self.field}"


ID = Key(kind=Ulid)
"""By the id alone."""
ID_TEXT = Key()
"""By the id alone, where the documents call it a plain text."""


class Operations(Generic[R]):
    """The operations on the records of one table."""

    def __init__(self, record: type[R]) -> None:
        self.record = record
        self.draft = derive.draft_type(record)
        self.input = derive.input_type(record)
        self._access = ACCESS[record]

    @property
    def new(self) -> Any:
        """`new…`: the keys of a record with their defaults."""

        def resolve(context: Context) -> Any:  # noqa: ARG001 (every function of a field gets it)
            return self.draft()

        resolve.__doc__ = f"A {self.record.singular} to fill in and save, with the default values."
        return query(None, returns=self.draft)(resolve)

    def get(self, key: Key = ID) -> Any:
        """`get…`: one record."""

        def resolve(context: Context, **given: Any) -> Rows[R]:
            return self._found(context, key, given)

        resolve.__doc__ = f"The {self.record.singular} with this {key.told}; null if there is none."
        self._takes_key(resolve, key)
        return query(self._access.read, returns=shown(self.record))(resolve)

    def exists(self, key: Key) -> Any:
        """`does…Exist`: whether there is such a record."""

        async def resolve(context: Context, **given: Any) -> bool:
            return await self._repository(context).exists(self._found(context, key, given))

        resolve.__doc__ = f"Whether there is a {self.record.singular} with this {key.told}."
        self._takes_key(resolve, key)
        return query(self._access.read, returns=bool)(resolve)

    @property
    def all(self) -> Any:
        """`getAll…`: every record."""

        def resolve(context: Context) -> Rows[R]:
            return self._repository(context).all()

        resolve.__doc__ = (
            f"Every {self.record.singular}, in the order in which they were created. Where there are more than an "
            "answer holds, ask for pages of them."
        )
        return query(self._access.read, returns=shown_list(self.record))(resolve)

    @property
    def find(self) -> Any:
        """`find…`: a page of the records that match."""

        def resolve(context: Context, query_request: Mapping[str, Any]) -> Rows[R]:
            most = context.session.page_limit
            return self._repository(context).page(requested_window(self.record, query_request, most))

        resolve.__doc__ = f"A page of the {self.record.singular} records that match all filters of the request."
        _takes(resolve, query_request=(QueryRequestInput, "Filters, order and page."))
        return query(self._access.read, returns=shown(self.record, "Page"))(resolve)

    @property
    def connection(self) -> Any:
        """The records as a connection, as Relay has them."""

        def resolve(context: Context, **given: Any) -> Rows[R]:
            by_name = {documented_name(name): value for name, value in given.items()}
            asked = window(self.record, by_name, context.session.page_limit)
            require_reached(asked, context.caller)
            return self._repository(context).connection(asked)

        resolve.__doc__ = f"The {self.record.singular} records that match, in an order, from one cursor on."
        resolve.__signature__ = inspect.signature(derive.paging_resolver(self.record, _CONTEXT))  # type: ignore[attr-defined] # Functions may have one.
        return query(self._access.read, returns=shown(self.record, "Connection"))(resolve)

    def references(self, key: Key = ID) -> Any:
        """`get…References`: what refers to one record."""

        def resolve(context: Context, **given: Any) -> Rows[R]:
            return self._found(context, key, given).references()

        resolve.__doc__ = f"What refers to the {self.record.singular} with this {key.told}, table by table."
        self._takes_key(resolve, key)
        return query(self._access.read, returns=list[TableReferences])(resolve)

    def related(self, member: Any, key: Key) -> Any:
        """`get…For…`: the records that refer to one by a relation of it."""
        assert isinstance(member, Many)

        def resolve(context: Context, **given: Any) -> Rows[R]:
            return self._found(context, key, given).related(member)

        resolve.__doc__ = f"{member.description} Null if there is no such {self.record.singular}."
        self._takes_key(resolve, key)
        target = RECORDS[member.target]
        return query(access(target).read, returns=shown_list(target))(resolve)

    @property
    def validate(self) -> Any:
        """`validate…`: what a save would refuse."""

        async def resolve(context: Context, **given: Any) -> dict[str, list[str]]:
            return await self._repository(context).violations(derive.changes(self.record, given["input"]))

        resolve.__doc__ = (
            f"What a save of this {self.record.singular} would refuse: lists of messages by field, and nothing where "
            "all is well. It is saved, and the save is taken back."
        )
        _takes(resolve, input=(self.input, f"The fields of the {self.record.singular}."))
        return query(self._access.validate, returns=JSON)(resolve)

    @property
    def save(self) -> Any:
        """`save…`: create or change one record."""

        async def resolve(context: Context, **given: Any) -> Rows[R]:
            return await self._repository(context).save(derive.changes(self.record, given["input"]))

        resolve.__doc__ = (
            f"Create a {self.record.singular}, or change the given fields of the one with the given id. "
            "What is left out stays as it is; null clears a field that may be null."
        )
        _takes(resolve, input=(self.input, f"The fields of the {self.record.singular}."))
        return mutation(self._access.save, returns=shown(self.record))(resolve)

    @property
    def save_all(self) -> Any:
        """`save…s`: create or change many records, all of them or none."""

        async def resolve(context: Context, **given: Any) -> Rows[R]:
            drafts = given["inputs"]
            inputs = await many_apart(len(drafts), lambda: [derive.changes(self.record, one) for one in drafts])
            return await self._repository(context).save_all(inputs)

        resolve.__doc__ = (
            f"Save many {self.record.singular} records, each as if it was saved alone, in this order: all of them or "
            "none. What is wrong is told by its place, as `inputs[3].name`. There can be as many as an answer holds."
        )
        _takes(resolve, inputs=(list[self.input], "The fields of each of the records."))  # type: ignore[name-defined] # Made at run time.
        return mutation(self._access.save, returns=shown_list(self.record))(resolve)

    def get_or_create(self, field: str, permission: Permission) -> Any:
        """`get…OrCreateNew`: the record with the given unique field; if there is none, a new one."""
        save = self._access.save

        async def resolve(context: Context, **given: Any) -> Rows[R]:
            changes = derive.changes(self.record, given["input"])
            found = await self._repository(context).stored_as(changes, field)
            if found is None:
                context.caller.require(save)
            return found or await self._repository(context).save_unless_there(changes, field)

        resolve.__doc__ = (
            f"The {self.record.singular} with this {field}, as it is; if there is none, a new one with the given "
            f"fields, for which the caller needs the permission {save.value}."
        )
        _takes(resolve, input=(self.input, f"The fields of the {self.record.singular}."))
        return mutation(permission, returns=shown(self.record))(resolve)

    def delete(self, key: Key = ID) -> Any:
        """`delete…`: delete one record, unless others refer to it."""

        async def resolve(context: Context, **given: Any) -> ApiResponse:
            try:
                deleted = await self._repository(context).delete(self._found(context, key, given))
            except InUse as refusal:
                return ApiResponse.refused(str(refusal))
            if deleted is None:
                return ApiResponse.refused(f"There is no {self.record.singular} with this {key.told}.")
            return ApiResponse.done(f"The {self.record.singular} is deleted.", deleted)

        resolve.__doc__ = (
            f"Delete the {self.record.singular} with this {key.told}. One that others refer to stays, and `error` "
            "says what refers to it."
        )
        self._takes_key(resolve, key)
        return mutation(self._access.delete, returns=ApiResponse)(resolve)

    def _repository(self, context: Context) -> Repository[R]:
        return context.repository(self.record)

    def _found(self, context: Context, key: Key, given: Mapping[str, str]) -> Rows[R]:
        """The record that the key's argument names."""
        return self._repository(context).by(key.field, given[key.argument], key.argument)

    def _takes_key(self, resolve: Resolver, key: Key) -> None:
        told = f"{key.told[0].upper()}{key.told[1:]} of the {self.record.singular}."
        _takes(resolve, **{key.argument: (key.kind, told)})


_CONTEXT = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Context)


def _takes(resolve: Resolver, **arguments: tuple[Any, str]) -> None:
    """Give a resolver of any record the signature that strawberry reads the field's arguments from."""
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[kind, argument(description)],
        )
        for name, (kind, description) in arguments.items()
    ]
    resolve.__signature__ = inspect.Signature([_CONTEXT, *parameters])  # type: ignore[attr-defined] # Functions may have one.
