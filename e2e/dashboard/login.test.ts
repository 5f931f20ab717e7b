import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
});
afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

const violations = (): Promise<string[]> => violationsInBothThemes(page);
const open = async (section: string, ready: string): Promise<void> => {
  await page.goto(`${server.url}/settings/${section}`);
  await page.getByRole("heading", { name: ready, exact: true }).waitFor();
};

// In this order: the first user ends the time without login.
describe("a server without users", () => {
  test("the other pages have nothing that axe finds", async () => {
    for (const [section, ready] of [
      ["retention", "Retention"],
      ["members", "Give somebody a role"],
      ["audit", "Default project"],
      ["projects", "New project"],
      ["users", "New user"],
      ["account", "New API token"],
      ["health", "What arrives in Default project"],
    ] as const) {
      await open(section, ready);
      expect(await violations(), section).toEqual([]);
    }
    await page.goto(`${server.url}/login`);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    expect(await violations(), "login").toEqual([]);
  });

  test("the first user ends the time without login; one logs in and comes back to the same page; roles hide", async () => {
    await open("users", "New user");
    const create = async (email: string, name: string): Promise<void> => {
      await page.getByLabel("E-mail address of the user").fill(email);
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
      await page.getByRole("button", { name: "Create the user" }).click();
    };
    await create("ada@example.org", "Ada");
    await page.waitForURL(/\/login\?next=/);

    const logIn = async (email: string): Promise<void> => {
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
      await page.getByRole("button", { name: "Log in" }).click();
    };
    await page.goto(`${server.url}/sessions?class=poor&tz=utc`);
    await page.waitForURL(/\/login\?/);
    await page.getByLabel("E-mail address").fill("ada@example.org");
    await page.getByLabel("Password", { exact: true }).fill("wrong password here");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText("The e-mail address or the password is wrong.").waitFor();
    await logIn("ada@example.org");
    await page.waitForURL(/\/sessions\?/);
    expect(new URL(page.url()).searchParams.get("class")).toBe("poor");
    await page.getByText("Logged in as").waitFor();

    await open("users", "New user");
    await create("vic@example.org", "Vic");
    await page.locator("tr[data-user='vic@example.org']").getByText("default: viewer").waitFor();

    await open("account", "New API token");
    await page.getByLabel("Name of the token").fill("nightly");
    await page.getByRole("button", { name: "Create the token" }).click();
    const token = (await page.getByRole("region", { name: "API token", exact: true }).textContent()) ?? "";
    const asked = await fetch(`${server.url}/api/sessions`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(asked.status).toBe(200);
    await page.reload();
    await page.getByRole("row", { name: /nightly/ }).waitFor();
    expect(await page.content()).not.toContain(token);

    await page.getByRole("link", { name: "Members" }).click();
    await page.getByLabel("Role of vic@example.org").selectOption("analyst");
    await page.getByText("vic@example.org is analyst now").waitFor();
    await page.getByRole("link", { name: "Audit log" }).click();
    await page
      .getByRole("row", { name: /Role given/ })
      .first()
      .waitFor();

    await page.getByRole("button", { name: "Log out" }).first().click();
    await page.waitForURL(/\/login/);
    await logIn("vic@example.org");
    await page.waitForURL((address) => address.pathname !== "/login");
    await page.goto(`${server.url}/settings/keys`);
    await page.getByText("This page is for admins of the project.").waitFor();
    expect(await page.getByRole("link", { name: "Users" }).count()).toBe(0);
    // Hidden is not all: the server refuses too.
    expect(await page.evaluate(async () => (await fetch("/api/projects/default/keys")).status)).toBe(403);
  }, 30_000);
});
