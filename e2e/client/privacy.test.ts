import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { startTurnServer, type TurnServer } from "../support/turn-server.ts";
import { eventsOf, openSdkLab, samplesOf, type SdkLab } from "./sdk-lab.ts";

const username = "1700000000:name-of-kim";
const credential = "turn-secret-of-kim";

let browser: Browser;
let lab: SdkLab;
let turn: TurnServer;

beforeAll(async () => {
  [browser, lab, turn] = await Promise.all([
    launchChromium(),
    openSdkLab(),
    startTurnServer({ [username]: credential }),
  ]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
  turn.close();
});

/** Everything that a session said, except the user agent, whose version looks like an address. */
function recordsTextOf(sessionId: string): string {
  return JSON.stringify(lab.session(sessionId).records, (name, value: unknown) =>
    name === "userAgent" || name === "browserVersion" ? undefined : value,
  );
}

/** The bytes themselves, read in the ways in which text is written. */
function bytesTextOf(sessionId: string): string {
  const bytes = Buffer.concat(lab.session(sessionId).frames);
  return [bytes.toString("latin1"), bytes.toString("utf8"), bytes.toString("utf16le")].join("\n");
}

interface CallOptions {
  readonly url: string;
  readonly username: string;
  readonly credential: string;
  readonly fullAddresses: boolean;
}

/** Runs in the page: a relayed call that uses all that could tell something, and what must not be told of it. */
const relayCall = async ({ url, username, credential, fullAddresses }: CallOptions) => {
  const { lab } = globalThis;
  const monitor = lab.start({ fullAddresses });
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const devices = await navigator.mediaDevices.enumerateDevices();
  const configuration: RTCConfiguration = {
    iceTransportPolicy: "relay",
    iceServers: [
      { urls: [url, "turn:198.51.100.77:3478?transport=udp"], username, credential },
      { urls: "stun:198.51.100.78:3478" },
    ],
  };
  const a = new RTCPeerConnection(configuration);
  const b = new RTCPeerConnection(configuration);
  const channel = a.createDataChannel("chat");
  b.addEventListener("datachannel", (event) => event.channel.send("message-text"));
  const descriptions: string[] = [];
  for (const pc of [a, b]) {
    pc.addEventListener("icecandidate", ({ candidate }) => descriptions.push(candidate?.candidate ?? ""));
  }
  await lab.connect(a, b, stream);
  a.setConfiguration(configuration);
  // The forms of the first drafts, munging, and what fails.
  await new Promise((resolve) => {
    void a.createOffer(resolve, resolve);
  });
  const offer = await a.createOffer();
  await a.setLocalDescription({ type: "offer", sdp: offer.sdp?.replace("useinbandfec=1", "usedtx=1") ?? "" });
  await b.setRemoteDescription(offer);
  await b.setLocalDescription(await b.createAnswer());
  if (b.localDescription) await a.setRemoteDescription(b.localDescription);
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  const { deviceId = "" } = video?.getSettings() ?? {};
  await video?.applyConstraints({ deviceId, width: 320 });
  await a.getSenders()[0]?.replaceTrack(audio?.clone() ?? null);
  await b
    .addIceCandidate({ candidate: "candidate:1 1 udp 1 198.51.100.79 9 typ host", sdpMid: "9" })
    .catch(() => {});
  monitor.event("page", { url: `${location.href}&again=secret-query` });
  await lab.pause(1_500);
  const facts: string[] = [];
  let isRelayed = false;
  for (const pc of [a, b]) {
    descriptions.push(pc.localDescription?.sdp ?? "", pc.remoteDescription?.sdp ?? "");
    const report = (await pc.getStats()) as unknown as Map<
      string,
      {
        id: string;
        type: string;
        address?: string;
        candidateType?: string;
        fingerprint?: string;
        base64Certificate?: string;
      }
    >;
    for (const stats of report.values()) {
      if (stats.type.endsWith("candidate") && stats.address) facts.push(stats.address);
      if (stats.type === "certificate")
        facts.push(stats.id, stats.fingerprint ?? "", stats.base64Certificate ?? "");
      isRelayed ||= stats.type === "local-candidate" && stats.candidateType === "relay";
    }
  }
  const changedBefore = lab.changed();
  await monitor.stop();
  const text = descriptions.join("\n");
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? "");
  return {
    sessionId: monitor.sessionId,
    isRelayed,
    isOpen: channel.readyState,
    addresses: [...facts.filter((fact) => /^[\d.]+$/.test(fact)), ...found(/(\d+\.\d+\.\d+\.[1-9]\d*)/g)],
    passwords: found(/ice-pwd:(\S+)/g),
    fingerprints: [...found(/fingerprint:\S+ (\S+)/g), ...facts.filter((fact) => fact.length > 40)],
    // The choice of the system is called "default" in every browser.
    devices: devices.flatMap((device) => [device.deviceId, device.groupId]).filter((id) => id.length > 20),
    labels: devices.map((device) => device.label).filter(Boolean),
    changedBefore,
    changedAfter: lab.changed(),
    watchedProperties: lab.watchedProperties,
    problems: lab.problems,
  };
};

describe("what leaves the page of a relayed call", () => {
  it("has no whole address, credential, password, key, device or query in it", async () => {
    const page = await lab.open(browser);
    const call = await page.evaluate(relayCall, {
      url: turn.url,
      username,
      credential,
      fullAddresses: false,
    });
    await page.close();
    const session = lab.session(call.sessionId);
    expect(session.errors).toEqual([]);
    expect(call.problems).toEqual([]);

    // There was something to hide.
    expect([call.isRelayed, call.isOpen]).toEqual([true, "open"]);
    for (const hidden of ["addresses", "passwords", "fingerprints", "devices", "labels"] as const)
      expect(call[hidden].length, hidden).toBeGreaterThanOrEqual(2);
    expect(eventsOf(session, "ice-candidate-gathered").map(({ data }) => data.type)).toContain("relay");
    expect(samplesOf(session, "pc-1").length).toBeGreaterThan(1);

    const secrets = [
      username,
      "name-of-kim",
      credential,
      "secret-query",
      "message-text",
      "198.51.100.77",
      "198.51.100.78",
      "198.51.100.79",
      ...call.addresses,
      ...call.passwords,
      ...call.fingerprints,
      ...call.devices,
      ...call.labels,
    ];
    const records = recordsTextOf(call.sessionId);
    const bytes = bytesTextOf(call.sessionId);
    for (const secret of new Set(secrets)) {
      expect(records, "records").not.toContain(secret);
      expect(bytes, "bytes").not.toContain(secret);
    }
    expect(records).not.toMatch(/fake[ _]/i);
    const whole = records.match(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.(?!0\b)\d{1,3}\b/g) ?? [];
    expect(whole).toEqual([]);
    expect(records).not.toMatch(/(ice-pwd|inline):[^\\]/);
    expect(records).not.toMatch(/([\dA-F]{2}:){8}/);

    // What diagnosis needs is there all the same.
    expect(records).toContain(turn.url.replace("127.0.0.1", "127.0.0.0"));
    expect(records).toContain("a=fingerprint:sha-256");
    expect(eventsOf(session, "selected-candidate-pair-changed")[0]?.data).toMatchObject({
      local: { type: "relay", protocol: "udp", address: "127.0.0.0" },
    });
  });

  it("leaves the page as it was, once stopped: every property of WebRTC and media", async () => {
    const page = await lab.open(browser);
    const call = await page.evaluate(relayCall, { url: turn.url, username, credential, fullAddresses: true });
    await page.close();
    expect(call.watchedProperties).toBeGreaterThan(500);
    for (const name of [
      "window.RTCPeerConnection",
      "RTCPeerConnection.constructor",
      "RTCPeerConnection.createOffer",
      "RTCPeerConnection.getStats",
      "RTCRtpSender.setParameters",
      "RTCRtpTransceiver.setCodecPreferences",
      "MediaStreamTrack.applyConstraints",
      "MediaDevices.getUserMedia",
    ]) {
      expect(call.changedBefore).toContain(name);
    }
    expect(call.changedAfter).toEqual([]);

    // Whole addresses only when the app wants them, and still no secrets.
    const records = recordsTextOf(call.sessionId);
    expect(call.addresses.some((address) => records.includes(address))).toBe(true);
    expect(records).toContain("198.51.100.77");
    for (const secret of [
      username,
      credential,
      "secret-query",
      ...call.passwords,
      ...call.fingerprints,
      ...call.labels,
    ])
      expect(records).not.toContain(secret);
  });
});

describe("the redact hook of the app", () => {
  it("drops and changes records; what it throws costs that record alone", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const monitor = globalThis.lab.start({
        redact(record) {
          if (record.kind === "sample") return null;
          if (record.kind === "context")
            return { ...record, context: { ...record.context, userAgent: "hidden" } };
          if (record.name === "app-event") throw new Error("bug of the app");
          return record.name === "api-called"
            ? { ...record, data: { ...record.data, arguments: {} } }
            : record;
        },
      });
      const pc = new RTCPeerConnection();
      pc.createDataChannel("name-of-kim");
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
    expect(eventsOf(session, "api-called").map(({ data }) => [data.method, data.arguments])).toEqual([
      ["createDataChannel", {}],
      ["close", {}],
    ]);
    expect(eventsOf(session, "sdk-records-lost").map(({ data }) => data)).toEqual([
      { reason: "redact-failed", samples: 0, events: 1 },
    ]);
    expect(await page.evaluate(() => globalThis.lab.problems)).toEqual([]);
    await page.close();
  });
});
