import { readCapture } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { recordedCalls } from "./samples.ts";

let server: PeerscopeProcess;
let empty: PeerscopeProcess;
let browser: Browser;

beforeAll(async () => {
  ensureBuilt();
  [server, empty, browser] = await Promise.all([
    startPeerscope({ samples: true }),
    startPeerscope(),
    launchChromium(),
  ]);
  await recordedCalls(server);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), empty?.stop()]);
});

const verdict = (page: Page): Promise<void> => page.getByTestId("verdict-headline").waitFor();

/** A page in a state that its address alone does not show; reach.test.ts looks at all the views. */
interface Screen {
  readonly name: string;
  readonly open: (page: Page) => Promise<void>;
}

const session = (name: string, query: string, ready: (page: Page) => Promise<unknown>): Screen => ({
  name,
  open: async (page) => {
    await page.goto(`${server.url}/sessions/capture-loss-10-a${query}`);
    await verdict(page);
    await page.getByText("sample", { exact: true }).waitFor();
    await ready(page);
  },
});

const screens: readonly Screen[] = [
  {
    name: "the list with filters that hide everything",
    open: async (page) => {
      await page.goto(`${server.url}/sessions?q=nobody&class=poor`);
      await page.getByRole("heading", { name: "No session matches" }).waitFor();
    },
  },
  {
    name: "the list while it loads",
    open: async (page) => {
      await page.route(/\/api\/(sessions(\/facets)?|projects\/[^/]+\/views)(\?|$)/u, () => undefined);
      await page.goto(`${server.url}/sessions`);
      await page.getByRole("region", { name: "Loading sessions" }).waitFor();
      await page.getByRole("progressbar", { name: "Counting" }).first().waitFor();
      await page.getByRole("button", { name: "Saved views" }).click();
      await page.getByRole("progressbar", { name: "Loading views" }).waitFor();
    },
  },
  {
    name: "a session while it loads",
    open: async (page) => {
      await page.route("**/api/sessions/*/*", () => undefined);
      await page.goto(`${server.url}/sessions/capture-loss-10-a`);
      await page.getByRole("region", { name: "Reading the session" }).waitFor();
    },
  },
  {
    name: "the list before anything is recorded",
    open: async (page) => {
      await page.goto(`${empty.url}/sessions`);
      await page.getByRole("heading", { name: "Nothing recorded yet" }).waitFor();
    },
  },
  session("a session, a chart as a table", "", async (page) => {
    await page.getByRole("button", { name: "Loss, out as a table" }).click();
    await page.getByRole("region", { name: "Loss, out" }).getByRole("table").waitFor();
  }),
  session("a session, events", "?tab=events", async (page) => {
    await page.getByRole("row").nth(1).getByRole("button").nth(1).click();
    await page.getByRole("region", { name: /^Data of/ }).waitFor();
  }),
  {
    name: "a session that never connected",
    open: async (page) => {
      await page.goto(`${server.url}/sessions/capture-gum-denied-a`);
      await verdict(page);
    },
  },
  {
    name: "a session that does not exist",
    open: async (page) => {
      await page.goto(`${server.url}/sessions/no-such-session`);
      await page.getByRole("heading", { name: "There is no such session" }).waitFor();
    },
  },
  {
    name: "an open dump",
    open: async (page) => {
      await page.goto(`${server.url}/dump`);
      await page.locator("input[type=file]").setInputFiles({
        name: "call.peerscope",
        mimeType: "application/octet-stream",
        buffer: recordedLog(),
      });
      await verdict(page);
      await page.waitForSelector("canvas");
    },
  },
  {
    name: "the help",
    open: async (page) => {
      await page.goto(`${server.url}/sessions`);
      await page.waitForSelector("tr[data-session-id]");
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "the demo before the call",
    open: async (page) => {
      await page.goto(`${server.url}/demo`);
      await page.waitForSelector("[data-testid=demo]");
    },
  },
  {
    name: "the demo in a call",
    open: async (page) => {
      await page.goto(`${server.url}/demo?autostart=1&synthetic=1&user=kim&call=axe`);
      await page.waitForSelector("[data-testid=demo][data-phase=running]");
    },
  },
];

describe("axe finds nothing", () => {
  test.each(screens)("$name, light and dark", async ({ open }) => {
    // Colours in the middle of a fade are nobody's.
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    try {
      const page = await context.newPage();
      await open(page);
      const found = await violationsInBothThemes(page);
      expect(found, found.join("\n")).toEqual([]);
    } finally {
      await context.close();
    }
  });
});

function recordedLog(): Buffer {
  const [source] = readCapture("loss-10").sessions;
  if (source === undefined) throw new Error("The capture has no session.");
  const encoder = createFrameEncoder();
  const createdAt = source.records[0]?.at ?? 0;
  const parts = [encodeSessionLogHeader({ sessionId: "dump", projectId: "default", createdAt })];
  for (let i = 0; i < source.records.length; i += 20) {
    parts.push(encodeSessionLogEntry(encoder.encode(source.records.slice(i, i + 20))));
  }
  return Buffer.concat(parts);
}
