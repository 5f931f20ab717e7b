import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { importSessions } from "./recorded-sessions.ts";
import { reportedCall } from "./reported-call.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];
const startAt = Date.now() - 7_200_000;
const session = "stand-up-a";

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  await importSessions(
    server,
    reportedCall({
      capture: "loss-10",
      callId: "stand-up",
      startAt,
      code: "7C2-F9A",
      text: "I cannot hear lee",
    }),
  );
  const noted = await fetch(`${server.url}/api/sessions/${session}/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ at: startAt + 20_000, text: "Asked kim to use the cable." }),
  });
  expect(noted.status).toBe(201);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    colorScheme: "dark",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
});
afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

/** The report when the whole recording is in it, with both its charts. */
const wholeReport = async (): Promise<void> => {
  await page.locator('[data-testid=report][aria-busy="false"]').waitFor();
  await page.getByRole("group", { name: "Evidence" }).locator("canvas").nth(1).waitFor();
};

/** What is drawn while the browser prints: no rail, light colours, charts that are there although they were out of sight. */
const paper = (): Promise<{
  readonly theme: string | undefined;
  readonly frame: number;
  readonly background: string;
  readonly charts: readonly boolean[];
}> =>
  page.evaluate(() => {
    dispatchEvent(new Event("beforeprint"));
    const isDrawn = (canvas: HTMLCanvasElement): boolean => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return pixels.some((value) => value !== 0);
    };
    return new Promise((resolve) => {
      // Charts draw in a microtask of their own.
      queueMicrotask(() => {
        const seen = (element: Element): boolean => element.getClientRects().length > 0;
        resolve({
          theme: document.documentElement.dataset["theme"],
          frame: [...document.querySelectorAll("nav, [role=search], footer.sticky")].filter(seen).length,
          background: getComputedStyle(document.body).backgroundColor,
          charts: [...document.querySelectorAll("canvas")].map(isDrawn),
        });
        dispatchEvent(new Event("afterprint"));
      });
    });
  });

test("the report has the whole answer, and is one button away from the session", async () => {
  await page.goto(`${server.url}/sessions/${session}?tz=utc`);
  await page.getByRole("link", { name: "Report" }).click();
  const report = page.getByTestId("report");
  await wholeReport();
  const headline = (await report.getByRole("heading", { level: 1 }).textContent()) ?? "";
  expect(headline).toMatch(/lost on the way/);
  const said = async (name: string): Promise<string> =>
    (await report.getByRole("region", { name, exact: true }).textContent()) ?? "";
  expect(await said("What to tell them")).toMatch(/cable|Wi-Fi/);
  expect(await said("Why we think so")).toMatch(/Measured at the far end/);
  expect(await said("Against")).toMatch(/Nothing speaks against it/);
  expect(await said("Missing")).toMatch(/would help/);
  expect(await said("Reports of the user, notes")).toMatch(
    /Note of this machine.*Asked kim to use the cable\..*code 7C2-F9A.*I cannot hear lee/,
  );
  expect(await said("Devices and network")).toMatch(/direct\/udp.*opus/);
  expect(await said("Observations (7)")).toMatch(/Critical.*Outgoing sound got lost.*a consequence/);
  // Every lost point: with what is left they are a hundred.
  const answer = await fetch(`${server.url}/api/sessions/${session}/analysis`);
  const { score } = (await answer.json()) as {
    readonly score: { readonly value: number; readonly reasons: readonly { readonly points: number }[] };
  };
  const lost = await report.getByRole("table", { name: "Lost points" }).locator("tbody tr").count();
  expect(lost).toBe(score.reasons.length);
  expect(await said("Experience score")).toContain(String(Math.round(score.value)));
  expect(await report.textContent()).toContain(`${server.url}/sessions/${session}`);
  expect(await page.title()).toBe("kim – Session report – Peerscope");
  expect(await violationsInBothThemes(page)).toEqual([]);
});

test("on paper it is light, without the frame, on A4, with its charts drawn", async () => {
  await page.goto(`${server.url}/sessions/${session}/report?tz=utc`);
  await wholeReport();
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
  await page.emulateMedia({ media: "print" });
  expect(await paper()).toEqual({
    theme: "light",
    frame: 0,
    background: "rgb(255, 255, 255)",
    charts: [true, true],
  });
  await page.emulateMedia({ media: "screen" });
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const sheets = [...pdf.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)];
  expect(sheets.length).toBeGreaterThan(0);
  expect(sheets.length).toBeLessThan(5);
  // A4 in points.
  for (const [, width, height] of sheets) {
    expect(Math.abs(Number(width) - 595)).toBeLessThan(2);
    expect(Math.abs(Number(height) - 842)).toBeLessThan(2);
  }
});

test("a session that is not there says so; a recording that cannot be read leaves what the server knows", async () => {
  await page.goto(`${server.url}/sessions/none/report`);
  await page.getByRole("alert").getByText("There is no such session").waitFor();
  await page.route(`**/api/sessions/${session}/log*`, (route) =>
    route.fulfill({ status: 410, json: { error: { code: "log-gone", message: "Deleted" } } }),
  );
  await page.goto(`${server.url}/sessions/${session}/report`);
  await page.getByTestId("report").getByText("What to tell them").waitFor();
});

test("the ticket is copied with a key: what the user said, the cause, the advice and a link to the moment", async () => {
  await page.goto(`${server.url}/sessions/${session}?code=7C2-F9A&tz=utc`);
  await page.waitForURL(/[?&]at=31(&|$)/);
  await page.keyboard.press("c");
  await page.getByText("Summary copied").waitFor();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(lines).toContain("  - 00:31 7C2-F9A: I cannot hear lee");
  for (const start of ["When: ", "Score: ", "Cause: ", "Confidence: ", "What to tell them: "])
    expect(
      lines.some((line) => line.startsWith(start)),
      start,
    ).toBe(true);
  expect(lines.at(-1)).toMatch(/\/sessions\/stand-up-a\?.*at=31/);
});
