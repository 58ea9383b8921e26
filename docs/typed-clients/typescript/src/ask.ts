// Sends an operation to the server: variables and answer have the types of the operation.

import type { TypedDocumentString } from "./gql/graphql.js";

const url = process.env.MES_URL ?? "http://127.0.0.1:8000/graphql";
const token = process.env.MES_TOKEN ?? "";

type Answer<Data> = { data?: Data | null; errors?: { message: string; extensions?: { code?: string } }[] };

export async function ask<Data, Variables>(
  operation: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query: operation.toString(), variables }),
  });
  const { data, errors } = (await response.json()) as Answer<Data>;
  if (errors || !data) throw new Error(errors?.map(({ message }) => message).join("\n") ?? response.statusText);
  return data;
}
