"""Reads an order of the demo plant, then saves one of the same product for a week later."""

import os
from datetime import timedelta

from mes_orders import Client, DataType, ProductionOrderInput, ReadOrderGetProductionOrder

NAME = "Typed from Python"


def main() -> None:
    """Print an order that is read and one that is saved."""
    url = os.environ.get("MES_URL", "http://127.0.0.1:8000/graphql")
    with Client(url, headers={"Authorization": f"Bearer {os.environ['MES_TOKEN']}"}) as client:
        order = client.read_order("PO-2026-0150").get_production_order
        if order is None:
            raise SystemExit("There is no PO-2026-0150: the example asks for the demo plant.")
        show(order)
        save(client, order)


def show(order: ReadOrderGetProductionOrder) -> None:
    """Print the order and the values of its properties; `None` is what the type checker insists on."""
    symbol = order.unit_of_measure.symbol if order.unit_of_measure else "?"
    product = order.product.name if order.product else "?"
    due = f"due on {order.due_date:%d %B %Y}" if order.due_date else "not due"
    print(f"{order.name}: {order.quantity:g} {symbol} of {product}, {order.status.value}, {due}")
    for value in order.property_values or []:
        if value.data_type is not DataType.Blob:
            print(f"  {value.property_.name if value.property_ else '?'}: {value.value!r}")


def save(client: Client, like: ReadOrderGetProductionOrder) -> None:
    """Save the order of that name, whether there is one or not; what is left out of the input stays as it is."""
    fields = ProductionOrderInput(name=NAME, product_id=like.product_id, unit_of_measure_id=like.unit_of_measure_id)
    fields.quantity = like.quantity / 2
    fields.due_date = like.due_date + timedelta(days=7) if like.due_date else None
    if earlier := client.read_order(NAME).get_production_order:
        fields.id = earlier.id
    saved = client.save_order(fields).save_production_order
    if saved and saved.due_date:
        print(f"{saved.name}: {saved.quantity:g}, {saved.status.value}, due on {saved.due_date:%d %B %Y}")


if __name__ == "__main__":
    main()
