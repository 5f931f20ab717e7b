import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore } from "../../packages/server/src/store/testing/embedded-store.ts";
import { launchChromium } from "../support/browser.ts";
import { eventually } from "../support/demo-page.ts";
import { startPeerscope } from "../support/peerscope.ts";
import { fillStore, writeLargeCall, writeLongSession } from "./large-data.ts";
import { memoryOfPages, moveAbout, openCold } from "./performance-figures.ts";

/** How much there is to show. */
interface Sizes {
  /** Sessions in the store. */
  readonly sessions: number;
  /** Length of the long session. */
  readonly hours: number;
  /** In the large call. */
  readonly people: number;
}

/** What pages took; times in ms. */
interface PageFigures {
  readonly firstViewMs: number;
  /** JavaScript of the first view, gzip. */
  readonly firstViewScriptBytes: number;
  readonly sessionFirstPictureMs: number;
  /** Of the frames in which the charts moved, all but the slowest twentieth took at most this. */
  readonly chartFrameMs: number;
  readonly sessionMegabytes: number;
  readonly callMs: number;
  readonly browser: string;
}

/** Fills a server of its own and opens its pages in Chromium, one after the other. */
export async function measurePages({ sessions, hours, people }: Sizes): Promise<PageFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), "peerscope-pages-"));
  writeLongSession(dataDir, "long-session", hours);
  writeLargeCall(dataDir, { callId: "large-call", people, received: 8, seconds: 120 });
  const store = await openEmbeddedStore();
  const storeUrl = new URL(store.address.url);
  storeUrl.username = "default";
  storeUrl.password = store.address.password;
  const server = await startPeerscope({ dataDir, env: { PEERSCOPE_CLICKHOUSE_URL: storeUrl.href } });
  const browser = await launchChromium();
  try {
    // The tables are there when the list answers.
    await answered(`${server.url}/api/sessions?limit=1`);
    await fillStore(store, sessions);
    // Logs are read once after a start. What is measured is a page, not that.
    await answered(`${server.url}/api/sessions/long-session/analysis`);
    await answered(`${server.url}/api/calls/large-call`);
    await caughtUp(server.url);

    const list = await openCold(browser, `${server.url}/sessions`, ['a[href^="/sessions/"]']);
    await list.page.context().close();
    const call = await openCold(browser, `${server.url}/calls/large-call`, [
      '[aria-label="Who received whom"] td',
      "tr[data-session-id]",
    ]);
    await call.page.context().close();
    const session = await openCold(browser, `${server.url}/sessions/long-session`, [
      "[data-testid=verdict]",
      "canvas",
    ]);
    // The rest of the recording is read while the page is looked at already.
    await session.page.waitForFunction(() => document.querySelector("[role=progressbar]") === null);
    await session.page.waitForTimeout(10_000);
    const frames = await moveAbout(session.page);
    return {
      firstViewMs: list.shownMs,
      firstViewScriptBytes: list.scriptBytes,
      sessionFirstPictureMs: session.shownMs,
      chartFrameMs: frames.p95Ms,
      sessionMegabytes: await memoryOfPages(browser),
      callMs: call.shownMs,
      browser: `Chromium ${browser.version()}`,
    };
  } finally {
    await browser.close();
    await server.stop();
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** How long a server may take before its pages can be measured; asked so often. */
const patienceMs = 120_000;
const askEveryMs = 250;

/** A server that begins with logs and an empty store writes the rows of all of them first. */
async function caughtUp(url: string): Promise<void> {
  const ask = async (): Promise<true | null> => {
    const { store, analysis } = (await (await fetch(`${url}/readyz`)).json()) as {
      readonly store: { readonly sessionsWaiting: number };
      readonly analysis: { readonly lagBytes: number };
    };
    return (store.sessionsWaiting === 0 && analysis.lagBytes === 0) || null;
  };
  await eventually("the rows of all sessions", patienceMs, ask, askEveryMs);
}

async function answered(url: string): Promise<void> {
  const ask = async (): Promise<true | null> => {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok || null;
  };
  await eventually(`an answer of ${url}`, patienceMs, ask, askEveryMs);
}
