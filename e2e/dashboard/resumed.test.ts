import { generateSession } from "@peerscope/scenarios";
import { createFrameEncoder, type EventRecord, type SessionRecord } from "@peerscope/schema";
import type { SessionSummary } from "@peerscope/schema/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { joinSession, type IngestClient } from "../server/ingest-client.ts";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

/** A session that somebody looks at ends and goes on: its page goes on too. */
let server: PeerscopeProcess;
let browser: Browser;
let page: Page;
let client: IngestClient | undefined;
/** Frames that it sent. */
let sent = 0;

beforeAll(async () => {
  ensureBuilt();
  server = await startPeerscope({ env: { PEERSCOPE_SESSION_IDLE_MS: "2000" } });
  browser = await launchChromium();
  page = await browser.newPage();
});
afterAll(async () => {
  client?.drop();
  await browser?.close();
  await server?.stop();
});

/** A client whose page is looked at while it runs; `send` sends one event of it, so many seconds after the start. */
async function watched(sessionId: string): Promise<(second: number, event: Sent) => void> {
  const startAt = Date.now() - 60_000;
  const { records } = generateSession({ seed: 7, durationSeconds: 120, kind: "good", startAt });
  const encoder = createFrameEncoder();
  client = await joinSession(server, sessionId);
  const first = records.filter(({ at }) => at <= startAt + 50_000);
  sent = 0;
  const send = (records: readonly SessionRecord[]): void => {
    client?.send(encoder.encode(records));
    sent += 1;
  };
  for (let place = 0; place < first.length; place += 20) send(first.slice(place, place + 20));
  await page.goto(`${server.url}/sessions/${sessionId}`);
  await page.getByText("Still running").waitFor();
  return (second, event) => send([{ kind: "event", at: startAt + second * 1000, ...event }]);
}

type Sent = Pick<EventRecord, "name" | "data">;

/** The client goes, and the server has all of it. */
async function leave(): Promise<void> {
  await client?.until(() => client?.acknowledged === sent - 1);
  client?.drop();
}

const isOver = ({ live, ended }: SessionSummary): boolean => ended && !live;

test("after a reload that took long", async () => {
  const send = await watched("reloaded");
  const toldOfEnd = page.waitForResponse(
    async (response) => response.url().endsWith("/api/sessions/reloaded") && isOver(await response.json()),
  );
  send(51, { name: "session-ended", data: { reason: "pagehide" } });
  await leave();
  await page.getByText("Still running").waitFor({ state: "detached" });
  // The page was told that it is over, and that was final once.
  await toldOfEnd;
  client = await joinSession(server, "reloaded");
  send(60, { name: "session-resumed", data: { pages: 2 } });
  await page.getByText("Still running").waitFor({ timeout: 10_000 });
  await leave();
}, 60_000);

test("after a silence, of which nothing is said that nobody knows", async () => {
  const send = await watched("fell-silent");
  await leave();
  const words = page.getByText("The recording does not say how it ended");
  await words.waitFor({ timeout: 30_000 });
  client = await joinSession(server, "fell-silent");
  send(60, { name: "page-visibility-changed", data: { visible: true } });
  await page.getByText("Still running").waitFor({ timeout: 15_000 });
  expect(await words.count()).toBe(0);
}, 60_000);
