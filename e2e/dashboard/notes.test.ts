import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { importSessions } from "./recorded-sessions.ts";
import { reportedCall } from "./reported-call.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];
const code = "7C2-F9A";
const startAt = Date.now() - 7_200_000;
const session = "stand-up-a";

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  await importSessions(
    server,
    reportedCall({ capture: "loss-10", callId: "stand-up", startAt, code, text: "I cannot hear lee" }),
  );
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

const search = async (text: string): Promise<void> => {
  await page.goto(`${server.url}/sessions`);
  await page.locator("tr[data-session-id]").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
};
const noteRow = (text: string): ReturnType<Page["locator"]> =>
  page.locator("[data-note]").filter({ hasText: text });

describe("a code that somebody reads out", () => {
  test("leads to its moment, however it is written down, and the keys of the page work at once", async () => {
    await search("7c2 f9a");
    await page.waitForURL(/[?&]at=31(&|$)/);
    const address = new URL(page.url());
    expect(address.pathname).toBe(`/sessions/${session}`);
    const reported = page.getByTestId("reported").locator("[aria-current=true]");
    expect(await reported.textContent()).toMatch(
      /The user reported: “I cannot hear lee” at 00:31.0, code 7C2-F9A/,
    );
    const mark = page.getByRole("button", { name: /^Show: 00:31.0 the user reported: I cannot hear lee/ });
    await mark.waitFor();
    await page.keyboard.press("m");
    await page.getByRole("dialog", { name: "Note on 00:31.0" }).waitFor();
    expect(await violationsInBothThemes(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await mark.click();
    await page.locator("[role=row][aria-current=true]").getByText("issue reported").waitFor();
    // The link alone says it all.
    await page.goto(`${server.url}/sessions/${session}?code=${code}`);
    await page.waitForURL(/[?&]at=31(&|$)/);
  });

  test("that nobody was given says so, and shows the one that differs in a character", async () => {
    await search("7C2-F9B");
    const help = page.getByTestId("unknown-code");
    await help.getByText("No report with it has arrived in this project.").waitFor();
    expect(await violationsInBothThemes(page)).toEqual([]);
    await help.getByRole("link", { name: new RegExp(code) }).click();
    await page.waitForURL(/[?&]at=31(&|$)/);
  });

  test("whose moment is not in the recording says that", async () => {
    await page.goto(`${server.url}/sessions/${session}?code=222-222`);
    await page.getByTestId("reported").getByText("is not in what was recorded").waitFor();
  });
});

describe("notes on a moment", () => {
  test("are written with a key, marked on the timeline, read, changed and deleted", async () => {
    await page.goto(`${server.url}/sessions/${session}?at=20.5&tz=utc`);
    await page.getByRole("region", { name: "Timeline" }).waitFor();
    // Who may write is known a moment later.
    await page.getByRole("button", { name: "Note", exact: true }).waitFor();
    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog", { name: "Note on 00:20.5" });
    await dialog.getByRole("textbox").fill("Asked kim to use the cable.\nSecond line");
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: /^Show: 00:20.5 note of .*Asked kim/ }).click();
    await page.waitForURL(/tab=notes/);
    const row = noteRow("Asked kim");
    expect(await row.getAttribute("aria-current")).toBe("true");
    expect(await row.textContent()).toMatch(/00:20.5.*this machine, today \d\d:\d\d/);
    expect(await violationsInBothThemes(page)).toEqual([]);

    await row.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Text of the note" }).fill("It was the dock.");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await noteRow("It was the dock.").waitFor();
    await page.reload();
    await noteRow("It was the dock.").getByRole("button", { name: "00:20.5" }).click();
    await page.waitForURL(
      (address) => address.searchParams.get("at") === "20.5" && !address.search.includes("tab="),
    );

    await page.getByRole("tab", { name: /Notes/ }).click();
    await noteRow("It was the dock.").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    await noteRow("It was the dock.").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByText("Nobody wrote a note on this session yet.").waitFor();
  });

  test("that cannot be saved stay in the field; a list that cannot be loaded says so", async () => {
    await page.goto(`${server.url}/sessions/${session}?tab=notes`);
    await page.getByRole("button", { name: "Write a note" }).click();
    await page.route("**/api/sessions/*/notes", (route) => route.abort());
    const field = page.getByRole("dialog").getByRole("textbox");
    await field.fill("while offline");
    await page.getByRole("button", { name: "Save the note" }).click();
    await page
      .getByRole("alert")
      .getByText(/Not saved: The server did not answer/)
      .waitFor();
    expect(await field.inputValue()).toBe("while offline");
    // Closing it does not throw it away either.
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Note", exact: true }).click();
    expect(await field.inputValue()).toBe("while offline");
    await page.unroute("**/api/sessions/*/notes");
    await page.getByRole("button", { name: "Save the note" }).click();
    await noteRow("while offline").waitFor();

    await page.route("**/api/sessions/*/notes", (route) =>
      route.fulfill({ status: 503, json: { error: { code: "settings-unavailable", message: "Away" } } }),
    );
    await page.reload();
    await page.getByRole("alert").getByText("The notes could not be loaded").waitFor();
    expect(await page.getByTestId("verdict-headline").textContent()).toMatch(/lost on the way/);
  });

  test("of hostile text are text", async () => {
    const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202Ereversed ${"W".repeat(500)}`;
    const answer = await fetch(`${server.url}/api/sessions/${session}/notes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ at: startAt + 25_000, text: evil }),
    });
    expect(answer.status).toBe(201);
    for (const path of [`${session}?tab=notes`, session, `${session}/report`]) {
      await page.goto(`${server.url}/sessions/${path}`);
      await page
        .getByText("reversed")
        .or(page.getByRole("button", { name: /onerror/ }))
        .first()
        .waitFor();
      const seen = await page.evaluate(() => ({
        hacked: "hacked" in globalThis,
        images: document.querySelectorAll("img[onerror], img[src=x]").length,
        tooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      }));
      expect(seen, path).toEqual({ hacked: false, images: 0, tooWide: false });
    }
  });

  test("are for those who may: a viewer reads them and is offered nothing else", async () => {
    await page.route("**/api/me", async (route) => {
      const response = await route.fetch();
      const me = (await response.json()) as { projects: object[] };
      await route.fulfill({
        json: { ...me, projects: me.projects.map((one) => ({ ...one, role: "viewer" })) },
      });
    });
    await page.route("**/api/sessions/*/notes", (route) =>
      route.fulfill({
        json: {
          notes: [
            {
              noteId: "n_1",
              at: startAt + 5000,
              text: "of Ada",
              createdByName: "Ada",
              createdAt: startAt,
              own: false,
            },
          ],
        },
      }),
    );
    await page.goto(`${server.url}/sessions/${session}?tab=notes`);
    await noteRow("of Ada").waitFor();
    for (const name of [/^Write a note/, /^Note$/, /^Edit$/, /^Delete$/])
      expect(await page.getByRole("button", { name }).count()).toBe(0);
    await page.keyboard.press("m");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });
});
