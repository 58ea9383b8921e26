"""Valid requests for all mutations of the schema, each made of records that are saved for it."""

import functools

import graphql

from db import records
from db.records import RECORDS
from server.schema import make_schema

MUTATIONS = graphql.build_schema(make_schema().as_str()).mutation_type.fields


async def new(made, record):
    return {"input": await made.valid(record)}


async def changed(made, record):
    return {"input": {"id": await made.saved(record), "notes": "Changed"}}


async def above_others(made, record):
    parent = await made.saved(record)
    await made.saved(record, parentId=await made.saved(record, parentId=parent))
    return {"input": {"id": parent, "name": "Renamed"}}


async def several(made, record):
    return {"inputs": [(await new(made, record))["input"], (await changed(made, record))["input"]]}


async def old(made, record, argument):
    return {argument: await made.saved(record)}


async def path(_):
    return {"path": "/Raw/Fruit/Berries"}


async def conversion(made):
    units = [await made.saved(records.UnitOfMeasure) for _ in range(2)]
    return {"fromIdOrName": units[0], "toIdOrName": units[1], "conversionFactor": 12}


async def value(made):
    named = {"productionOrderIdOrName": records.ProductionOrder, "propertyIdOrName": records.ProductionOrderProperty}
    return {**{argument: await made.saved(record) for argument, record in named.items()}, "value": "a"}


async def values(made):
    stored = await made.saved(records.ProductionOrderPropertyValue, value="a")
    order, known = await made.pool.fetchrow(
        "select production_order_id, property_id from production_order_property_values where id = $1", stored
    )
    return {
        "productionOrderIdOrName": order,
        "values": {known: "b", await made.saved(records.ProductionOrderProperty): "c"},
    }


async def items(made):
    order = await made.saved(records.ProductionOrder)
    return order, [
        await made.saved(records.BillOfMaterialsItem, productionOrderId=order, position=place) for place in (1, 2)
    ]


async def bill(made):
    return {"productionOrderIdOrName": (await items(made))[0]}


async def two_items(made):
    return dict(zip(("item1Id", "item2Id"), (await items(made))[1], strict=True))


def requests():
    """By what it is: the mutation, and the function that makes the variables of one request."""
    made = {
        "createMaterialClassesForPath": path,
        "addConversion": conversion,
        "setPropertyValue": value,
        "setPropertyValues": values,
        "deleteBillOfMaterialsForOrder": bill,
        "swapBillOfMaterialsPositions": two_items,
    }
    for name, record in RECORDS.items():
        kinds = {f"save{name}": (new, changed), f"save{name}s": (several,), f"get{name}OrCreateNew": (new,)}
        if "parent_id" in record.columns:
            kinds[f"save{name}"] += (above_others,)
        made |= {
            f"{mutation} {kind.__name__}": functools.partial(kind, record=record)
            for mutation, those in kinds.items()
            for kind in those
            if mutation in MUTATIONS
        }
        if f"delete{name}" in MUTATIONS:
            argument = next(iter(MUTATIONS[f"delete{name}"].args))
            made[f"delete{name}"] = functools.partial(old, record=record, argument=argument)
    return {told: (told.split(" ")[0], variables) for told, variables in made.items()}


def document(name):
    """The mutation with variables for all of its arguments, and a selection of all that is no record."""
    field = MUTATIONS[name]
    declared = ", ".join(f"${argument}: {given.type}" for argument, given in field.args.items())
    given = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    shown = graphql.get_named_type(field.type).fields.items()
    leaves = [key for key, one in shown if graphql.is_leaf_type(graphql.get_named_type(one.type))]
    return f"mutation ({declared}) {{ {name}({given}) {{ {' '.join(leaves)} }} }}"
