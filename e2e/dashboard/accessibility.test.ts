import axe from "axe-core";
import { readCapture } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";
import { viewsOf } from "./views.ts";

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

/** What axe finds against WCAG 2.2 A and AA: rule, element, and why. */
async function violations(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const engine = (globalThis as unknown as { readonly axe: typeof axe }).axe;
    const found = await engine.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      rules: { "target-size": { enabled: true } },
    });
    if (found.passes.length === 0) throw new Error("axe looked at nothing");
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`),
    );
  });
}

const verdict = (page: Page): Promise<void> => page.getByTestId("verdict-headline").waitFor();

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
    name: "the list",
    open: async (page) => {
      await page.goto(`${server.url}/sessions`);
      await page.waitForSelector("tr[data-session-id]");
    },
  },
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
      await page.route("**/api/sessions?*", () => undefined);
      await page.goto(`${server.url}/sessions`);
      await page.getByRole("region", { name: "Loading sessions" }).waitFor();
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
  session("a session, timeline", "", (page) => page.waitForSelector("canvas")),
  session("a session, a chart as a table", "", async (page) => {
    await page.getByRole("button", { name: "Loss, out as a table" }).click();
    await page.getByRole("region", { name: "Loss, out" }).getByRole("table").waitFor();
  }),
  session("a session, observations", "?tab=observations", (page) =>
    page.locator("[data-observation-id]").first().waitFor(),
  ),
  session("a session, events", "?tab=events", async (page) => {
    await page.getByRole("row").nth(1).getByRole("button").nth(1).click();
    await page.getByRole("region", { name: /^Data of/ }).waitFor();
  }),
  session("a session, stats", "?tab=stats", (page) => page.waitForSelector("dl dt")),
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
    name: "a call",
    open: async (page) => {
      await page.goto(`${server.url}/calls/loss-10`);
      await page.waitForSelector("tr[data-session-id]");
    },
  },
  {
    name: "opening a dump",
    open: async (page) => {
      await page.goto(`${server.url}/dump`);
      await page.getByRole("heading", { name: "Open a dump" }).waitFor();
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
      await page.evaluate(axe.source);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.waitForFunction(
          (theme) => document.documentElement.dataset["theme"] === theme,
          colorScheme,
        );
        expect(await violations(page), colorScheme).toEqual([]);
      }
    } finally {
      await context.close();
    }
  });
});

/** In the page: marks everything that can be used, and names what no key could ever reach. */
function markUsable(): { readonly count: number; readonly unreachable: readonly string[] } {
  const unreachable: string[] = [];
  const groups = new Set<string>();
  let count = 0;
  for (const element of document.querySelectorAll<HTMLElement>(
    "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=option], [role=tab]",
  )) {
    const isGone = element.closest("[inert], [hidden], [aria-hidden=true]") !== null;
    if (isGone || element.matches(":disabled") || !element.checkVisibility({ visibilityProperty: true }))
      continue;
    if (element.tabIndex < 0) {
      // One of a group has the focus for all; the arrows move in it.
      const inGroup = element.closest("[role=tablist], [role=listbox], [role=menu], [role=radiogroup]");
      if (inGroup === null && element.matches("a, button, input, select, textarea, summary, [role]"))
        unreachable.push(element.outerHTML.slice(0, 160));
      continue;
    }
    if (element instanceof HTMLInputElement && element.type === "radio") {
      // Tab stops once at radio buttons: at the chosen one.
      const isStop = element.checked || document.querySelector(`[name="${element.name}"]:checked`) === null;
      if (!isStop || groups.has(element.name)) continue;
      groups.add(element.name);
    }
    element.dataset["walk"] = String(count);
    count += 1;
  }
  return { count, unreachable };
}

/** In the page: what has the focus, and whether that can be seen. */
function focused(): {
  readonly walk: string | null;
  readonly isBody: boolean;
  readonly unmarked: string | null;
} {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body)
    return { walk: null, isBody: true, unmarked: null };
  // Radio buttons and files are drawn by their label.
  const shown =
    element instanceof HTMLInputElement && element.classList.contains("sr-only")
      ? (element.closest("label") ?? element)
      : element;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
  const isMarked = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return {
    walk: element.dataset["walk"] ?? null,
    isBody: false,
    unmarked: isMarked ? null : shown.outerHTML.slice(0, 160),
  };
}

/** More than any page has; who has not come out by then never does. */
const mostSteps = 3_000;

describe("by Tab alone", () => {
  test.each(viewsOf())("everything of $name is reached, seen, and left again", async ({ path, ready }) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    try {
      await page.goto(`${server.url}${path}`);
      await page.waitForSelector(ready);
      await page.waitForLoadState("networkidle", { timeout: 2_000 }).catch(() => undefined);
      const { count, unreachable } = await page.evaluate(markUsable);
      expect(unreachable).toEqual([]);
      expect(count).toBeGreaterThan(3);
      const reached = new Set<string>();
      const unmarked: string[] = [];
      let timesOut = 0;
      // What appears while one walks has no mark and takes steps too. A page may begin in the middle: it is walked twice then.
      for (
        let step = 0;
        step < mostSteps && (timesOut === 0 || (timesOut < 2 && reached.size < count));
        step += 1
      ) {
        await page.keyboard.press("Tab");
        const now = await page.evaluate(focused);
        if (now.unmarked !== null) unmarked.push(now.unmarked);
        if (now.isBody) timesOut += 1;
        if (now.walk !== null) reached.add(now.walk);
      }
      expect(timesOut, "the focus comes out at the end").toBeGreaterThan(0);
      expect(unmarked).toEqual([]);
      const missed = await page.evaluate(
        (known) =>
          [...document.querySelectorAll<HTMLElement>("[data-walk]")]
            .filter((element) => !known.includes(element.dataset["walk"] ?? "") && element.checkVisibility())
            .map((element) => element.outerHTML.slice(0, 160)),
        [...reached],
      );
      expect(missed).toEqual([]);
      // And back.
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Shift+Tab");
      expect((await page.evaluate(focused)).isBody).toBe(false);
    } finally {
      await page.close();
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
