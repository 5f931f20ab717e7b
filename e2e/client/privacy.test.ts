import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { eventsOf, openSdkLab, type SdkLab } from "./sdk-lab.ts";

let browser: Browser;
let lab: SdkLab;

beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openSdkLab()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

/** Everything that a session sent, except the user agent, whose version looks like an address. */
function textOf(sessionId: string): string {
  return JSON.stringify(lab.session(sessionId).records, (name, value: unknown) =>
    name === "userAgent" || name === "browserVersion" ? undefined : value,
  );
}

const call = async (fullAddresses: boolean) => {
  const { lab } = globalThis;
  const monitor = lab.start({ fullAddresses });
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const configuration = {
    iceServers: [
      { urls: "turn:198.51.100.77:3478?transport=udp", username: "name-of-kim", credential: "turn-secret" },
    ],
  };
  const a = new RTCPeerConnection(configuration);
  const b = new RTCPeerConnection();
  await lab.connect(a, b, stream);
  a.setConfiguration(configuration);
  monitor.event("page", { url: `${location.href}&again=secret-query` });
  await lab.pause(1_500);
  await monitor.stop();
  const addresses: string[] = [];
  for (const pc of [a, b]) {
    for (const stats of (await pc.getStats()).values() as Iterable<{ type: string; address?: string }>) {
      if (stats.type.endsWith("candidate") && stats.address) addresses.push(stats.address);
    }
  }
  const labels = stream.getTracks().map((track) => track.label);
  const devices = stream.getTracks().map((track) => track.getSettings().deviceId ?? "");
  return { sessionId: monitor.sessionId, addresses, labels, devices };
};

describe("what leaves the page", () => {
  it("has no whole address, credential, device or query in it", async () => {
    const page = await lab.open(browser);
    const { sessionId, addresses, labels, devices } = await page.evaluate(call, false);
    const text = textOf(sessionId);
    const session = lab.session(sessionId);
    // There was something to hide.
    expect(addresses.length).toBeGreaterThan(0);
    expect(eventsOf(session, "ice-candidate-gathered").length).toBeGreaterThan(0);
    for (const secret of [
      "turn-secret",
      "name-of-kim",
      "secret-query",
      "198.51.100.77",
      ...addresses,
      ...devices,
    ]) {
      expect(text).not.toContain(secret);
    }
    for (const label of labels) expect(text).not.toContain(label);
    const whole = text.match(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.(?!0\b)\d{1,3}\b/g) ?? [];
    expect(whole).toEqual([]);
    expect(text).toContain("turn:198.51.100.0:3478?transport=udp");
    await page.close();
  });

  it("has whole addresses only when the app wants them, and still no secrets", async () => {
    const page = await lab.open(browser);
    const { sessionId, addresses } = await page.evaluate(call, true);
    const text = textOf(sessionId);
    expect(addresses.some((address) => text.includes(address))).toBe(true);
    expect(text).toContain("198.51.100.77");
    for (const secret of ["turn-secret", "name-of-kim", "secret-query"]) expect(text).not.toContain(secret);
    await page.close();
  });

  it("is what the app's redact hook makes of it", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const monitor = globalThis.lab.start({
        redact(record) {
          if (record.kind === "sample") return null;
          if (record.kind === "event" && record.name === "app-event") throw new Error("bug of the app");
          return record.kind === "context"
            ? { ...record, context: { ...record.context, userAgent: "hidden" } }
            : record;
        },
      });
      const pc = new RTCPeerConnection();
      monitor.event("lost");
      await globalThis.lab.pause(1_300);
      pc.close();
      await monitor.stop();
      return monitor.sessionId;
    });
    const session = lab.session(sessionId);
    expect(session.records.filter(({ kind }) => kind === "sample")).toEqual([]);
    expect(session.records[0]).toMatchObject({ context: { userAgent: "hidden" } });
    expect(eventsOf(session, "app-event")).toEqual([]);
    expect(eventsOf(session, "sdk-records-lost").map(({ data }) => data)).toEqual([
      { reason: "redact-failed", samples: 0, events: 1 },
    ]);
    expect(await page.evaluate(() => globalThis.lab.problems)).toEqual([]);
    await page.close();
  });
});
