import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import { readCapture } from "@peerscope/scenarios";
import type { SessionSummary } from "@peerscope/schema/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];
let sessions: readonly SessionSummary[];

beforeAll(async () => {
  ensureBuilt();
  server = await startPeerscope({ samples: true });
  browser = await launchChromium();
  sessions = await recordedCalls(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  page = await context.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // A refused inline script or style would be a hole in the page or in the policy.
    if (message.type() === "error" && message.text().includes("Content Security Policy"))
      errors.push(message.text());
  });
});

afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

const rows = (of: Page): Promise<string[]> =>
  of
    .locator("tr[data-session-id]")
    .evaluateAll((all) => all.map((row) => row.getAttribute("data-session-id") ?? ""));

/** Pixels of a canvas that are not empty. */
const inked = (of: Page): Promise<number[]> =>
  of.locator("canvas").evaluateAll((all) =>
    all.map((element) => {
      if (!(element instanceof HTMLCanvasElement)) return 0;
      const pixels = element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data ?? [];
      let count = 0;
      for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) count += 1;
      return count;
    }),
  );

describe("the list", () => {
  test("shows the recorded calls, worst first when asked, and finds those of a user", async () => {
    // The recorded calls are nobody's own: the start page is the guide, and leads to them.
    await page.goto(`${server.url}/`);
    await page.getByRole("link", { name: "Look at the list of sessions" }).click();
    await page.waitForSelector("tr[data-session-id]");
    expect(new URL(page.url()).pathname).toBe("/sessions");
    expect(new Set(await rows(page))).toEqual(new Set(sessions.map((session) => session.sessionId)));

    await page.getByRole("columnheader", { name: /Score/ }).getByRole("button").click();
    await page.waitForURL(/sort=worst/);
    await page.waitForFunction(
      (first) => document.querySelector("tr[data-session-id]")?.getAttribute("data-session-id") === first,
      sessions[0]?.sessionId,
    );

    const user = sessions[0]?.userId ?? "";
    await page.keyboard.press("/");
    await page.keyboard.type(`user:${user}`);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("user") === user);
    const theirs = sessions.filter((session) => session.userId === user).map((session) => session.sessionId);
    await page.waitForFunction(
      (count) => document.querySelectorAll("tr[data-session-id]").length === count,
      theirs.length,
    );
    expect(new Set(await rows(page))).toEqual(new Set(theirs));
    expect(theirs.length).toBeLessThan(sessions.length);
  });

  test("of calls says whose they are, and offers the orders that calls have", async () => {
    const heading = page.getByRole("status").filter({ hasText: "Calls of" });
    const order = page.getByRole("combobox", { name: "Sort" });
    await page.goto(`${server.url}/sessions?show=calls&sort=longest`);
    await heading.getByText(`Calls of ${sessions.length} sessions, worst first`).waitFor();
    expect(await order.locator("option").allInnerTexts()).toEqual(["newest first", "worst first"]);
    expect(await order.inputValue()).toBe("worst");
    const scores = page.getByRole("main").locator("tbody tr td:first-child");
    expect(await scores.first().innerText()).toContain("Failed");
    await order.selectOption("newest");
    await heading.getByText(`Calls of ${sessions.length} sessions, newest first`).waitFor();
  });

  test("of calls says so when sessions match but none names a call, and leads to them", async () => {
    await page.route("**/api/calls?**", (route) => route.fulfill({ json: { calls: [], nextOffset: null } }));
    await page.goto(`${server.url}/sessions?show=calls&filter=browser%3AChromium`);
    await page.getByText("sessions match, but none of them names a call.").waitFor();
    await page.getByRole("link", { name: "Show the sessions" }).click();
    await page.waitForSelector("tr[data-session-id]");
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("filter"), searchParams.has("show")]).toEqual(["browser:Chromium", false]);
  });

  test("says what hides everything, and clears it", async () => {
    await page.goto(`${server.url}/sessions?q=nobody-has-this-name&class=poor`);
    await page.getByRole("heading", { name: "No session matches" }).waitFor();
    await page.getByRole("link", { name: "Clear all filters" }).click();
    await page.waitForSelector("tr[data-session-id]");
    expect(new URL(page.url()).search).toBe("");
  });

  test("keeps a typed filter that there is not as text, and says what it is", async () => {
    await page.goto(`${server.url}/sessions`);
    await page.waitForSelector("tr[data-session-id]");
    await page.keyboard.press("/");
    await page.keyboard.type("score:80");
    await page.keyboard.press("Enter");
    await page.getByText("score:80 is no filter and was looked for as text").waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe("score:80");
    expect(await page.getByRole("search").getByRole("textbox").inputValue()).toBe("score:80");
  });

  test("is worked by keyboard alone, to the verdict and back to the same list", async () => {
    await page.goto(`${server.url}/sessions?sort=worst`);
    await page.waitForSelector("tr[data-session-id]");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const headline = page.getByTestId("verdict-headline");
    await headline.waitFor();
    expect(new URL(page.url()).pathname).toBe(
      `/sessions/${encodeURIComponent(sessions[1]?.sessionId ?? "")}`,
    );
    expect((await headline.innerText()).length).toBeGreaterThan(10);
    await page.goBack();
    await page.waitForSelector("tr[data-session-id]");
    expect(new URL(page.url()).search).toBe("?sort=worst");
  });
});

describe("a session", () => {
  const open = async (path: string): Promise<void> => {
    await page.goto(`${server.url}${path}`);
    await page.getByTestId("verdict-headline").waitFor();
    // Only charts in sight are drawn.
    await page.waitForFunction(() => document.querySelectorAll("canvas").length > 0);
    await page.getByRole("region", { name: "Bitrate, out" }).scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelectorAll("canvas").length > 3);
    await page.waitForTimeout(300);
  };
  const lossy = "/sessions/capture-loss-10-a";

  test("begins with the verdict, then draws its charts", async () => {
    await open(lossy);
    const first = await page.locator("main").innerText();
    const headline = await page.getByTestId("verdict-headline").innerText();
    expect(first.startsWith(headline)).toBe(true);
    expect(await page.getByText("What to tell them:").first().isVisible()).toBe(true);
    for (const id of ["uplink-loss", "downlink-loss"]) {
      expect(await page.locator(`[data-observation-id="${id}"]`).count()).toBeGreaterThan(0);
    }
    // Axis and grid alone are a few thousand pixels; every chart in sight has them and more.
    for (const pixels of await inked(page)) expect(pixels).toBeGreaterThan(2000);
  });

  test("proves the verdict with two charts of the bad minutes, which open in the timeline", async () => {
    await open(lossy);
    const evidence = page.getByRole("group", { name: "Evidence" });
    expect(await evidence.getByRole("button").count()).toBe(2);
    await page.getByRole("tab", { name: /^Observations/ }).click();
    await evidence.getByRole("button", { name: /^Loss, out/ }).click();
    await page.waitForURL(
      (url) =>
        url.searchParams.get("panel") === "out.loss" &&
        url.searchParams.has("t") &&
        !url.searchParams.has("tab"),
    );
    await page.waitForFunction(() => {
      const box = document.getElementById("panel-out.loss")?.getBoundingClientRect();
      return box !== undefined && box.top > 0 && box.bottom < innerHeight;
    });

    await page.goto(`${server.url}/sessions/capture-good-call-a`);
    await page.getByTestId("verdict-headline").waitFor();
    await page.waitForSelector("canvas");
    expect(await page.getByRole("group", { name: "Evidence" }).count()).toBe(0);
  });

  test("leads to the others of its call", async () => {
    await open(lossy);
    const other = sessions.find((session) => session.sessionId === "capture-loss-10-b");
    await page
      .getByRole("link", { name: `${other?.userId} (${Math.round(other?.score ?? 0)} Fair)` })
      .click();
    await page.waitForURL((url) => url.pathname === "/sessions/capture-loss-10-b");
  });

  test("has its own look in the dark, and charts follow the switch", async () => {
    await open(lossy);
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByRole("radio", { name: "Dark" }).check({ force: true });
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.waitForTimeout(300);
    for (const pixels of await inked(page)) expect(pixels).toBeGreaterThan(2000);
    await page.reload();
    await page.getByTestId("verdict-headline").waitFor();
    expect(await background()).toBe(dark);
  });

  test("is restored from a link: window, cursor, axis", async () => {
    await open(`${lossy}?t=10-20&at=15&axis=abs&tz=utc`);
    const start = sessions.find((session) => session.sessionId === "capture-loss-10-a")?.startedAt ?? 0;
    const clock = (seconds: number): string => new Date(start + seconds * 1000).toISOString().slice(11, 19);
    const text = await page.getByRole("region", { name: "Timeline" }).innerText();
    expect(text).toContain(clock(15));
    expect(text).toContain(`Loss, out, ${clock(10)} to ${clock(20)}.`);
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.searchParams.has("t"));
  });

  test("a link to a chart shows that chart", async () => {
    await page.goto(`${server.url}${lossy}?panel=video-in.freeze`);
    await page.waitForFunction(() => {
      const box = document.getElementById("panel-video-in.freeze")?.getBoundingClientRect();
      return box !== undefined && box.top > 0 && box.bottom < innerHeight;
    });
  });

  test("keys walk through the observations and never fire in an input", async () => {
    await open(lossy);
    await page.keyboard.press("n");
    await page.waitForURL(/obs=/);
    const first = new URL(page.url()).searchParams.get("obs");
    await page.keyboard.press("n");
    await page.waitForURL((url) => url.searchParams.get("obs") !== first);
    // The window and the cursor follow the observation, a moment later.
    await page.waitForURL((url) => url.searchParams.has("t") && url.searchParams.has("at"));
    await page.waitForTimeout(500);
    const second = page.url();
    await page.keyboard.press("/");
    await page.keyboard.type("npt0");
    await page.waitForTimeout(400);
    expect(page.url()).toBe(second);
  });

  test("buttons walk through the observations also without single-letter shortcuts", async () => {
    await page.addInitScript(() => localStorage.setItem("peerscope-single-keys", "off"));
    await open(lossy);
    const next = async (): Promise<string | null> => {
      await page.getByRole("button", { name: "Next observation" }).click();
      await page.waitForURL(/obs=/);
      return new URL(page.url()).searchParams.get("obs");
    };
    const first = await next();
    await open(lossy);
    // The letter would have gone to the first one, and the button to the second.
    await page.keyboard.press("n");
    expect(await next()).toBe(first);
    await page.getByRole("button", { name: "Previous observation" }).click();
    await page.waitForURL((url) => url.searchParams.get("obs") !== first);
  });

  test("shows every call of the application with its outcome, and every value of the browser", async () => {
    await page.goto(`${server.url}/sessions/capture-gum-denied-a`);
    await page.getByRole("tab", { name: /^Events/ }).click();
    const call = page.getByRole("row").filter({ hasText: "getUserMedia()" }).first();
    await call.waitFor();
    expect(await call.innerText()).toContain("NotAllowedError");
    await page.getByRole("tab", { name: "Stats" }).click();
    await page.getByLabel("Find in stats").fill("bytesSent");
    await page.waitForFunction(() => document.querySelectorAll("dl dt[title=bytesSent]").length > 0);
    expect(new URL(page.url()).searchParams.get("tab")).toBe("stats");
  });

  test("marks its events on the time axis, and shows one of them in the table", async () => {
    await open("/sessions/capture-muted-mic-a?t=20-40");
    const marks = page.getByRole("list", { name: "Events over time" }).getByRole("button");
    // The microphone came back at 25 s, the camera was stopped at 30 s.
    await marks.nth(1).waitFor();
    expect(await marks.count()).toBe(2);
    await marks.nth(1).click();
    await page.waitForURL((url) => url.searchParams.get("tab") === "events" && url.searchParams.has("event"));
    const row = page.locator("[role=row][aria-current=true]");
    await row.waitFor();
    expect(await row.innerText()).toContain("stoppedByApp");
  });

  test("hatches a chart while its stream is off by choice, and says so", async () => {
    await open("/sessions/capture-muted-mic-a");
    const summary = (name: string): Promise<string | null> =>
      page.getByRole("region", { name, exact: true }).locator("p.sr-only").textContent();
    expect(await summary("Audio level, out")).toContain("From 00:11 to 00:26: microphone switched off.");
    expect(await summary("Frames, out")).toContain("camera stopped.");
    expect(await summary("Bitrate, out")).not.toContain("microphone");
  });

  test("that does not exist is told apart from a failure", async () => {
    await page.goto(`${server.url}/sessions/no-such-session`);
    await page.getByRole("heading", { name: "There is no such session" }).waitFor();
  });
});

test("a call names its people in the verdict, and lists how it was for each", async () => {
  await page.goto(`${server.url}/calls/loss-10`);
  await page.getByTestId("verdict-headline").waitFor();
  const headline = await page.getByTestId("verdict-headline").innerText();
  for (const user of ["anna", "ben"]) expect(headline).toContain(user);
  for (const title of ["Why we think so", "Against", "Missing"]) {
    await page.getByRole("heading", { name: title }).waitFor();
  }
  expect(new Set(await rows(page))).toEqual(new Set(["capture-loss-10-a", "capture-loss-10-b"]));
  for (const id of ["capture-loss-10-a", "capture-loss-10-b"]) {
    const { score } = sessions.find((session) => session.sessionId === id) ?? {};
    const row = await page.locator(`tr[data-session-id="${id}"]`).innerText();
    expect(row).toContain(String(Math.round(score ?? Number.NaN)));
    expect(row).toContain("got lost on the way");
  }
});

describe("a file", () => {
  test("is opened without anything leaving the browser, and names in it are text, never markup", async () => {
    const hostile = `<img src=x onerror="document.title='hit'">`;
    const [source] = readCapture("loss-10").sessions;
    if (source === undefined) throw new Error("The capture has no session.");
    const encoder = createFrameEncoder();
    const [first] = source.records;
    const records = [
      {
        kind: "context" as const,
        at: first?.at ?? 0,
        context: { userId: hostile, callId: hostile, browserName: hostile },
      },
      { kind: "event" as const, at: first?.at ?? 0, name: "app-event" as const, data: { name: hostile } },
      ...source.records.filter((record) => record.kind !== "context"),
    ];
    const parts: Uint8Array[] = [
      encodeSessionLogHeader({ sessionId: "hostile", projectId: "default", createdAt: first?.at ?? 0 }),
    ];
    for (let i = 0; i < records.length; i += 20) {
      parts.push(encodeSessionLogEntry(encoder.encode(records.slice(i, i + 20))));
    }

    await page.goto(`${server.url}/dump`);
    const chooser = page.locator("input[type=file]");
    await chooser.waitFor({ state: "attached" });
    const carried: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "GET" || request.postDataBuffer() !== null) carried.push(request.url());
    });
    await chooser.setInputFiles({
      name: "hostile.peerscope",
      mimeType: "application/octet-stream",
      buffer: Buffer.concat(parts),
    });
    await page.getByTestId("verdict-headline").waitFor();
    await page.getByText(hostile).first().waitFor();
    await page.getByRole("tab", { name: /^Events/ }).click();
    await page.getByRole("button", { name: hostile }).waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).not.toBe("hit");
    expect(carried).toEqual([]);
  });

  test("that nobody understands is refused with a reason", async () => {
    await page.goto(`${server.url}/dump`);
    await page.locator("input[type=file]").setInputFiles({
      name: "holiday.jpg",
      mimeType: "image/jpeg",
      buffer: Buffer.from("not a dump at all\n"),
    });
    await page.getByRole("heading", { name: "This file could not be opened" }).waitFor();
    await page.getByText("file-not-understood").waitFor();
  });
});
