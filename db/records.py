"""The records, field by field: the only list of what there is.

`RECORDS` has each of them by its name.
"""

from __future__ import annotations

from datetime import datetime

from db.declaration import RECORDS as RECORDS  # noqa: PLC0414 (whoever asks for it here gets it filled)
from db.declaration import Long, Record, column, kept, label, many, mixed, paged, reference, table, through
from db.enumerations import (
    DataType,
    LocationType,
    LotStorageStrategy,
    LotUseStrategy,
    MaterialType,
    ProcessType,
    ProductionOrderStatus,
    RoleRequirementType,
    RunningConflictStrategy,
    SchedulePriority,
    ShiftRecordStatus,
    ShiftScheduleSource,
    TriggerType,
)
from db.ulid import Ulid


@table(
    "production_orders",
    "production order",
    unique={"name": ("name",)},
    indexes=(("due_date",), ("status", "due_date")),
)
class ProductionOrder(Record):
    """An order to produce a quantity of one material."""

    name: str = label("Unique name of the order.")
    product_id: Ulid = reference("Material", "the material to be produced", stored_as="product_material_id")
    customer_id: Ulid | None = reference("Customer", "the customer the order is for")
    location_id: Ulid | None = reference("Location", "the location where the order is produced")
    status: ProductionOrderStatus = column("Where the order stands.", default=ProductionOrderStatus.IDLE)
    schedule_priority: SchedulePriority = column("How urgent the order is.", default=SchedulePriority.NORMAL)
    quantity: float = column("Quantity to produce, in the order's unit of measure.", default=0.0, minimum=0)
    quantity_produced: float = column("Quantity produced so far.", default=0.0, minimum=0)
    quantity_scheduled: float = column("Quantity scheduled so far.", default=0.0, minimum=0)
    start_date: datetime | None = column("When production started.")
    end_date: datetime | None = column("When production ended.", not_below="start_date")
    due_date: datetime | None = column("When the order must be done.")
    unit_of_measure_id: Ulid = reference("UnitOfMeasure", "the unit in which the quantities are counted")
    schedule_shift_record_id: Ulid | None = reference(
        "ShiftRecord", "the shift record in which the order starts", stored_as="shift_record_id"
    )
    schedule_shift_id = through("schedule_shift_record.shift_id", "Id of that shift record's shift.", drafted=True)
    schedule_shift_name = through("schedule_shift_record.shift.name", "Name of that shift.", drafted=True)
    product_name = through("product.name", "Name of the material to be produced.")
    customer_name = through("customer.name", "Name of the customer.")
    location_name = through("location.name", "Name of the location.")
    unit_of_measure_name = through("unit_of_measure.name", "Name of the unit of measure.")
    property_values = many(
        "ProductionOrderPropertyValue", "The values of the order's properties.", by="production_order_id", order="id"
    )
    bill_of_materials = many(
        "BillOfMaterialsItem",
        "What goes into and comes out of the order, by position.",
        by="production_order_id",
        order="position",
    )


class Property(Record):
    """What every property has: the rules for its values."""

    name: str = label("Unique name of the property.")
    description: str | None = column("What the property means.", max_length=10_000)
    data_type: DataType = column("Type of the property's values.", default=DataType.String)
    low_limit: float | None = column("Smallest number allowed, inclusive.")
    high_limit: float | None = column("Largest number allowed, inclusive.", not_below="low_limit")
    format: str | None = column("How a client should show a value.")
    unit_of_measure_id: Ulid | None = reference("UnitOfMeasure", "the unit in which the values are counted")
    unit_of_measure_name = through("unit_of_measure.name", "Name of the unit of measure.", drafted=True)
    unit_of_measure_symbol = through("unit_of_measure.symbol", "Symbol of the unit of measure.", drafted=True)
    options: str | None = column("The values allowed, written `[a, b]` or `a, b`.", max_length=10_000)
    nullable: bool = column("Whether a value that is set may be set to null.", default=False)
    default_value = mixed("Value that a new property value takes if none is given.", prefix="default_")
    default_int_value: Long | None = kept("The default value, of an Int; of a Boolean 0 or 1.")
    default_float_value: float | None = kept("The default value, of a Float.")
    default_string_value: str | None = kept("The default value, of a String.")
    default_date_value: datetime | None = kept("The default value, of a DateTime.")
    default_blob_value: bytes | None = kept("The default value, of a Blob, as base64.")


class PropertyValue(Record):
    """What every value of a property has, beside what it is the value of."""

    data_type: DataType = column("Type of the value: that of its property.", default=DataType.String)
    value = mixed("The value; null while it is not set.")
    int_value: Long | None = kept("The value, of an Int; of a Boolean 0 or 1.")
    float_value: float | None = kept("The value, of a Float.")
    string_value: str | None = kept("The value, of a String.")
    date_value: datetime | None = kept("The value, of a DateTime.")
    blob_value: bytes | None = kept("The value, of a Blob, as base64.")


@table("production_order_properties", "production order property", unique={"name": ("name",)})
class ProductionOrderProperty(Property):
    """A property that production orders can have, with the rules for its values."""

    values = paged("ProductionOrderPropertyValue", "The values that orders have for it.", by="property_id")


@table(
    "production_order_property_values",
    "production order property value",
    unique={"order_property": ("production_order_id", "property_id")},
)
class ProductionOrderPropertyValue(PropertyValue):
    """The value that a production order has for a property; one for each order and property."""

    production_order_id: Ulid = reference("ProductionOrder", "the order the value belongs to")
    property_id: Ulid = reference("ProductionOrderProperty", "the property the value is of")


@table("material_properties", "material property", unique={"class_name": ("material_class_id", "name")})
class MaterialProperty(Property):
    """A property that the materials of a class, and of the classes below it, can have."""

    name: str = label("Name of the property, unique within its class.")
    material_class_id: Ulid = reference("MaterialClass", "the class whose materials can have the property")


@table(
    "material_property_values", "material property value", unique={"material_property": ("material_id", "property_id")}
)
class MaterialPropertyValue(PropertyValue):
    """The value that a material has for a property; one for each material and property."""

    material_id: Ulid = reference("Material", "the material the value belongs to")
    property_id: Ulid = reference("MaterialProperty", "the property the value is of")


@table("location_properties", "location property", unique={"name": ("name",)})
class LocationProperty(Property):
    """A property that locations can have, with the rules for its values."""


@table("production_order_bill_of_materials", "bill-of-materials item")
class BillOfMaterialsItem(Record):
    """One line of a bill of materials: a material that goes into a product, or comes out beside it."""

    product_id: Ulid | None = reference("Material", "the material that is produced", stored_as="product_material_id")
    production_order_id: Ulid | None = reference("ProductionOrder", "the order the item belongs to")
    material_id: Ulid = reference("Material", "the material of this item")
    material_name = through("material.name", "Name of the material of this item.", drafted=True)
    quantity_per_produced_unit: float = column("Quantity for one unit of the product.", minimum=0)
    quantity_order: float = column("Quantity for the whole order.", minimum=0)
    unit_of_measure_id: Ulid = reference("UnitOfMeasure", "the unit in which the quantities are counted")
    unit_of_measure_name = through("unit_of_measure.name", "Name of the unit of measure.", drafted=True)
    position: int = column("Place in the list, from 0.", default=0, minimum=0)
    material_group: str = column("Group of the material within the bill of materials.")
    material_type: MaterialType = column("What the item is to the product.", default=MaterialType.PRODUCT)


@table("production_order_bill_of_materials", "bill-of-materials item", view=True)
class FlattenedBillOfMaterialsItem(BillOfMaterialsItem):
    """A line of a bill of materials with what there is to know of its records, and with the lines below it."""

    material_class_id = through("material.material_class_id", "Id of the class of the item's material.")
    material_class_name = through("material.material_class.name", "Name of that class.")
    material_class_description = through("material.material_class.description", "What that class groups.")
    material_description = through("material.description", "What the material is.")
    product_name = through("product.name", "Name of the material that is produced.")
    product_description = through("product.description", "What the material that is produced is.")
    unit_of_measure_symbol = through("unit_of_measure.symbol", "Symbol of the unit of measure.")
    production_order_name = through("production_order.name", "Name of the order.")
    subs = many(
        "BillOfMaterialsItem",
        "The items of which this item's material is the product, one level deep; none for the product itself.",
        by="product_id",
        of="material_id",
        unless="product_id",
        order="position",
    )


@table("materials", "material", unique={"path": ("path",), "erp_id": ("erp_id",)})
class Material(Record):
    """Something that is bought, made, used or sold."""

    name: str = label("Name of the material, unique within its class.")
    description: str | None = column("What the material is.", max_length=500)
    path: str = kept("Path of its class and its name, as `/Dairy/Milk`; unique.", drafted=True)
    material_class_id: Ulid = reference("MaterialClass", "the class the material belongs to")
    erp_id: str | None = column("Number of the material in the ERP system.")
    unit_of_measure_id: Ulid = reference("UnitOfMeasure", "the unit in which the material is counted")
    shelf_life_days: int | None = column("Days it can be kept.", minimum=0)
    image: bytes | None = kept("Picture of the material, as base64.")
    safety_data_sheet_id: Ulid | None = kept("Id of the safety data sheet in the document store.")
    production_orders = paged("ProductionOrder", "The orders that produce the material.", by="product_id")
    bill_of_materials_items = paged("BillOfMaterialsItem", "Where the material goes in or comes out.", by="material_id")
    property_values = paged("MaterialPropertyValue", "The values of the material's properties.", by="material_id")


@table("material_classes", "material class", unique={"path": ("path",)})
class MaterialClass(Record):
    """A group of materials, in a tree of classes."""

    name: str = label("Name of the class, unique within its parent.")
    description: str | None = column("What the class groups.", max_length=10_000)
    path: str = kept("Names from the root of the tree, as `/Dairy/Cheese`; unique.", drafted=True)
    parent_id: Ulid | None = reference("MaterialClass", "the class above this one")
    children = paged("MaterialClass", "The classes right below this one.", by="parent_id")
    materials = paged("Material", "The materials of this class itself.", by="material_class_id")


@table("unit_of_measure", "unit of measure", unique={"name": ("name",), "symbol": ("symbol",)})
class UnitOfMeasure(Record):
    """A unit in which quantities are counted."""

    name: str = label("Unique name of the unit, as `Kilogram`.")
    symbol: str = label("Unique symbol of the unit, as `kg`.")


@table(
    "unit_of_measure_conversions",
    "unit of measure conversion",
    unique={"from_to_material": ("from_id", "to_id", "material_id")},
)
class UnitOfMeasureConversion(Record):
    """What one of a unit is in another unit, for every material or for one."""

    from_id: Ulid = reference(
        "UnitOfMeasure",
        "the unit that is converted",
        stored_as="from_unit_of_measure_id",
        relation="from_unit_of_measure",
    )
    to_id: Ulid = reference(
        "UnitOfMeasure",
        "the unit it is converted to",
        stored_as="to_unit_of_measure_id",
        relation="to_unit_of_measure",
    )
    conversion_factor: float = column("How many of the unit it is converted to make one of the unit that is converted.")
    material_id: Ulid | None = reference("Material", "the material it holds for; null: for every one")


@table("locations", "location", unique={"path": ("path",)})
class Location(Record):
    """A place of the plant, in a tree from the enterprise down."""

    name: str = label("Name of the location, unique within its parent.")
    description: str | None = column("What the location is.", max_length=10_000)
    parent_id: Ulid | None = reference("Location", "the location above this one")
    type: LocationType = column("Level in the plant's hierarchy.", default=LocationType.ENTERPRISE)
    process_type: ProcessType = column("How the location produces.", default=ProcessType.NONE)
    sort_order: int = column("Place among the locations of the same parent.", default=0)
    allow_negative_inventory: bool = column("Whether more may be taken than is known to be there.", default=False)
    storage_capacity: float | None = column("How much the location can hold.", minimum=0)
    storage_capacity_unit_id: Ulid | None = reference("UnitOfMeasure", "the unit of the storage capacity")
    lot_storage_strategy: LotStorageStrategy = column(
        "How many lots it may hold.", default=LotStorageStrategy.NO_STORAGE
    )
    lot_use_strategy: LotUseStrategy = column("Which lot is used first.", default=LotUseStrategy.FIFO)
    path: str = kept("Names from the root of the tree, as `/Plant/Packaging/Line 1`; unique.", drafted=True)
    children = paged("Location", "The locations right below this one.", by="parent_id")
    production_orders = paged("ProductionOrder", "The orders that are produced here.", by="location_id")
    shifts = paged("Shift", "The shifts that are worked here.", by="location_id")


@table("locations", "location", view=True)
class LocationTree(Location):
    """A location with everything below it."""

    children = many("LocationTree", "The locations right below this one.", by="parent_id", order="sort_order, name")


@table("customers", "customer", unique={"name": ("name",)})
class Customer(Record):
    """Someone that orders are produced for."""

    name: str = label("Unique name of the customer.")
    description: str | None = column("Who the customer is.", max_length=10_000)
    address: str | None = column("Street and number.")
    city: str | None = column("City.")
    state: str | None = column("State or province.")
    country: str | None = column("Country.")
    zip: str | None = column("Postal code.")
    primary_contact: str | None = column("Name of the first person to speak to.")
    primary_contact_email: str | None = column("Mail address of that person.")
    primary_contact_phone: str | None = column("Phone number of that person.")
    alt_contact: str | None = column("Name of the person to speak to otherwise.")
    alt_contact_email: str | None = column("Mail address of that person.")
    alt_contact_phone: str | None = column("Phone number of that person.")
    production_orders = paged("ProductionOrder", "The orders for the customer.", by="customer_id")


@table("shifts", "shift", unique={"location_id_name": ("location_id", "name")})
class Shift(Record):
    """A shift that is worked at a location."""

    name: str = label("Name of the shift, unique within its location.")
    description: str | None = column("What the shift is.", max_length=10_000)
    shift_schedule_name: str | None = column("Name of the schedule that the shift follows.")
    shift_schedule_source: ShiftScheduleSource = column(
        "What starts and stops the shift.", default=ShiftScheduleSource.IGNITION_SCHEDULE
    )
    location_id: Ulid = reference("Location", "the location where the shift is worked")
    location_path = through("location.path", "Path of the location.", drafted=True)
    current_record_id: Ulid | None = reference(
        "ShiftRecord", "the shift record that runs now", stored_as="current_shift_record_id"
    )
    running_conflict_strategy: RunningConflictStrategy = column(
        "What happens to a running shift when this one starts.", default=RunningConflictStrategy.STOP_PREVIOUS
    )
    start_trigger_expression: str | None = column("Expression that starts the shift.", max_length=10_000)
    start_trigger_type: TriggerType = column("Which change of it counts.", default=TriggerType.RISING_EDGE)
    stop_trigger_expression: str | None = column("Expression that stops the shift.", max_length=10_000)
    stop_trigger_type: TriggerType = column("Which change of it counts.", default=TriggerType.FALLING_EDGE)
    shift_records = paged("ShiftRecord", "The times that the shift was worked.", by="shift_id")


@table("shift_records", "shift record")
class ShiftRecord(Record):
    """One time that a shift was worked."""

    start_date: datetime | None = column("When it started.")
    end_date: datetime | None = column("When it ended.", not_below="start_date")
    duration: float | None = kept("Seconds from start to end.")
    status: ShiftRecordStatus = column("Where it stands.", default=ShiftRecordStatus.IDLE)
    location_id: Ulid = reference("Location", "the location where the shift is worked")
    location_path = through("location.path", "Path of the location.", drafted=True)
    shift_id: Ulid = reference("Shift", "the shift that is worked")
    shift_name = through("shift.name", "Name of the shift.", drafted=True)
    production_orders = paged("ProductionOrder", "The orders that started in it.", by="schedule_shift_record_id")


@table("roles", "role")
class Role(Record):
    """What the holders of security levels may do."""

    security_levels: list[str] = column("Security levels that the role asks for, as `Plant/Planning`.")
    permissions: list[str] = column("Permissions that the role grants, as `PRODUCTION_ORDER.READ`.")
    role_requirement_type: RoleRequirementType = column(
        "Whether a caller needs any or all of the security levels.", default=RoleRequirementType.ANY
    )
