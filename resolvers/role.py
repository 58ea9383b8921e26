"""Roles: what the holders of security levels may do."""

import strawberry

from db import records
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import query
from resolvers.operations import ID_TEXT, Operations

roles = Operations(records.Role)


@strawberry.type
class RoleQuery:
    """What can be asked about roles."""

    new_role = roles.new
    get_role = roles.get(ID_TEXT)
    find_roles = roles.find
    get_all_roles = roles.all
    validate_role = roles.validate
    roles = roles.connection

    @query(Permission.SYSTEM_ADMIN, returns=list[str])
    def get_all_permissions(context: Context) -> list[str]:
        """Every permission that a role can grant; one above them, as `PRODUCTION_ORDER`, grants all below it."""
        return [permission.value for permission in Permission]


@strawberry.type
class RoleMutation:
    """How roles are changed."""

    save_role = roles.save
    delete_role = roles.delete(ID_TEXT)
