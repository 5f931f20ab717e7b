import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { importSessions, recordedCapture, replay } from "./recorded-sessions.ts";

/**
 * Somebody complains: "yesterday I could not hear the other person". All that is known is a user id and a day. The answer has to be
 * found by somebody who knows nothing of WebRTC.
 */
const timeZone = "Asia/Kolkata";
const offsetMs = 5.5 * 3_600_000;
const dayMs = 86_400_000;
const today = Math.floor((Date.now() + offsetMs) / dayMs) * dayMs - offsetMs;
const at = (days: number, hours: number): number => today + days * dayMs + hours * 3_600_000;

interface Complaint {
  readonly problem: string;
  readonly capture: string;
  /** Who complains, and who else is there. */
  readonly peer: string;
  readonly user: string;
  readonly users: Readonly<Record<string, string>>;
  /** What the page has to say, and what it must not. */
  readonly answer: RegExp;
  readonly wrong: RegExp;
  readonly advice: RegExp;
}

const complaints: readonly Complaint[] = [
  {
    problem: "the way out of the one who spoke lost packets",
    capture: "sfu-loss-8-up",
    peer: "b",
    user: "customer-2001",
    users: { a: "agent-anna", b: "customer-2001", c: "agent-cleo" },
    answer: /Likely cause: agent-anna's (outgoing )?line/,
    wrong: /Likely cause: (this person|customer-2001|agent-cleo)/,
    advice: /cable|Wi-Fi/,
  },
  {
    problem: "their own way in lost packets",
    capture: "sfu-loss-8-down",
    peer: "a",
    user: "customer-2002",
    users: { a: "customer-2002", b: "agent-ben", c: "agent-cleo" },
    answer: /Likely cause: this person's incoming line/,
    wrong: /Likely cause: (agent|the other)/,
    advice: /cable|Wi-Fi/,
  },
  {
    problem: "the other one had switched the microphone off",
    capture: "muted-mic",
    peer: "b",
    user: "customer-2003",
    users: { a: "agent-anna", b: "customer-2003" },
    answer: /agent-anna’s microphone was switched off from 00:1\d to 00:2\d \(0:15\): nobody could hear them/,
    wrong: /Likely cause|got lost|device/,
    advice: /./,
  },
  {
    problem: "the device of the one who spoke was too slow",
    capture: "cpu-15",
    peer: "b",
    user: "customer-2004",
    users: { a: "agent-anna", b: "customer-2004" },
    answer: /Likely cause: agent-anna's device/,
    wrong: /Likely cause: (this person|customer)/,
    advice: /close other programs/i,
  },
  {
    problem: "no connection came about",
    capture: "ice-failure-initial",
    peer: "a",
    user: "customer-2005",
    users: { a: "customer-2005", b: "agent-ben" },
    answer: /No network path to the other side was found/,
    wrong: /Likely cause/,
    advice: /another network|firewall/i,
  },
];

/** Words that a support agent does not have to know. */
const jargon = /\b(rtp|rtcp|ice|stun|turn|sdp|ssrc|nack|pli|codec|jitter|bitrate|packet|outbound|inbound)\b/i;

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: timeZone,
    colorScheme: "light",
  });
  const good = recordedCapture("good-call");
  for (const { capture, user, users, peer } of complaints) {
    // At three in the morning: in UTC that is the day before, as the call of the evening before it is.
    const bad = replay(recordedCapture(capture), { startAt: at(-1, 3), callId: `call-${user}`, users });
    const before = replay(good, {
      startAt: at(-2, 20),
      callId: `before-${user}`,
      users: { [peer]: user },
    });
    await importSessions(server, [...bad, ...before]);
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

interface Found {
  readonly text: string;
  readonly headline: string;
  readonly screens: number;
  readonly steps: number;
  readonly seconds: number;
}

/** From the start page to the answer. A step is a click, or a key that does something; typing the words is one. */
async function look(page: Page, { user, capture, peer }: Complaint, withKeys: boolean): Promise<Found> {
  const screens = new Set<string>();
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) screens.add(new URL(frame.url()).pathname);
  });
  const began = performance.now();
  let steps = 0;
  await page.goto(`${server.url}/`);
  const box = page.getByRole("textbox", { name: /^Search sessions/ });
  await box.waitFor();
  steps += 1;
  if (withKeys) await page.keyboard.press("/");
  else await box.click();
  steps += 1;
  await page.keyboard.type(`${user} yesterday`);
  await page.keyboard.press("Enter");
  const row = page.locator(`tr[data-session-id="call-${user}-${peer}"]`);
  await row.waitFor();
  // The day before is another day, although in UTC it is the same.
  await page.waitForFunction(() => document.querySelectorAll("tr[data-session-id]").length === 1);
  steps += 1;
  if (withKeys) {
    // Out of the search, to the list, to its first row.
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
  } else await row.getByRole("link").first().click();
  const verdict = page.getByTestId("verdict");
  await verdict.waitFor();
  // What others in the call know comes a moment later.
  if (capture !== "ice-failure-initial" && capture !== "sfu-loss-8-down")
    await page.getByTestId("in-the-call").waitFor();
  const text = await verdict.innerText();
  const headline = await page.getByTestId("verdict-headline").innerText();
  return { text, headline, screens: screens.size, steps, seconds: (performance.now() - began) / 1000 };
}

async function isFocused(element: Locator): Promise<boolean> {
  return await element.evaluate((node) => node === document.activeElement);
}

describe("“I could not hear the other person yesterday”", () => {
  test.each(complaints)("$problem", async (complaint) => {
    const page = await context.newPage();
    try {
      const found = await look(page, complaint, false);
      expect(found.text).toMatch(complaint.answer);
      expect(found.text).not.toMatch(complaint.wrong);
      expect(found.text).toMatch(complaint.advice);
      expect(found.headline).not.toMatch(jargon);
      expect(found.screens).toBeLessThanOrEqual(3);
      expect(found.steps).toBeLessThanOrEqual(4);
      // The rest of the minute is for reading and typing.
      expect(found.seconds).toBeLessThan(20);
      // The answer is in sight: nobody has to scroll for it.
      const answer = page.getByTestId("verdict").getByText(complaint.answer).last();
      const bounds = await answer.boundingBox();
      expect(bounds === null ? Infinity : bounds.y + bounds.height).toBeLessThan(900);
    } finally {
      await page.close();
    }
  });

  test.each(complaints)("$problem, by keyboard alone", async (complaint) => {
    const page = await context.newPage();
    try {
      const { text, screens } = await look(page, complaint, true);
      expect(text).toMatch(complaint.answer);
      expect(text).not.toMatch(complaint.wrong);
      expect(screens).toBeLessThanOrEqual(3);
      // What proves it is reached by Tab and Enter; without a cause there is nothing to prove.
      const proof = page.getByTestId("verdict").getByRole("button").first();
      if ((await proof.count()) === 0) return;
      for (let step = 0; step < 60 && !(await isFocused(proof)); step += 1) await page.keyboard.press("Tab");
      expect(await isFocused(proof)).toBe(true);
    } finally {
      await page.close();
    }
  });
});
