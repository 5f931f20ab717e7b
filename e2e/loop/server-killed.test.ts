import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sessionListSchema } from "@peerscope/schema/api";
import { launchChromium } from "../support/browser.ts";
import { eventually, openDemo, readSession } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";

let browser: Browser;
let server: PeerscopeProcess;
let dataDir: string;

beforeAll(async () => {
  ensureBuilt();
  dataDir = await mkdtemp(join(tmpdir(), "peerscope-killed-"));
  server = await startPeerscope({ dataDir });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("a server killed during a call loses nothing it acknowledged, and the client goes on by itself", async () => {
  const errors: string[] = [];
  const demo = await openDemo(browser, server, { user: "kim", call: "killed", errors });
  await eventually("eight acknowledged frames", 30_000, async () => {
    return (await acknowledged(demo.page)) >= 8 ? true : null;
  });

  await server.kill9();
  // No acknowledgement can arrive any more: this is what the server had promised.
  const promised = await acknowledged(demo.page);
  const killedAt = Date.now();
  const logAtCrash = await readLogOnDisk(dataDir, demo.sessionId);
  console.log(
    `killed after frame ${promised} was acknowledged; ${logAtCrash.sequences.length} frames on disk, ${logAtCrash.problems.join(" ") || "no torn tail"}`,
  );
  expect(logAtCrash.sequences.slice(0, promised + 1)).toEqual(range(promised + 1));

  await new Promise((resolve) => setTimeout(resolve, 3_000));
  server = await startPeerscope({ dataDir, port: server.port });
  const restartedAt = Date.now();
  await eventually("new frames acknowledged after the restart", 30_000, async () => {
    return (await acknowledged(demo.page)) >= promised + 8 ? true : null;
  });
  console.log(
    `down for ${restartedAt - killedAt} ms (start ${server.startedInMs.toFixed(0)} ms); resumed and 8 frames on ${Date.now() - restartedAt} ms later`,
  );

  await demo.hangUp();
  await eventually("the end of the session", 10_000, async () => {
    const session = await readSession(server, demo.sessionId);
    return session !== null && session.ended && !session.live ? session : null;
  });
  const answer = await fetch(`${server.url}/api/sessions?call=killed`);
  const { sessions } = sessionListSchema.parse(await answer.json());
  expect(sessions.map(({ sessionId }) => sessionId)).toEqual([demo.sessionId]);

  const log = await readLogOnDisk(dataDir, demo.sessionId);
  expect(log.problems).toEqual([]);
  expect(log.sequences).toEqual(range(log.sequences.length));
  const gap = longestGapMs(log.records.flatMap((record) => (record.kind === "sample" ? [record] : [])));
  console.log(
    `${log.sequences.length} frames in the log, longest time between two samples ${gap.toFixed(0)} ms`,
  );
  // The call went on while the server was away, and so did the sampling.
  expect(gap).toBeLessThan(2_500);
  expect(errors).toEqual([]);
});

/** Highest sequence that the server acknowledged; frames are numbered from 0. */
async function acknowledged(page: Page): Promise<number> {
  return await page.evaluate(() => (globalThis.peerscope?.status().framesAcknowledged ?? 0) - 1);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** Over all connections: the longest time from one sample to the next of the same connection. */
function longestGapMs(samples: readonly { readonly at: number; readonly connectionId: string }[]): number {
  const last = new Map<string, number>();
  let longest = 0;
  for (const { at, connectionId } of samples) {
    const before = last.get(connectionId);
    if (before !== undefined) longest = Math.max(longest, at - before);
    last.set(connectionId, at);
  }
  return longest;
}
