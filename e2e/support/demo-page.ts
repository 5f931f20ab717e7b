import type { Browser, Page } from "playwright-core";
import type { Monitor } from "@peerscope/client";
import type { SessionAnalysis } from "@peerscope/schema";
import { sessionSummarySchema, type SessionSummary } from "@peerscope/schema/api";
import type { PeerscopeProcess } from "./peerscope.ts";

declare global {
  /** The demo page leaves its monitor to the console. */
  // eslint-disable-next-line no-var
  var peerscope: Monitor | undefined;
}

/** The demo page with a running call. */
export interface DemoPage {
  readonly page: Page;
  readonly sessionId: string;
  /** Moves a slider or a switch of the page, as a visitor does. */
  set(control: string, value: number | boolean): Promise<void>;
  hangUp(): Promise<void>;
}

/** Opens /demo and waits until the call runs. Errors of the page are collected in `errors`. */
export async function openDemo(
  browser: Browser,
  server: PeerscopeProcess,
  options: {
    readonly user: string;
    readonly call: string;
    readonly synthetic?: boolean;
    readonly errors?: string[];
  },
): Promise<DemoPage> {
  const { user, call, synthetic = true, errors } = options;
  const page = await browser.newPage();
  page.on("pageerror", (error) => errors?.push(String(error)));
  const query = new URLSearchParams({ autostart: "1", user, call, ...(synthetic ? { synthetic: "1" } : {}) });
  await page.goto(`${server.url}/demo?${query.toString()}`);
  await page.waitForSelector("[data-testid=demo][data-phase=running]", { timeout: 20_000 });
  const sessionId = await page.getByTestId("demo").getAttribute("data-session-id");
  if (sessionId === null) throw new Error("The demo page names no session.");
  return {
    page,
    sessionId,
    async set(control, value) {
      const input = page.getByTestId(control);
      if (typeof value === "number") await input.fill(String(value));
      else await input.setChecked(value);
    },
    async hangUp() {
      await page.getByTestId("hang-up").click();
      await page.waitForSelector("[data-testid=demo][data-phase=ended]");
    },
  };
}

/** The session as the API has it now; null while it is unknown. */
export async function readSession(
  server: PeerscopeProcess,
  sessionId: string,
): Promise<SessionSummary | null> {
  const answer = await fetch(`${server.url}/api/sessions/${sessionId}`);
  if (answer.status === 404) return null;
  return sessionSummarySchema.parse(await answer.json());
}

/** The server's own analysis of a session, live or final. */
export async function readAnalysis(server: PeerscopeProcess, sessionId: string): Promise<SessionAnalysis> {
  const answer = await fetch(`${server.url}/api/sessions/${sessionId}/analysis`);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as SessionAnalysis;
}

/** Asks until the answer is not null. Throws after `withinMs` with what was waited for. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | null> | T | null,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Middle value of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
