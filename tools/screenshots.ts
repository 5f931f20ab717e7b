/**
 * `npm run screenshots`: pictures of every page in both themes, 1440 x 900. The two that the README and the docs
 * show go to docs/images, the others to test-results/screenshots (not committed).
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { SessionSummary } from "@peerscope/schema/api";
import { recordedCalls } from "../e2e/dashboard/samples.ts";
import { launchChromium } from "../e2e/support/browser.ts";
import { startPeerscope } from "../e2e/support/peerscope.ts";
import { buildIfStale } from "./prepare.mjs";

const themes = ["light", "dark"] as const;
const committed = fileURLToPath(new URL("../docs/images/", import.meta.url));
const others = fileURLToPath(new URL("../test-results/screenshots/", import.meta.url));

buildIfStale();
await mkdir(committed, { recursive: true });
await mkdir(others, { recursive: true });
const server = await startPeerscope({ samples: true });
const browser = await launchChromium();
try {
  const sessions = await recordedCalls(server);
  for (const theme of themes) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: theme,
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "UTC",
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/sessions`);
    await page.waitForSelector('a[href^="/sessions/"]');
    await shoot(page, `${others}sessions-${theme}.png`);

    for (const scenario of ["loss-10", "outage-8s", "ice-failure"]) {
      const session = worstOf(sessions, scenario);
      await page.goto(`${server.url}/sessions/${session.sessionId}`);
      await page.waitForSelector("[data-testid=verdict]", { timeout: 20_000 });
      const path =
        scenario === "loss-10" ? `${committed}session-${theme}.png` : `${others}${scenario}-${theme}.png`;
      await shoot(page, path);
    }

    await page.goto(`${server.url}/calls/loss-10`);
    await page.waitForSelector("tr[data-session-id]");
    await shoot(page, `${others}call-${theme}.png`);

    await page.goto(`${server.url}/demo?autostart=1&synthetic=1&user=kim&call=stand-up`);
    await page.waitForSelector("[data-testid=demo][data-phase=running]");
    // Long enough for the bitrate to reach its height and the figures to stand there.
    await page.waitForTimeout(6_000);
    await shoot(page, `${others}demo-${theme}.png`);
    await context.close();
  }
} finally {
  await browser.close();
  await server.stop();
}

/** The participant of a recorded call who suffered most. */
function worstOf(sessions: readonly SessionSummary[], scenario: string): SessionSummary {
  const score = (session: SessionSummary): number => session.score ?? -1;
  const [worst] = sessions
    .filter(({ sessionId, callId, tags }) =>
      [sessionId, callId ?? "", ...Object.values(tags)].some((text) => text.startsWith(scenario)),
    )
    .toSorted((a, b) => score(a) - score(b));
  if (worst === undefined) throw new Error(`No recorded call ${scenario} among ${sessions.length} sessions.`);
  return worst;
}

async function shoot(page: Page, path: string): Promise<void> {
  await page.evaluate(async () => await document.fonts.ready);
  await page.waitForTimeout(1_000);
  await page.screenshot({ path });
  console.log(path);
}
