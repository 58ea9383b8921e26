"""Locations."""

from typing import Annotated, Optional

import strawberry

from db import records
from db.repositories.location import Locations
from db.rows import Rows
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, permissions, query
from resolvers.operations import Key, Operations
from resolvers.types import shown_list

locations = Operations(records.Location)
LOCATION = Key("id_or_path", "path")
_LOCATIONS = shown_list(records.Location)


@strawberry.type
class LocationQuery:
    """What can be asked about locations."""

    new_location = locations.new
    get_location = locations.get(LOCATION)
    find_locations = locations.find
    get_all_locations = locations.all
    get_location_references = locations.references(LOCATION)
    validate_location = locations.validate
    get_location_permissions = permissions("LOCATION")
    locations = locations.connection

    @query(Permission.LOCATION_READ_GET, returns=_LOCATIONS)
    def get_children(
        context: Context, location_id_or_path: Annotated[str, argument("Id or path of the location.")]
    ) -> Rows[records.Location]:
        """The locations right below one, in their order."""
        return context.special(Locations).children(location_id_or_path)

    @query(Permission.LOCATION_READ_GET, returns=_LOCATIONS)
    def get_locations_by_partial_path(
        context: Context, path: Annotated[str, argument("A part of the path.")]
    ) -> Rows[records.Location]:
        """The locations whose path has this text in it, by path."""
        return context.special(Locations).by_partial_path(path)

    @query(Permission.LOCATION_READ_GET, returns=shown_list(records.LocationTree))
    def get_location_tree(
        context: Context,
        filter: Annotated[Optional[str], argument("A part of the paths to show.")] = None,
    ) -> Rows[records.LocationTree]:
        """The roots of the plant's tree; with a filter, locations whose path has it in it, and those above them."""
        return context.special(Locations).tree(filter)


@strawberry.type
class LocationMutation:
    """How locations are changed."""

    save_location = locations.save
    delete_location = locations.delete(LOCATION)
