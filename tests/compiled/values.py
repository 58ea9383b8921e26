"""Values for arguments: most often such as the stored rows have, sometimes such as nothing has, or that are wrong."""

import base64
import json
import re

from graphql import (
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from db.declaration import One
from db.records import RECORDS
from tests.compiled.choices import Choices

UNKNOWN = "01JCH3ENGW-ZZZZZZZZ-ZZZZZZZZ"
TEXTS = ["", "New", "a\0b", "%", "/New/Path", "Größe 😀", 'say "no" \\ /', "a\nb\tc", "null", UNKNOWN, "x" * 300]
NUMBERS = [0, 1, 2, 100, -1, 0.5, 1e300, -2.5, 2**31 - 1]
LONGS = [1_795_000_000_000, 0, 2**63 - 1, -(2**53), 1_763_800_000_000]
INSTANTS = ["2026-01-05T00:00:00Z", "2026-11-22T06:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
WRONG = ["no", 1.5, True, None, [], {}, 2**31, 2**63, -1, "2024-02-30T00:00:00Z", [[1]], {"a": {"b": 1}}, "a\0b"]
MIXED = ["x", 1, 1.5, True, None, {"Salt": 1}, "2026-01-05T00:00:00Z", {}, {"Fat": 3.5, "Nothing": 1}]
CONDITIONS = [
    "EQUALS",
    "IN",
    "CONTAINS",
    "GREATER_THAN",
    "LESS_THAN",
    "IS_NULL",
    "TRUE",
    "STARTS_WITH",
    "NOT_EQUALS",
    "x",
]
# For each scalar: whether a stored value is one of it, and other values.
SCALARS = {
    "String": (lambda value: True, TEXTS),  # noqa: ARG005 (every value can be a text)
    "Int": (lambda value: isinstance(value, int), [0, 1, 2, 100, -1, 2**31 - 1]),
    "Float": (lambda value: isinstance(value, int | float), NUMBERS),
    "Long": (lambda value: isinstance(value, int), LONGS),
    "DateTime": (lambda value: isinstance(value, str) and value[:1].isdigit() and "T" in value, INSTANTS),
}
WINDOW = {"filter", "orderBy", "first", "after", "last", "before"}
KEYS = ("id", "name", "path")
# Which columns of which record an argument looks for; without a record, it is that of the field.
ARGUMENTS = {
    "productionOrderIdOrName": ("ProductionOrder", KEYS),
    "materialIdOrPath": ("Material", KEYS),
    "locationIdOrPath": ("Location", KEYS),
    "materialId": ("Material", ("id",)),
    "item1Id": ("BillOfMaterialsItem", ("id",)),
    "item2Id": ("BillOfMaterialsItem", ("id",)),
    **dict.fromkeys(["from", "to", "fromIdOrName", "toIdOrName"], ("UnitOfMeasure", KEYS)),
    **dict.fromkeys(["id", "idOrName", "idOrPath", "path", "name", "filter", "erpId"], (None, (*KEYS, "erpId"))),
}
_DEEPEST = 3


class Values:
    """Gives values for arguments, of these rows by the names of their records."""

    def __init__(self, rows):
        self.rows = rows
        self._ids = [row["id"] for table in rows.values() for row in table]
        self._names = sorted(RECORDS, key=len, reverse=True)

    def arguments(self, choices, name, field):
        """The values of those arguments that are given."""
        record = self._record(name, field)
        if field.args.keys() >= WINDOW:
            return self._window(choices, field)
        given = {key: arg for key, arg in field.args.items() if is_required_argument(arg) or choices.chance(60)}
        return {key: self.value(choices, arg.type, self._source(key, record)) for key, arg in given.items()}

    def value(self, choices, type_, source=(None, ()), depth=0):
        """A value for a place of this type, of these columns of a record."""
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif choices.chance(3):
            return None
        if choices.chance(1):
            return choices.of(WRONG)
        if is_list_type(type_):
            return [self.value(choices, type_.of_type, source, depth) for _ in range(choices.below(4))]
        if is_input_object_type(type_):
            return self._object(choices, type_, source, depth)
        if is_enum_type(type_):
            return choices.of([*type_.values, *(["NOTHING"] if choices.chance(3) else [])])
        return self._scalar(choices, type_.name, source)

    def _source(self, argument, record):
        if argument == "propertyIdOrName":
            return "ProductionOrderProperty", KEYS
        of, columns = ARGUMENTS.get(argument, (None, KEYS))
        return of or record, columns

    def _record(self, name, field):
        """The record that a root field is about, by its type or its name; None for any of them."""
        shown = re.sub(r"(Page|Draft|Connection|Input)$", "", get_named_type(field.type).name)
        if shown in RECORDS and not RECORDS[shown].view:
            return shown
        asked = [get_named_type(argument.type).name.removesuffix("Input") for argument in field.args.values()]
        named = [one for one in self._names if one in asked or one.lower() in name.lower()]
        return named[0] if named else None

    def _window(self, choices, field):
        """The arguments of a connection, few records at most; a cursor fits to the order, most often."""
        target = get_named_type(field.type).name.removesuffix("Connection")
        given = {}
        if choices.chance(35):
            given["filter"] = self.value(choices, field.args["filter"].type)
        if choices.chance(35):
            given["orderBy"] = self.value(choices, field.args["orderBy"].type)
        sizes = choices.of([["first"]] * 8 + [["last"]] * 5 + [["first", "last"], []])
        given |= {
            size: choices.of([1, 2, 3, 0, 5, 2, *([-1, 10_001, None] if choices.chance(20) else [])]) for size in sizes
        }
        if choices.chance(25):
            order = given.get("orderBy") if not choices.chance(10) else None
            given[choices.of(["after", "before"])] = self._cursor(choices, target, order)
        return given

    def _cursor(self, choices, record, order):
        """Where a row stands in this order; not right for an order that is not."""
        if choices.chance(8):
            return choices.of([*TEXTS, "WyJpZCJd"])
        table = self.rows.get(record) or [{"id": UNKNOWN}]
        row, keys = choices.of(table), []
        for key in order if isinstance(order, list) else []:
            for name, direction in key.items() if isinstance(key, dict) else ():
                if isinstance(direction, str):
                    keys.append((f"{'-' if direction == 'DESC' else ''}{name}", row.get(name)))
        keys = list(dict([*keys, ("id", row["id"])]).items())
        text = json.dumps([",".join(name for name, _ in keys), *(value for _, value in keys)], ensure_ascii=False)
        return base64.b64encode(text.encode()).decode()

    def _object(self, choices, type_, source, depth):
        name = type_.name
        if name == "FilterRequestInput":
            return self._condition(choices, source[0])
        if name == "QueryRequestInput":
            return self._request(choices, type_, source)
        required = [key for key, field in type_.fields.items() if is_required_input_field(field)]
        for suffix, make in (("OrderBy", self._order), ("Filter", self._filter), ("Input", self._input)):
            record = name.removesuffix(suffix)
            if name.endswith(suffix) and record in RECORDS:
                return make(choices, type_, record, depth)
        keys = required or choices.some([*type_.fields], 2)
        return {key: self.value(choices, type_.fields[key].type, source, depth + 1) for key in keys}

    def _order(self, choices, type_, record, depth):
        fields = [key for key, field in type_.fields.items() if not depth or is_enum_type(field.type)]
        keys = [choices.of(fields)] if not choices.chance(4) else choices.some(fields, 2)
        return {key: self.value(choices, type_.fields[key].type, (record, (key,)), depth + 1) for key in keys}

    def _filter(self, choices, type_, record, depth):
        fields = [
            key
            for key, field in type_.fields.items()
            if depth < _DEEPEST or get_named_type(field.type).name.removesuffix("Filter") not in RECORDS
        ]
        keys = choices.some(fields, 1) if choices.chance(70) else choices.some(fields, 3)
        return {key: self.value(choices, type_.fields[key].type, (record, (key,)), depth + 1) for key in keys}

    def _input(self, choices, type_, record, depth):
        """The fields of a save: with the id of a record, or with what a new one needs."""
        columns = {column.documented: column for column in RECORDS[record].columns.values()}
        needed = [name for name, column in columns.items() if column.required and not choices.chance(4)]
        names = {"id"} if choices.chance(45) else set(needed)
        names |= set(choices.some([*type_.fields], 3))
        given = {}
        for name in sorted(names & type_.fields.keys()):
            new = name in KEYS and name != "id" and choices.chance(70)
            given[name] = f"New {choices.below(9)}" if new else self._given(choices, type_, record, name, depth)
        return given

    def _given(self, choices, type_, record, name, depth):
        if name == "expectedVersion":
            return choices.of([1, 1, 2])
        return self.value(choices, type_.fields[name].type, (record, (name,)), depth + 1)

    def _request(self, choices, type_, source):
        """What `find…` takes."""
        columns = self._columns(source[0])
        conditions = [self._condition(choices, source[0]) for _ in range(choices.below(3))]
        given = {"filters": conditions} if conditions else {}
        if choices.chance(50):
            given["sortFields"] = choices.some([*columns, "nothing"], 2)
            if choices.chance(60):
                given["sortDirections"] = [choices.of(["ASC", "Descending", "up"]) for _ in given["sortFields"]]
        if choices.chance(70):
            given |= {"pageSize": choices.of([2, 1, 3, 0, 10]), "pageIndex": choices.of([0, 1, 2, -1])}
        return {key: value for key, value in given.items() if key in type_.fields}

    def _condition(self, choices, record):
        columns = self._columns(record)
        field = choices.of([*columns, "nothing"])
        given = {"field": field, "condition": choices.of(CONDITIONS)}
        source = (record, (field,))
        for kind, name in (("stringValue", "String"), ("numberValue", "Float"), ("dateValue", "DateTime")):
            if choices.chance(50):
                given[kind] = self._scalar(choices, name, source)
        if choices.chance(20):
            given["stringListValue"] = [self._scalar(choices, "String", source) for _ in range(choices.below(3))]
        return given

    def _columns(self, record):
        return [one.documented for one in RECORDS[record].columns.values()] if record else ["name"]

    def _scalar(self, choices, name, source):
        if name in ("ULID", "ID"):
            return self._id(choices, source)
        if name == "Boolean":
            return choices.chance(50)
        fitting, others = SCALARS.get(name, (None, MIXED))
        stored = None if choices.chance(12) or not fitting else self._stored(choices, source)
        if stored is None:
            return choices.of(others)
        stored = str(stored) if name == "String" else stored
        return stored if fitting(stored) else choices.of(others)

    def _stored(self, choices, source):
        """The value of a row in one of the columns."""
        record, columns = source
        table = self.rows.get(record)
        if not table:
            return None
        row = choices.of(table)
        return row.get(choices.of([name for name in columns if name in row] or ["id"]))

    def _id(self, choices, source):
        record, columns = source
        if record and columns:
            ones = (member for member in RECORDS[record].members.values() if isinstance(member, One))
            named = {RECORDS[record].columns[one.column].documented: one.target for one in ones}
            record = named.get(columns[0], record)
        ids = [row["id"] for row in self.rows.get(record, ())] if record else self._ids
        text = UNKNOWN if not ids or choices.chance(5) else choices.of(ids)
        if choices.chance(8):
            return choices.of([text.lower(), text.replace("-", ""), "no ulid", "", text + "0"])
        return text


def wrong(choices: Choices):
    """A value that is right for few places."""
    return choices.of(WRONG)
