// Reads an order of the demo plant, then saves one of the same product for a week later.

import { ask } from "./ask.js";
import { graphql } from "./gql/index.js";
import type { ProductionOrderInput, ReadOrderQuery } from "./gql/graphql.js";

type Order = NonNullable<ReadOrderQuery["getProductionOrder"]>;

const READ_ORDER = graphql(`
  query ReadOrder($order: String!) {
    getProductionOrder(productionOrderIdOrName: $order) {
      id
      name
      status
      quantity
      dueDate
      productId
      unitOfMeasureId
      product {
        name
      }
      unitOfMeasure {
        symbol
      }
      propertyValues {
        dataType
        value
        property {
          name
        }
      }
    }
  }
`);

const SAVE_ORDER = graphql(`
  mutation SaveOrder($input: ProductionOrderInput!) {
    saveProductionOrder(input: $input) {
      name
      status
      quantity
      dueDate
    }
  }
`);

const NAME = "Typed from TypeScript";

const order = (await ask(READ_ORDER, { order: "PO-2026-0150" })).getProductionOrder;
if (!order) throw new Error("There is no PO-2026-0150: the example asks for the demo plant.");
show(order);
await save(order);

function show({ name, quantity, unitOfMeasure, product, status, dueDate, propertyValues }: Order) {
  const due = dueDate ? `due on ${day(new Date(dueDate))}` : "not due";
  console.log(`${name}: ${quantity} ${unitOfMeasure?.symbol} of ${product?.name}, ${status}, ${due}`);
  for (const { property, dataType, value } of propertyValues ?? []) {
    if (dataType !== "Blob") console.log(`  ${property?.name}: ${JSON.stringify(value)}`);
  }
}

// Saves the order of that name, whether there is one or not; what is left out of the input stays as it is.
async function save({ productId, unitOfMeasureId, quantity, dueDate }: Order) {
  const input: ProductionOrderInput = { name: NAME, productId, unitOfMeasureId, quantity: quantity / 2 };
  if (dueDate) input.dueDate = new Date(Date.parse(dueDate) + 7 * 24 * 60 * 60 * 1000).toISOString();
  const earlier = (await ask(READ_ORDER, { order: NAME })).getProductionOrder;
  if (earlier) input.id = earlier.id;
  const saved = (await ask(SAVE_ORDER, { input })).saveProductionOrder;
  if (saved?.dueDate) {
    console.log(`${saved.name}: ${saved.quantity}, ${saved.status}, due on ${day(new Date(saved.dueDate))}`);
  }
}

function day(date: Date) {
  return date.toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
}
