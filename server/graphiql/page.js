// The page at `/`: GraphiQL with the examples in its tabs, calling /graphql with the token of the bar above it.

import { NEEDED, onToken, refused, token } from "./token.js";

const ruru = document.getElementById("ruru").href;

globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const name = { graphql: "graphqlWorker", json: "jsonWorker" }[label] ?? "editorWorker";
    return new Worker(new URL(`${name}.js`, ruru), { type: "module" });
  },
};

const [{ React, createRoot, Ruru }, defaultTabs] = await Promise.all([import(ruru), examples()]);
const root = createRoot(document.getElementById("graphiql"));
onToken(show);
show();

// A fetcher that is new makes GraphiQL read the schema again; a schema of null keeps it from asking without a token.
function show() {
  const props = { fetcher: (...call) => answer(...call), defaultTabs, showPersistHeadersSettings: false };
  root.render(React.createElement(Ruru, token() ? props : { ...props, schema: null }));
}

// Each example starts with a comment after an empty line.
async function examples() {
  const text = await (await fetch("/graphiql/examples.graphql")).text();
  return text.trim().split(/\n\n(?=#)/).map((query) => ({ query: `${query}\n` }));
}

async function answer(operation, { headers = {} } = {}) {
  if (!token()) {
    refused(NEEDED);
    return failure(NEEDED);
  }
  const response = await fetch("/graphql", { method: "POST", headers: sent(headers), body: JSON.stringify(operation) });
  if (response.status === 401) refused("The server doesn’t know this token, or it has expired: a valid token is needed.");
  return response.json().catch(() => failure(`The server answered ${response.status} ${response.statusText}.`));
}

// What is written in GraphiQL's own headers pane wins.
function sent(headers) {
  const all = new Headers({
    Accept: "application/graphql-response+json, application/json;q=0.9",
    "Content-Type": "application/json",
    Authorization: `Bearer ${token()}`,
  });
  Object.entries(headers).forEach(([name, value]) => all.set(name, value));
  return all;
}

function failure(message) {
  return { errors: [{ message }] };
}
