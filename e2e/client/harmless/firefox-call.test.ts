import { afterAll, beforeAll, expect, it } from "vitest";
import type { Browser } from "puppeteer-core";
import type { EventName, SampleRecord } from "@peerscope/schema";
import { eventually, readAnalysis, readSession } from "../../support/demo-page.ts";
import { launchFirefox } from "../../support/firefox.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../../support/peerscope.ts";
import { readLogOnDisk } from "../../support/session-log.ts";
import { openSdkLab, type SdkLab } from "../sdk-lab.ts";

let browser: Browser;
let lab: SdkLab;
let server: PeerscopeProcess;

beforeAll(async () => {
  ensureBuilt();
  [browser, lab, server] = await Promise.all([launchFirefox(), openSdkLab(), startPeerscope()]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([lab?.close(), server?.stop()]);
});

it("a call in Firefox arrives at a real server, whole, and nobody is accused", async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => errors.push(message.text()));
  await page.goto(`${lab.url}/room`);
  await page.waitForFunction(() => typeof globalThis.lab.startOther === "function");

  const { sessionId, lost, changed, problems } = await page.evaluate(
    async (url, token) => {
      const { lab } = globalThis;
      const monitor = lab.start({ url, token, user: "kim", call: "firefox" });
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      a.createDataChannel("chat");
      const video = document.createElement("video");
      video.muted = true;
      video.autoplay = true;
      b.addEventListener("track", ({ streams }) => {
        video.srcObject = streams[0] ?? null;
      });
      document.body.append(video);
      await lab.connect(a, b, stream);
      await lab.pause(8_000);
      a.close();
      b.close();
      for (const track of stream.getTracks()) track.stop();
      await monitor.stop();
      const { lost } = monitor.status();
      return { sessionId: monitor.sessionId, lost, changed: lab.changed(), problems: lab.problems };
    },
    server.url,
    server.ingestKey,
  );
  expect({ errors, problems, changed, lost }).toEqual({ errors: [], problems: [], changed: [], lost: 0 });

  await eventually("the end of the session", 10_000, async () => {
    const session = await readSession(server, sessionId);
    return session !== null && session.ended && !session.live ? session : null;
  });
  const log = await readLogOnDisk(server.dataDir, sessionId);
  expect(log.problems).toEqual([]);
  expect(log.sequences).toEqual(log.sequences.map((_, index) => index));
  const samples = log.records.filter((record): record is SampleRecord => record.kind === "sample");
  for (const connectionId of ["pc-1", "pc-2"]) {
    const own = samples.filter((sample) => sample.connectionId === connectionId);
    expect(own.length).toBeGreaterThan(5);
    const types = new Set(own.at(-2)?.stats.map(({ type }) => type));
    const media = connectionId === "pc-1" ? ["outbound-rtp", "remote-inbound-rtp"] : ["inbound-rtp"];
    expect([...types]).toEqual(expect.arrayContaining([...media, "candidate-pair", "local-candidate"]));
  }
  const events = new Set(log.records.flatMap((record) => (record.kind === "event" ? [record.name] : [])));
  const due: EventName[] = [
    "connection-created",
    "api-called",
    "api-settled",
    "ice-candidate-gathered",
    "connection-state-changed",
    "dtls-state-changed",
    "track-state-changed",
    "data-channel-state-changed",
    "connection-closed",
  ];
  expect(due.filter((name) => !events.has(name))).toEqual([]);
  expect([events.has("sdk-error"), events.has("sdk-records-lost")]).toEqual([false, false]);

  const { observations } = await readAnalysis(server, sessionId);
  expect(observations.filter(({ severity }) => severity !== "info")).toEqual([]);
});
