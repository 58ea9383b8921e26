"""Conversions between units of measure."""

from typing import Annotated, Optional

import strawberry

from db import records
from db.repositories.unit_of_measure_conversion import UnitOfMeasureConversions
from db.rows import Rows
from db.ulid import Ulid
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, mutation, query
from resolvers.operations import Operations
from resolvers.types import shown, shown_list

conversions = Operations(records.UnitOfMeasureConversion)
_CONVERSION = shown(records.UnitOfMeasureConversion)
From = Annotated[str, argument("Id or name of the unit to convert from.")]
To = Annotated[str, argument("Id or name of the unit to convert to.")]
Material = Annotated[
    Optional[Ulid],
    argument("Id of the material that the conversion is for; without it, the general one."),
]


@strawberry.type
class UnitOfMeasureConversionQuery:
    """What can be asked about conversions between units of measure."""

    new_unit_of_measure_conversion = conversions.new
    get_unit_of_measure_conversion = conversions.get()
    get_conversion = conversions.get()
    find_unit_of_measure_conversions = conversions.find
    get_all_conversions = conversions.all
    get_unit_of_measure_conversion_references = conversions.references()
    validate_unit_of_measure_conversion = conversions.validate
    unit_of_measure_conversions = conversions.connection

    @query(Permission.UNIT_OF_MEASURE_READ_GET, returns=float)
    async def convert(
        context: Context,
        amount: Annotated[float, argument("How much there is, in the unit to convert from.")],
        from_: Annotated[str, argument("Id or name of the unit to convert from.", name="from")],
        to: To,
        material_id_or_path: Annotated[
            Optional[str],
            argument("Id or path of the material whose own conversions count too."),
        ] = None,
    ) -> float:
        """The amount in another unit: by a conversion, by one the other way round, or by one unit in between."""
        conversions = context.special(UnitOfMeasureConversions)
        return await conversions.converted(amount, from_, to, material_id_or_path)

    @query(Permission.UNIT_OF_MEASURE_READ_GET, returns=_CONVERSION)
    def get_conversion_for(
        context: Context, from_id_or_name: From, to_id_or_name: To, material_id: Material = None
    ) -> Rows[records.UnitOfMeasureConversion]:
        """The conversion that is stored from one unit to another; null if there is none."""
        return context.special(UnitOfMeasureConversions).between(from_id_or_name, to_id_or_name, material_id)

    @query(Permission.UNIT_OF_MEASURE_READ_GET, returns=bool)
    async def does_conversion_exist(
        context: Context, from_id_or_name: From, to_id_or_name: To, material_id: Material = None
    ) -> bool:
        """Whether a conversion is stored from one unit to another."""
        stored = context.special(UnitOfMeasureConversions)
        return await stored.exists(stored.between(from_id_or_name, to_id_or_name, material_id))

    @query(Permission.UNIT_OF_MEASURE_READ_GET, returns=shown_list(records.UnitOfMeasureConversion))
    def get_all_conversions_for_material(
        context: Context, id: Annotated[Ulid, argument("Id of the material.")]
    ) -> Rows[records.UnitOfMeasureConversion]:
        """The conversions that hold for one material only."""
        return context.special(UnitOfMeasureConversions).of_material(id)


@strawberry.type
class UnitOfMeasureConversionMutation:
    """How conversions between units of measure are changed."""

    save_unit_of_measure_conversion = conversions.save
    delete_unit_of_measure_conversion = conversions.delete()

    @mutation(Permission.UNIT_OF_MEASURE_WRITE_SAVE, returns=_CONVERSION)
    async def add_conversion(
        context: Context,
        from_id_or_name: From,
        to_id_or_name: To,
        conversion_factor: Annotated[
            float, argument("How many of the unit converted to are one of the unit converted.")
        ],
        material_id: Material = None,
    ) -> Rows[records.UnitOfMeasureConversion]:
        """A new conversion between two units."""
        stored = context.special(UnitOfMeasureConversions)
        return await stored.add(from_id_or_name, to_id_or_name, conversion_factor, material_id)
