"""Locations: the plant's tree of places."""

from __future__ import annotations

from db.labels import normalized
from db.lookup import found, sought_path
from db.records import Location, LocationTree
from db.repositories.tree import Tree
from db.rows import Rows, Shape


class Locations(Tree[Location]):
    """The places of the plant."""

    moving = (Location,)

    def by_partial_path(self, text: str) -> Rows[Location]:
        """The locations whose path contains this text, by path."""
        return self.rows("select * from locations where strpos(path, $1) > 0", normalized(text), order="path")

    def children(self, id_or_path: str) -> Rows[Location]:
        """The locations right below this one, in their order."""
        return self.rows(
            f"select * from locations where parent_id = {found(Location, 'path', 1)}",
            *sought_path(id_or_path),
            order="sort_order, name",
        )

    def tree(self, text: str | None) -> Rows[LocationTree]:
        """The roots of the tree; with a text, of what it leaves: locations with it in their path, and those above."""
        if not text:
            return Rows(
                LocationTree,
                "select * from locations where parent_id is null",
                shape=Shape.LIST,
                order="sort_order, name, id",
            )
        return Rows(
            LocationTree,
            "select * from left_over where parent_id is null",
            (normalized(text),),
            Shape.LIST,
            "sort_order, name, id",
            changes="""left_over as materialized (
                select *
                from locations above
                where exists (
                    select
                    from locations found
                    where strpos(found.path, $1) > 0 and starts_with(found.path || '/', above.path || '/')
                )
            )""",
            instead=((LocationTree.__name__, "left_over"),),
        )
