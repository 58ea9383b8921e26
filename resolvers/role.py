"""Roles: what the holders of security levels may do."""

import strawberry

from db import records
from resolvers.operations import Operations

roles = Operations(records.Role)


@strawberry.type
class RoleQuery:
    """What can be asked about roles."""

    new_role = roles.new
    get_role = roles.get("id")


@strawberry.type
class RoleMutation:
    """How roles are changed."""

    save_role = roles.save
