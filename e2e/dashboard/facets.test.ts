import type { SessionSummary } from "@peerscope/schema/api";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";

let server: PeerscopeProcess;
let browser: Browser;
let page: Page;
let sessions: readonly SessionSummary[];

beforeAll(async () => {
  ensureBuilt();
  server = await startPeerscope({ samples: true });
  browser = await launchChromium();
  sessions = await recordedCalls(server);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Waits until the list has just these. */
async function listed(expected: readonly SessionSummary[]): Promise<void> {
  const ids = expected.map(({ sessionId }) => sessionId).sort();
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("tr[data-session-id]")]
        .map((row) => row.getAttribute("data-session-id") ?? "")
        .sort()
        .join() === wanted,
    ids.join(),
  );
}

/** Where the values of the facet stand. */
const places = (values: Locator): Promise<number[]> =>
  values.evaluateAll((all) => all.map((value) => value.getBoundingClientRect().top));

test("a cause is read whole, and shown, shown alone or left out, and nothing moves under the pointer", async () => {
  const cause = sessions.find(({ callId }) => callId === "ice-failure-initial")?.statedCause;
  const theirs = sessions.filter(({ statedCause }) => statedCause === cause);
  const others = sessions.filter(({ statedCause }) => statedCause !== cause);
  expect(theirs).toHaveLength(2);

  await page.goto(`${server.url}/sessions`);
  await listed(sessions);
  const values = page.getByRole("region", { name: "Facets" }).getByRole("listitem");
  const row = values.filter({ hasText: "No network path to the other side was found" });
  const words = row.getByTitle("No network path to the other side was found");
  await words.waitFor();
  expect(await words.evaluate((text) => text.scrollHeight > text.clientHeight)).toBe(false);

  const before = await places(values);
  await row.hover();
  await row.getByRole("button", { name: /^only/u }).waitFor();
  expect(await places(values)).toEqual(before);

  await row.getByRole("checkbox").check();
  await listed(theirs);
  await row.getByRole("checkbox").uncheck();
  await listed(sessions);
  await row.hover();
  await row.getByRole("button", { name: "Leave out No network path to the other side was found" }).click();
  await listed(others);
  await row.getByRole("button", { name: /^only/u }).click();
  await listed(theirs);
  await page.reload();
  await listed(theirs);
  expect(await row.getByRole("checkbox").isChecked()).toBe(true);
});
