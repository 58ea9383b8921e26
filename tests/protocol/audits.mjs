// The audits of GraphQL over HTTP against a running server, each request with the token: URL TOKEN

import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2);

const results = await auditServer({ url, fetchFn }).catch((error) => stopped(error.cause ?? error));
const failed = results.filter((result) => result.status !== "ok");
for (const { id, name, status, reason } of failed) console.log(`${id} ${status}: ${name}: ${reason ?? ""}`);
console.log(`${results.length - failed.length} of ${results.length} audits ok`);
process.exitCode = results.length === 61 && failed.length === 0 ? 0 : 1;

function fetchFn(address, init = {}) {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return fetch(address, { ...init, headers });
}

function stopped(error) {
  console.log(`The audits stopped: ${error.message}`);
  process.exit(1);
}
