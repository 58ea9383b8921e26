"""Units of measure."""

import strawberry

from db import records
from resolvers.access import Permission
from resolvers.fields import permissions
from resolvers.operations import Key, Operations

units = Operations(records.UnitOfMeasure)
UNIT = Key("id_or_name", "name")


@strawberry.type
class UnitOfMeasureQuery:
    """What can be asked about units of measure."""

    new_unit_of_measure = units.new
    get_unit_of_measure = units.get(UNIT)
    does_unit_of_measure_exist = units.exists(UNIT)
    find_units_of_measure = units.find
    get_all_units_of_measure = units.all
    get_unit_of_measure_references = units.references()
    validate_unit_of_measure = units.validate
    get_unit_of_measure_permissions = permissions("UNIT_OF_MEASURE")
    units_of_measure = units.connection


@strawberry.type
class UnitOfMeasureMutation:
    """How units of measure are changed."""

    save_unit_of_measure = units.save
    delete_unit_of_measure = units.delete()
    get_unit_of_measure_or_create_new = units.get_or_create("name", Permission.UNIT_OF_MEASURE_WRITE_SAVE)
