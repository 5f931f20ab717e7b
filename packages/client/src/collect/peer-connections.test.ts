import { applySdpDifference, type EventData, type EventName, type RecordedSdp } from "@peerscope/schema";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Emit } from "../recorder.ts";
import { toPlain } from "../sample/plain-copy.ts";
import {
  FakeDtlsTransport,
  FakePeerConnection,
  FakeSender,
  FakeTrack,
  FakeTransceiver,
  FakeTransport,
} from "../testing/fake-webrtc.ts";
import { createApiCalls } from "./api-calls.ts";
import { watchPeerConnections, type PeerConnections } from "./peer-connections.ts";
import { createPrivacyRule } from "./privacy.ts";
import { createTrackLook } from "./tracks.ts";
import { createTransportLook } from "./transports.ts";
import { createWrapper, type Wrapper } from "./wrap.ts";

interface Told {
  readonly name: EventName;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

let told: Told[];
let time: number;
let failures: unknown[];
let samples: string[];
let wrapper: Wrapper;
let connections: PeerConnections;

beforeEach(() => {
  told = [];
  time = 1_000;
  failures = [];
  samples = [];
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpSender", FakeSender);
  vi.stubGlobal("RTCRtpTransceiver", FakeTransceiver);
  vi.stubGlobal("MediaStreamTrack", FakeTrack);
  const rule = createPrivacyRule(false);
  const emit: Emit = (name, data, id) => {
    told.push({ name, id, data: toPlain(data, rule, { left: 80_000 }) as Record<string, unknown> });
  };
  const attempt = <T>(_: string, run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  const listen = (target: EventTarget, type: string, listener: (event: Event) => unknown): void =>
    target.addEventListener(type, (event) => void attempt(type, () => listener(event)));
  wrapper = createWrapper(attempt);
  connections = watchPeerConnections(
    { attempt, emit } as Parameters<typeof watchPeerConnections>[0],
    wrapper,
    listen,
    createApiCalls(emit, () => time, rule),
    ({ id }) => samples.push(id),
  );
  connections.extend(createTrackLook(emit, listen));
  connections.extend(createTransportLook(emit, listen));
});

afterEach(() => {
  wrapper.restore();
  vi.unstubAllGlobals();
  expect(failures).toEqual([]);
});

function dataOf<Name extends EventName>(name: Name): EventData[Name][] {
  return told.filter((event) => event.name === name).map(({ data }) => data as unknown as EventData[Name]);
}

const make = (): FakePeerConnection =>
  Reflect.construct(RTCPeerConnection, []) as unknown as FakePeerConnection;

/** Calls with their outcome, as a reader joins them. */
function callsOf(): unknown[] {
  return dataOf("api-settled").map(({ callId, method, outcome, error, result }) => {
    const called = dataOf("api-called").find((call) => call.callId === callId);
    return { method, outcome, given: called?.arguments, error: error?.name, result };
  });
}

describe("calls", () => {
  it("of a constructor that throws are told", () => {
    const Constructor = RTCPeerConnection as unknown as typeof FakePeerConnection;
    expect(() => new Constructor({ fails: true })).toThrow(SyntaxError);
    expect(callsOf()).toEqual([
      {
        method: "RTCPeerConnection",
        outcome: "rejected",
        given: { configuration: { fails: true } },
        error: "SyntaxError",
      },
    ]);
  });

  it("of getStats by the app are told only when they fail", async () => {
    const pc = make();
    await pc.getStats();
    expect(callsOf()).toEqual([]);
    const asked = pc.getStats("selector");
    time += 25;
    await expect(asked).rejects.toThrow("no such track");
    expect(dataOf("api-called")).toEqual([]);
    expect(dataOf("api-settled")).toMatchObject([
      { method: "getStats", outcome: "rejected", durationMs: 25 },
    ]);
  });

  it("of the app on what is no such object are its own faults, not those of the SDK", async () => {
    const calls = [
      [FakePeerConnection, "close"],
      [FakePeerConnection, "createOffer"],
      [FakeSender, "replaceTrack"],
      [FakeTrack, "stop"],
    ] as const;
    for (const [owner, method] of calls) {
      for (const self of [undefined, {}, Object.create(owner.prototype) as object]) {
        const run = async (): Promise<unknown> =>
          await Reflect.apply(Reflect.get(owner.prototype, method) as () => unknown, self, [null]);
        await run().catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
      }
    }
    expect(failures).toEqual([]);
    expect(connections.check()).toEqual([]);
  });

  it("on senders, transceivers and tracks say what they were called on", async () => {
    const pc = make();
    const track = new FakeTrack();
    const transceiver = pc.addTransceiver(track);
    transceiver.mid = "0";
    const described = { mid: "0", receiverTrackId: transceiver.receiver.track.id };
    told = [];
    await transceiver.sender.setParameters({ encodings: [{ maxBitrate: 1 }] });
    expect(() => transceiver.setCodecPreferences([])).toThrow("no codecs");
    await track.applyConstraints({ width: 320, deviceId: "other-device" });
    await expect(track.applyConstraints({ width: 1 })).rejects.toThrow(RangeError);
    new FakeTrack("audio").stop();
    expect(callsOf()).toMatchObject([
      {
        method: "setParameters",
        given: { transceiver: described, parameters: { encodings: [{ maxBitrate: 1 }] } },
      },
      { method: "setCodecPreferences", outcome: "rejected", given: { transceiver: described, codecs: [] } },
      {
        method: "applyConstraints",
        given: { track: { trackId: track.id, kind: "video" }, constraints: { width: 320, deviceId: true } },
        result: { width: 320, deviceId: true, groupId: true },
      },
      { method: "applyConstraints", outcome: "rejected", error: "RangeError" },
      { method: "stop", given: { track: { kind: "audio" } } },
    ]);
    const ids = told.filter(({ name }) => name === "api-called").map(({ id }) => id);
    expect(ids).toEqual(["pc-1", "pc-1", "pc-1", "pc-1", undefined]);
  });
});

describe("session descriptions", () => {
  /** The text of each description, put together as a reader does. */
  function textsOf(): (readonly [method: string, type: unknown, sdp: string | null])[] {
    const texts = new Map<unknown, string>();
    return told
      .filter(({ name }) => name.startsWith("api-"))
      .flatMap(({ data }) => {
        const { method, callId, result } = data as { method: string; callId: number; result?: unknown };
        const given = data["arguments"] as { readonly description?: unknown } | undefined;
        const description = (result ?? given?.description) as { type: string; sdp: RecordedSdp } | undefined;
        if (!description?.sdp) return [];
        const { type, sdp } = description;
        const text = typeof sdp === "string" ? sdp : applySdpDifference(texts.get(sdp[0]) ?? "", sdp);
        texts.set(callId, text ?? "");
        return [[method, type, text] as const];
      });
  }

  it("are whole once and differences after that, from which every text comes back", async () => {
    const pc = make();
    const created = (await pc.createOffer()) as { type: string; sdp: string };
    const { sdp } = created;
    const munged = sdp.replace("111", "111 63");
    await pc.setLocalDescription({ ...created, sdp: munged });
    await pc.setRemoteDescription({ type: "answer", sdp: munged.replace("mid:0", "mid:0\r\na=recvonly") });
    pc.sdp = `${sdp}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n`;
    await pc.setLocalDescription();
    expect(textsOf()).toEqual([
      ["createOffer", "offer", sdp],
      ["setLocalDescription", "offer", munged],
      ["setRemoteDescription", "answer", munged.replace("mid:0", "mid:0\r\na=recvonly")],
      ["setLocalDescription", "offer", pc.sdp],
    ]);
    const [offer, local] = [dataOf("api-settled")[0]?.result, dataOf("api-called")[1]?.arguments];
    expect(offer).toEqual({ type: "offer", sdp });
    // The app's munging is what is said.
    expect(local).toEqual({
      description: { type: "offer", sdp: [1, 0, 1, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r", 2, 2] },
    });
  });

  it("that the app did not touch are said to be equal", async () => {
    const pc = make();
    await pc.setLocalDescription((await pc.createOffer()) as { type: string; sdp: string });
    expect(dataOf("api-called")[1]?.arguments).toEqual({ description: { type: "offer", sdp: [1, 0, 4] } });
    expect(dataOf("api-settled")[1]?.result).toBeUndefined();
  });

  it("of each connection stand for themselves, and a refused one is said too", async () => {
    await make().createOffer();
    await make().createOffer();
    await expect(make().setRemoteDescription({ type: "offer", sdp: "nonsense" })).rejects.toThrow("nonsense");
    expect(dataOf("api-settled").map(({ result }) => typeof result?.["sdp"])).toEqual([
      "string",
      "string",
      "undefined",
    ]);
    expect(dataOf("api-called")[2]?.arguments).toEqual({ description: { type: "offer", sdp: "nonsense" } });
  });

  it("of any length keep within what a record holds", async () => {
    const pc = make();
    pc.sdp = Array.from({ length: 9_000 }, (_, line) => `a=line:${line}`).join("\r\n");
    await pc.createOffer();
    const sdp = dataOf("api-settled")[0]?.result?.["sdp"];
    expect(sdp).toBe(pc.sdp.slice(0, 60_000));
  });
});

describe("senders, tracks and transceivers", () => {
  it("are joined by an event when first seen, and whenever something changes", async () => {
    const pc = make();
    const transceiver = pc.addTransceiver("video");
    const [first, second] = [new FakeTrack(), new FakeTrack()];
    await transceiver.sender.replaceTrack(first);
    transceiver.mid = "0";
    transceiver.currentDirection = "sendonly";
    connections.check();
    connections.check();
    await transceiver.sender.replaceTrack(second);
    transceiver.direction = "inactive";
    connections.check();
    expect(
      dataOf("transceiver-changed").map(({ mid, direction, currentDirection, senderTrackId }) => [
        mid,
        direction,
        currentDirection,
        senderTrackId,
      ]),
    ).toEqual([
      [null, "sendrecv", null, null],
      [null, "sendrecv", null, first.id],
      ["0", "sendrecv", "sendonly", first.id],
      ["0", "sendrecv", "sendonly", second.id],
      ["0", "inactive", "sendonly", second.id],
    ]);
    expect(dataOf("sender-track-replaced")).toEqual([
      { from: null, to: first.id, kind: "video" },
      { from: first.id, to: second.id, kind: "video" },
    ]);
    expect(dataOf("track-state-changed").map(({ trackId }) => trackId)).toEqual([first.id, second.id]);
  });

  it("of a track tell settings once, and every change", async () => {
    const pc = make();
    const track = new FakeTrack();
    pc.addTransceiver(track);
    track.contentHint = "detail";
    connections.check();
    track.muted = true;
    track.dispatchEvent(new Event("mute"));
    track.stop();
    const states = dataOf("track-state-changed");
    expect(states).toMatchObject([
      { enabled: true, muted: false, source: "camera", settings: { width: 640, deviceId: true } },
      { contentHint: "detail" },
      { muted: true },
      { readyState: "ended", stoppedByApp: true },
    ]);
    expect(states.slice(1).map(({ settings }) => settings)).toEqual([undefined, undefined, undefined]);
    expect(JSON.stringify(told)).not.toMatch(/secret-device|secret-group|Kim/);
  });

  it("of the other end are told with their streams", () => {
    const pc = make();
    const transceiver = pc.addTransceiver("audio");
    transceiver.mid = "1";
    const { track } = transceiver.receiver;
    pc.dispatchEvent(
      Object.assign(new Event("track"), { track, transceiver, streams: [{ id: "s1" }, { id: "s2" }] }),
    );
    expect(dataOf("remote-track-added")).toEqual([
      { trackId: track.id, kind: "audio", mid: "1", streamIds: ["s1", "s2"] },
    ]);
    expect(dataOf("track-state-changed")).toMatchObject([{ trackId: track.id, direction: "remote" }]);
  });
});

describe("transports", () => {
  it("are watched when the negotiation is over, each once, with the pair that is used", () => {
    const pc = make();
    const dtls = new FakeDtlsTransport();
    for (const mid of ["0", "1"]) {
      const transceiver = pc.addTransceiver("audio");
      transceiver.mid = mid;
      transceiver.sender.transport = dtls;
    }
    pc.sctp = Object.assign(new FakeTransport(), { transport: dtls, state: "connecting" });
    pc.signalingState = "have-local-offer";
    connections.check();
    expect(told.some(({ name }) => /^(dtls|sctp|ice-transport)/.test(name))).toBe(false);
    pc.signalingState = "stable";
    connections.check();
    connections.check();
    const ice = dtls.iceTransport;
    const candidate = (type: string, address: string) => ({
      type,
      address,
      protocol: "udp",
      port: 9,
      priority: 1,
    });
    ice.change("checking");
    ice.pair = { local: candidate("host", "192.0.2.77"), remote: candidate("relay", "2001:db8:1:2::9") };
    ice.dispatchEvent(new Event("selectedcandidatepairchange"));
    ice.change("connected");
    dtls.change("connecting");
    pc.sctp.change("connected");
    dtls.dispatchEvent(
      Object.assign(new Event("error"), {
        error: {
          errorDetail: "dtls-failure",
          message: "from 192.0.2.77",
          receivedAlert: 40,
          sentAlert: null,
        },
      }),
    );
    dtls.change("failed");
    expect(
      told
        .filter(({ name }) => /^(dtls|sctp|ice-transport|selected)/.test(name))
        .map(({ name, data }) => [name, data]),
    ).toEqual([
      ["sctp-state-changed", { state: "connecting" }],
      ["ice-transport-state-changed", { state: "checking", mid: "0" }],
      [
        "selected-candidate-pair-changed",
        {
          local: { type: "host", address: "192.0.2.0", protocol: "udp", port: 9 },
          remote: { type: "relay", address: "2001:db8:1::", protocol: "udp", port: 9 },
          mid: "0",
        },
      ],
      ["ice-transport-state-changed", { state: "connected", mid: "0" }],
      ["dtls-state-changed", { state: "connecting", mid: "0" }],
      ["sctp-state-changed", { state: "connected" }],
      [
        "dtls-failed",
        {
          errorDetail: "dtls-failure",
          message: "from 192.0.2.0",
          receivedAlert: 40,
          sentAlert: null,
          mid: "0",
        },
      ],
      ["dtls-state-changed", { state: "failed", mid: "0" }],
    ]);
  });

  it("are looked at again, as a state may have changed without an event", () => {
    const pc = make();
    pc.sctp = Object.assign(new FakeTransport(), { transport: new FakeDtlsTransport(), state: "connecting" });
    connections.check();
    pc.sctp.state = "connected";
    connections.check();
    pc.sctp.dispatchEvent(new Event("statechange"));
    expect(dataOf("sctp-state-changed")).toEqual([{ state: "connecting" }, { state: "connected" }]);
  });
});

describe("data channels", () => {
  it("tell their states, errors, and what they cannot get rid of", () => {
    const pc = make();
    const channel = pc.createDataChannel("chat");
    channel.change("open", "open");
    channel.dispatchEvent(new Event("open"));
    for (const bufferedAmount of [900_000, 1_000_001, 2_000_000, 500_001, 500_000, 900_000]) {
      channel.bufferedAmount = bufferedAmount;
      connections.check();
    }
    channel.dispatchEvent(
      Object.assign(new Event("error"), { error: { errorDetail: "sctp-failure", sctpCauseCode: 12 } }),
    );
    channel.change("closing", "closing");
    channel.change("closed", "close");
    channel.bufferedAmount = 3_000_000;
    connections.check();
    const name = "data-channel-state-changed";
    expect(
      told.filter((event) => event.name.startsWith("data")).map((event) => [event.name, event.data]),
    ).toMatchObject([
      [name, { state: "connecting", label: "chat", id: 1, ordered: true, bufferedAmount: 0 }],
      [name, { state: "open" }],
      ["data-channel-buffer-changed", { bufferedAmount: 1_000_001 }],
      ["data-channel-buffer-changed", { bufferedAmount: 500_000 }],
      ["data-channel-failed", { label: "chat", errorDetail: "sctp-failure", sctpCauseCode: 12 }],
      [name, { state: "closing" }],
      [name, { state: "closed" }],
    ]);
  });
});

describe("a connection", () => {
  it("is sampled when it becomes connected and before it is closed, and forgotten then", () => {
    const pc = make();
    pc.change("connectionState", "connecting");
    pc.change("connectionState", "connected");
    expect(samples).toEqual(["pc-1"]);
    expect(connections.check()).toHaveLength(1);
    pc.close();
    expect(samples).toEqual(["pc-1", "pc-1"]);
    expect(connections.check()).toEqual([]);
    expect(dataOf("connection-state-changed").map(({ state }) => state)).toEqual(["connecting", "connected"]);
    expect(dataOf("connection-closed")).toEqual([{ reason: "closed-by-app" }]);
  });

  it("that is closed tells what the app still calls on it, and nothing else", async () => {
    const pc = make();
    pc.close();
    pc.close();
    expect(samples).toEqual(["pc-1"]);
    const refused = pc.createOffer();
    await expect(refused).rejects.toThrow("closed");
    expect(callsOf()).toMatchObject([
      { method: "close", outcome: "fulfilled" },
      { method: "close", outcome: "fulfilled" },
      { method: "createOffer", outcome: "rejected", error: "InvalidStateError" },
    ]);
    expect(dataOf("connection-closed")).toHaveLength(1);
    expect(dataOf("connection-created")).toHaveLength(1);
    expect(connections.check()).toEqual([]);
  });

  it("is seen from its first call on when it was there before", async () => {
    const early = new FakePeerConnection();
    early.connectionState = "connected";
    await early.createOffer();
    expect(dataOf("connection-created")).toEqual([{ configuration: { bundlePolicy: "balanced" } }]);
    expect(dataOf("connection-state-changed")).toEqual([{ state: "connected" }]);
  });
});
