import { captureNames, readCapture } from "@peerscope/scenarios";
import { analyseCall, createSessionObserver } from "@peerscope/observer";
import type { SessionRecord } from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForPage } from "../../tools/bench/bundle.ts";
import { launchChromium } from "../support/browser.ts";

/*
 * One engine everywhere: what the server says about a recorded call, a reader's browser says too, to the byte, in a worker.
 */

/** Analyses sessions in the order given, and the call of them; the text is what is compared. */
const source = `
import { analyseCall, createSessionObserver } from "@peerscope/observer";
self.addEventListener("message", ({ data }) => {
  const sessions = JSON.parse(data).map(({ sessionId, peer, records }) => {
    const observer = createSessionObserver({ sessionId, peer });
    for (const record of records) observer.push(record);
    return observer.finish();
  });
  self.postMessage(JSON.stringify({ sessions, call: analyseCall(sessions) }));
});
`;

interface Session {
  readonly sessionId: string;
  readonly peer: string | null;
  readonly records: readonly SessionRecord[];
}

let browser: Browser | null = null;
let page: Page | null = null;

beforeAll(async () => {
  browser = await launchChromium();
  page = await browser.newPage();
  const { code } = await bundleForPage(source);
  // A page of its own origin: a blank one may not start workers.
  await page.route("http://127.0.0.1:9/**", (route) =>
    route.fulfill(
      route.request().url().endsWith(".js")
        ? { contentType: "text/javascript", body: code }
        : { contentType: "text/html", body: "<!doctype html><title>Analysis</title>" },
    ),
  );
  await page.goto("http://127.0.0.1:9/");
  await page.evaluate(() => {
    Object.assign(globalThis, { analysisWorker: new Worker("/worker.js", { type: "module" }) });
  });
});
afterAll(async () => {
  await browser?.close();
});

async function inWorker(sessions: readonly Session[]): Promise<string> {
  if (page === null) throw new Error("The page was not opened.");
  return await page.evaluate(
    (text) =>
      new Promise<string>((resolve, reject) => {
        const worker: Worker = Reflect.get(globalThis, "analysisWorker");
        worker.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
        worker.addEventListener("error", ({ message }) => reject(new Error(message)), { once: true });
        worker.postMessage(text);
      }),
    JSON.stringify(sessions),
  );
}

function inNode(sessions: readonly Session[]): string {
  const analyses = sessions.map(({ sessionId, peer, records }) => {
    const observer = createSessionObserver({ sessionId, peer });
    for (const record of records) observer.push(record);
    return observer.finish();
  });
  return JSON.stringify({ sessions: analyses, call: analyseCall(analyses) });
}

test.each(captureNames)("%s: the same bytes in Node and in a worker of Chromium", async (name) => {
  const sessions = readCapture(name).sessions.map((session, index) => ({
    sessionId: `session-${index}`,
    peer: session.peer,
    records: session.records,
  }));
  const expected = inNode(sessions);
  expect(expected.length).toBeGreaterThan(1000);
  const answer = await inWorker(sessions);
  // Whole texts in a failure would be megabytes.
  expect(answer === expected).toBe(true);
});
