import type { EventRecord, JsonObject, SessionRecord } from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { importSessions, recordedCapture, type RecordedSession } from "./recorded-sessions.ts";
import { viewsOf } from "./views.ts";

/** What a client may write into everything that it names: none of it may become markup, run, or break a page. */
const markup = `<img src="hostile:x" onerror="window.hacked=1"><script>window.hacked=1</script><b class="hostile">`;
const evil = `=cmd|'/C calc'!A0 ${markup} javascript:window.hacked=1 \u202Ereversed\u200B\u200D\uFEFF {{7*7}} ${"W".repeat(400)}`;
const evilId = `\u202E<b class="hostile">/../..?x=#y&\u200B${"W".repeat(120)}`;

let server: PeerscopeProcess;
let browser: Browser;

/** The names are real, the members are what nobody checks on a client. */
const event = (at: number, name: string, data: JsonObject): EventRecord =>
  ({ kind: "event", at, name, data }) as EventRecord;

/** A recorded call in which everything that a client names has such a name. */
function hostileSessions(): RecordedSession[] {
  return recordedCapture("loss-10").sessions.map(({ peer, records }) => {
    const first = records[0]?.at ?? 0;
    const own: SessionRecord[] = [
      event(first + 1000, "app-event", { name: evil, data: { [evil]: evil } }),
      event(first + 1100, "call-rated", { value: 1, max: 5, comment: evil }),
      event(first + 1200, "issue-reported", { code: evil, text: evil }),
      event(first + 1300, "sdk-error", { place: evil, message: evil }),
      event(first + 1400, "media-element-changed", { elementId: evil, tagName: evil, paused: true }),
      event(first + 1500, "audio-context-state-changed", { contextId: evil, state: evil }),
      event(first + 1600, "permission-state-changed", { name: evil, state: evil }),
      event(first + 1700, evil, { [evil]: evil }),
      event(first + 1800, "api-called", { callId: 9001, method: evil, arguments: { [evil]: evil } }),
      event(first + 1900, "api-settled", {
        callId: 9001,
        method: evil,
        error: { name: evil, message: evil },
      }),
      event(first + 2000, "track-state-changed", {
        trackId: evil,
        kind: "audio",
        direction: "local",
        enabled: false,
        label: evil,
        source: evil,
      }),
      event(first + 2100, "ice-candidate-failed", {
        url: evil,
        errorText: evil,
        errorCode: 701,
        address: evil,
      }),
    ];
    const changed = records.map((record): SessionRecord => {
      if (record.kind === "context")
        return {
          ...record,
          context: {
            ...record.context,
            userId: `${evilId}-${peer}`,
            callId: evilId,
            tags: { [evil.slice(0, 180)]: evil, site: markup },
            browserName: evil.slice(0, 90),
            browserVersion: evil.slice(0, 90),
            osName: evil.slice(0, 90),
            appVersion: evil.slice(0, 90),
          },
        };
      if (record.kind === "sample")
        return {
          ...record,
          stats: record.stats.map((one) => ({
            ...one,
            ...("trackIdentifier" in one ? { trackIdentifier: evil } : {}),
            ...("mimeType" in one ? { mimeType: `audio/${evil}` } : {}),
            ...("candidateType" in one
              ? { address: evil, url: evil, networkType: evil, protocol: evil }
              : {}),
            [evil.slice(0, 200)]: evil,
          })),
        };
      // SDP, errors, reasons: whatever is text in an event and is no name of a state.
      const data = Object.fromEntries(
        Object.entries(record.data ?? {}).map(([member, value]) => [
          member,
          typeof value === "string" && /^(sdp|label|url|message|reason|groupId|deviceId)$/.test(member)
            ? `${value}\r\na=${evil}`
            : value,
        ]),
      );
      return { ...record, data };
    });
    return {
      sessionId: `hostile-session-${peer}`,
      records: [...changed, ...own].toSorted((a, b) => a.at - b.at),
    };
  });
}

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  await importSessions(server, hostileSessions());
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** In the page: what became of the strings. */
const harm = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    if ("hacked" in globalThis) found.push("a script of a client ran");
    for (const element of document.querySelectorAll('b.hostile, img[src^="hostile"], a[href^="javascript:"]'))
      found.push(`markup of a client: ${element.outerHTML.slice(0, 120)}`);
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} pixels wide`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      if (!(node.textContent ?? "").includes("\u202E")) continue;
      // What follows an override in the same paragraph is written backwards: in its own text, and behind it.
      const behind = (node.textContent ?? "").split("\u202E").at(-1) ?? "";
      if (/ (to|from|line|side|session|call|decide|which|it|they|matched?|sound|picture) /.test(behind))
        found.push(`an override inside of a sentence: ${(node.textContent ?? "").slice(0, 200)}`);
      let box = node.parentElement;
      while (
        box !== null &&
        getComputedStyle(box).display === "inline" &&
        !getComputedStyle(box).unicodeBidi.startsWith("isolate")
      )
        box = box.parentElement;
      if (box === null || ["SCRIPT", "STYLE", "TITLE"].includes(box.tagName)) continue;
      const after = document.createRange();
      after.setStartAfter(node);
      after.setEndAfter(box);
      const rest = after.cloneContents().textContent ?? "";
      const isParagraph = [...box.children].every((child) => getComputedStyle(child).display === "inline");
      if (isParagraph && rest.trim() !== "")
        found.push(`an override reaches further: ${box.outerHTML.slice(0, 200)} … ${rest.slice(0, 40)}`);
    }
    return [...new Set(found)];
  });

describe("strings of clients", () => {
  test("are text on every page, and change nothing around them", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const problems: string[] = [];
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(`error: ${String(error).slice(0, 200)}`));
    page.on("dialog", (dialog) => {
      problems.push("a dialog was opened");
      void dialog.dismiss();
    });
    const views = viewsOf("hostile-session-a", evilId).filter(({ route }) => route !== "/login");
    for (const { name, path, ready } of views) {
      await page.goto(`${server.url}${path}`);
      await page.waitForSelector(ready).catch(() => problems.push(`${name}: ${ready} did not come`));
      await page.waitForTimeout(400);
      problems.push(...(await harm(page)).map((problem) => `${name}: ${problem}`));
    }
    // They were there, not only nowhere harmful.
    await page.goto(`${server.url}/sessions/hostile-session-a?tab=events&ev=app-event`);
    await page.getByText("<script>window.hacked=1</script>").first().waitFor();
    await context.close();
    expect(problems).toEqual([]);
  });

  test("are found by what they are, and lead to their call", async () => {
    const page = await browser.newPage();
    try {
      await page.goto(`${server.url}/sessions?user=${encodeURIComponent(`${evilId}-a`)}`);
      await page.waitForSelector('tr[data-session-id="hostile-session-a"]');
      expect(await page.locator("tr[data-session-id]").count()).toBe(1);
      await page.goto(`${server.url}/sessions/hostile-session-a`);
      await page.getByTestId("verdict-headline").waitFor();
      await page.locator("main a[href^='/calls/']").first().click();
      await page.waitForSelector("tr[data-session-id]");
      expect(decodeURIComponent(new URL(page.url()).pathname.slice("/calls/".length))).toBe(evilId);
    } finally {
      await page.close();
    }
  });
});
