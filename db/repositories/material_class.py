"""Material classes: the tree in which the materials hang."""

from __future__ import annotations

from db.errors import LONGEST_ECHO, Invalid
from db.labels import normalized
from db.origin import told
from db.records import Material, MaterialClass
from db.repositories.tree import LONGEST_PATH, Tree
from db.rows import Rows
from db.ulid import new_ulid
from db.validation import checked

_MOST_TOLD = 5


class MaterialClasses(Tree[MaterialClass]):
    """The groups of materials."""

    moving = (MaterialClass, Material)

    async def create_classes_for_path(self, path: str) -> Rows[MaterialClass]:
        """The class at this path, after those along it that were missing are created."""
        # Before there is one text for each part of a path that may have thousands.
        if len(path.encode(errors="replace")) > LONGEST_PATH:
            raise Invalid({"path": [f"must have at most {LONGEST_PATH:,} bytes"]})
        names = [normalized(name) for name in normalized(path).strip("/").split("/")]
        paths = [f"/{'/'.join(names[:depth])}" for depth in range(1, len(names) + 1)]
        violations = _violations(names, paths[-1])
        if violations:
            raise Invalid({"path": violations})
        # One caller at a time creates classes: what the second one reads is then complete.
        await self.session.row("lock table material_classes in share row exclusive mode")
        await self.session.row(
            f"""
            with along as (
                select name, path, depth, coalesce(stored.id, given.id) as id, stored.id is null as missing
                from unnest($1::text[], $2::text[], $3::text[]) with ordinality as given (id, name, path, depth)
                left join material_classes stored using (name, path)
            ), placed as (
                select *, lag(id) over (order by depth) as parent_id
                from along
            )
            insert into material_classes (id, parent_id, name, path, created_by)
            select id, parent_id, name, path, $4
            from placed
            where missing and {told(5)}
            """,
            [new_ulid() for _ in names],
            names,
            paths,
            self.session.caller,
            self.session.origin,
        )
        return self.keyed("path", paths[-1])


def _violations(names: list[str], path: str) -> list[str]:
    """What is wrong with the names along a path."""
    wrong = {name: checked(MaterialClass, {"name": name}, None)[1].get("name", []) for name in names}
    # Letters can become longer where accents are spelled in one way.
    if not any(wrong.values()) and len(path.encode()) > LONGEST_PATH:
        return [f"must have at most {LONGEST_PATH:,} bytes"]
    told = [
        f"has the name {name[:LONGEST_ECHO]!r}, which {message}"
        for name, messages in wrong.items()
        for message in messages
    ]
    return told[:_MOST_TOLD]
