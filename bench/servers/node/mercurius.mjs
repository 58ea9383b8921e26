// Mercurius with graphql-jit over `pg`, a loader for each relation: node mercurius.mjs PORT
import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";
import pg from "pg";
import { newUlid } from "./ulid.mjs";

const schema = `
  scalar DateTime
  type Material { name: String! }
  type UnitOfMeasure { symbol: String! }
  type Property { name: String! }
  type PropertyValue { value: String property: Property }
  type BillOfMaterialsItem { quantityOrder: Float! material: Material }
  type ProductionOrder {
    id: ID!
    name: String!
    status: String!
    schedulePriority: String!
    quantity: Float!
    quantityProduced: Float!
    quantityScheduled: Float!
    startDate: DateTime
    endDate: DateTime
    dueDate: DateTime
    locationId: ID
    notes: String
    enabled: Boolean!
    spare1: String
    spare2: String
    spare3: String
    createdDate: DateTime!
    createdBy: String!
    modifiedDate: DateTime
    modifiedBy: String
    version: Int!
    product: Material
    unitOfMeasure: UnitOfMeasure
    propertyValues: [PropertyValue!]
    billOfMaterials: [BillOfMaterialsItem!]
  }
  input ProductionOrderInput {
    name: String!
    productId: ID!
    unitOfMeasureId: ID!
    quantity: Float!
    status: String!
    schedulePriority: String!
    startDate: DateTime
    dueDate: DateTime
    notes: String
  }
  type Query {
    productionOrder(id: ID!): ProductionOrder
    productionOrders(status: String!, first: Int!, offset: Int!): [ProductionOrder!]!
  }
  type Mutation { saveProductionOrder(input: ProductionOrderInput!): ProductionOrder! }
`;
const columns = `
  id, name, status, schedule_priority as "schedulePriority", quantity, quantity_produced as "quantityProduced",
  quantity_scheduled as "quantityScheduled", start_date as "startDate", end_date as "endDate", due_date as "dueDate",
  location_id as "locationId", notes, enabled, spare1, spare2, spare3, created_date as "createdDate",
  created_by as "createdBy", modified_date as "modifiedDate", modified_by as "modifiedBy", version,
  product_material_id as "productId", unit_of_measure_id as "unitOfMeasureId"
`;
const pool = new pg.Pool({ max: 10 });
/** The rows of a statement, which is prepared once for each connection. */
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const resolvers = {
  DateTime: new GraphQLScalarType({
    name: "DateTime",
    serialize: (value) => value.toISOString(),
    parseValue: (value) => new Date(value),
  }),
  Query: {
    productionOrder: async (_, { id }) =>
      (await rows("order", `select ${columns} from production_orders where id = $1`, [id]))[0],
    productionOrders: (_, { status, first, offset }) =>
      rows(
        "orders",
        `select ${columns} from production_orders where status = $1 order by due_date, id limit $2 offset $3`,
        [status, first, offset],
      ),
  },
  Mutation: {
    saveProductionOrder: async (_, { input }) =>
      (
        await rows(
          "save",
          `
            insert into production_orders (
              id, name, product_material_id, unit_of_measure_id, quantity, status, schedule_priority, start_date,
              due_date, notes
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning ${columns}
          `,
          [
            newUlid(),
            input.name,
            input.productId,
            input.unitOfMeasureId,
            input.quantity,
            input.status,
            input.schedulePriority,
            input.startDate,
            input.dueDate,
            input.notes,
          ],
        )
      )[0],
  },
};

/** A loader of the one record that each object refers to. */
const one = (table, columns, key) => async (queries) => {
  const ids = queries.map(({ obj }) => obj[key]);
  const found = await rows(`one ${table}`, `select id, ${columns} from ${table} where id = any($1)`, [[...new Set(ids)]]);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};
/** A loader of the records that refer to each order. */
const many = (table, columns, order) => async (queries) => {
  const ids = queries.map(({ obj }) => obj.id);
  const found = await rows(
    `many ${table}`,
    `select production_order_id as owner, ${columns} from ${table} where production_order_id = any($1) order by ${order}`,
    [ids],
  );
  const byOwner = new Map(ids.map((id) => [id, []]));
  for (const row of found) byOwner.get(row.owner).push(row);
  return ids.map((id) => byOwner.get(id));
};
const loaders = {
  ProductionOrder: {
    product: one("materials", "name", "productId"),
    unitOfMeasure: one("unit_of_measure", "symbol", "unitOfMeasureId"),
    propertyValues: many(
      "production_order_property_values",
      'string_value as value, property_id as "propertyId"',
      "id",
    ),
    billOfMaterials: many(
      "production_order_bill_of_materials",
      'quantity_order as "quantityOrder", material_id as "materialId"',
      "position",
    ),
  },
  PropertyValue: { property: one("production_order_properties", "name", "propertyId") },
  BillOfMaterialsItem: { material: one("materials", "name", "materialId") },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
