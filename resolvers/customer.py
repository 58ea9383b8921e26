"""Customers."""

import strawberry

from db import records
from resolvers.fields import permissions
from resolvers.operations import Key, Operations

customers = Operations(records.Customer)
CUSTOMER = Key("id_or_name", "name")


@strawberry.type
class CustomerQuery:
    """What can be asked about customers."""

    new_customer = customers.new
    get_customer = customers.get(CUSTOMER)
    find_customers = customers.find
    get_all_customers = customers.all
    get_customer_references = customers.references(CUSTOMER)
    validate_customer = customers.validate
    get_customer_permissions = permissions("CUSTOMER")
    customers = customers.connection


@strawberry.type
class CustomerMutation:
    """How customers are changed."""

    save_customer = customers.save
    delete_customer = customers.delete(CUSTOMER)
