"""Callers who may do much or little, by their names."""

from resolvers.access import Permission

AREAS = sorted({one.value.split(".")[0] for one in Permission})
CALLERS = {
    "everything": AREAS,
    "no materials": [area for area in AREAS if area != "MATERIAL"],
    "no orders": [area for area in AREAS if area != "PRODUCTION_ORDER"],
    "only orders": ["PRODUCTION_ORDER"],
    "reads": [one.value for one in Permission if one.value.endswith("READ.GET")],
    "writes": [one.value for one in Permission if ".WRITE." in one.value],
    "orders to read": ["PRODUCTION_ORDER.READ.GET"],
    "materials to read": ["MATERIAL.READ.GET"],
    "orders and places to read": ["PRODUCTION_ORDER.READ.GET", "LOCATION.READ.GET", "SHIFT.READ"],
    "nothing": [],
}
# Who may do everything finds the most, who may do nothing the least.
OFTEN = ["everything"] * 6 + list(CALLERS)
