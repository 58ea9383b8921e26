"""Properties that the plant's locations can have."""

from __future__ import annotations

from db.demo.property_rows import Given, property_row
from db.demo.rows import Row
from db.records import LocationProperty

_PROPERTIES = (
    Given("Cost Center", "String", "Number in the accounts.", nullable=True),
    Given("Hygiene Zone", "String", "What must be worn.", options="[green, yellow, red]", default="green"),
    Given("Highest Temperature", "Float", "The warmest the room may be.", "°C", -30, 45),
    Given("Gates", "Int", "Where a truck can dock.", low_limit=0, high_limit=40, default=0),
    Given("Explosion Protection", "Boolean", "Whether only protected devices may be used.", default=False),
    Given("Last Inspection", "DateTime", "When the authorities were there.", nullable=True, format="yyyy-MM-dd"),
)


def location_properties() -> list[Row]:
    """One of most data types, some with limits, options or defaults."""
    return [property_row(LocationProperty, number, given) for number, given in enumerate(_PROPERTIES, 1)]
