// Opens GraphiQL in Chromium as a newcomer would, with every other host blocked: URL TOKEN SCREENSHOT.png

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, token, screenshot] = process.argv.slice(2);
const { origin, hostname } = new URL(url);
const SIDEBAR = ["Documentation Explorer", "GraphiQL Explorer", "History"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`,
];

const profile = mkdtempSync(join(tmpdir(), "graphiql-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
  viewport: { width: 1400, height: 900 },
});
const [page, complaints] = watched(await browser.newPage());
try {
  await page.goto(origin);
  await useToken();
  await seeTheSchema();
  await runAQuery();
  await page.screenshot({ path: screenshot });
  await seeEveryPane();
  await forgetTheToken();
  assert.deepEqual(complaints, [], "the browser complained");
  console.log("GraphiQL ok");
} catch (error) {
  await page.screenshot({ path: screenshot });
  console.error(error.message, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

// Everything that a page which works on its own never does.
function watched(page) {
  const complaints = [];
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && complaints.push(`${answer.status()}: ${answer.url()}`));
  browser.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`) && !/^(data|blob):/.test(request.url())) complaints.push(request.url());
  });
  return [page, complaints];
}

async function useToken() {
  await page.getByText("A token is needed").waitFor();
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Use token" }).click();
  await page.getByText("is in use").waitFor();
  assert.ok(!(await page.content()).includes(token), "the page shows the token");
}

async function seeTheSchema() {
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.locator(".graphiql-plugin").getByRole("link", { name: "Query", exact: true }).click();
  await page.locator(".graphiql-plugin").getByText("getProductionOrder", { exact: true }).waitFor();
}

async function runAQuery() {
  const answered = page.waitForResponse((answer) => answer.request().postData()?.includes("OneOrder"));
  await page.getByRole("button", { name: /^Execute/ }).click();
  const { data, errors } = await (await answered).json();
  assert.equal(errors, undefined);
  await page.locator(".result-window").getByText(data.getProductionOrder.name).first().waitFor();
}

async function seeEveryPane() {
  for (const name of SIDEBAR.slice(1)) await page.getByRole("button", { name: `Show ${name}` }).click();
  await page.locator(".graphiql-history-item").getByText("OneOrder").waitFor();
  await page.getByRole("button", { name: "Show GraphiQL Explorer" }).click();
  await page.locator(".docExplorerWrap, .graphiql-explorer-root").first().waitFor();
}

async function forgetTheToken() {
  await page.getByRole("button", { name: "Forget token" }).click();
  await page.getByLabel("Token", { exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes(token), "the token was stored");
}
