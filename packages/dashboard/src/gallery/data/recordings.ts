import { generateSession, type SessionKind } from "@peerscope/scenarios/generate";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  type EventData,
  type EventName,
  type JsonObject,
  type SessionContext,
  type SessionRecord,
} from "@peerscope/schema";
import { hostile, minuteMs, noon } from "./people.ts";

/** Recordings of the gallery: made up, with the same seed each time. */
export type RecordingName = SessionKind | "hostile" | "live" | "partial";

const connectionId = "pc-1";
const startAt = noon - 42 * minuteMs;
const durationSeconds = 90;

/** Bytes of the session log, as a file that the page opens like any other. */
export function recording(name: RecordingName): File {
  const records = recordsOf(name);
  const encoder = createFrameEncoder();
  const sessionId = `session-${name}`;
  const parts = [encodeSessionLogHeader({ sessionId, projectId: "default", createdAt: startAt })];
  for (let first = 0; first < records.length; first += 20) {
    const entry = encodeSessionLogEntry(encoder.encode(records.slice(first, first + 20)));
    // A piece in the middle is torn: what follows can be read from the next whole one on.
    if (name === "partial" && first === 40) entry.fill(0xff, 12, 24);
    parts.push(entry);
  }
  return new File(
    parts.map((part) => Uint8Array.from(part)),
    `${name}.peerscope`,
  );
}

function recordsOf(name: RecordingName): readonly SessionRecord[] {
  const kind: SessionKind =
    name === "hostile" ? "muted" : name === "live" || name === "partial" ? "loss" : name;
  const { records } = generateSession({
    seed: 7,
    durationSeconds,
    kind,
    startAt,
    userId: name === "hostile" ? hostile.markup : "kim",
    callId: name === "hostile" ? hostile.long : "stand-up",
  });
  const more = name === "hostile" ? hostileRecords() : kind === "permission-denied" ? [] : surroundings();
  const ended = name === "live" ? records.filter((one) => !isEnd(one)) : records;
  return [...ended, ...more].toSorted((a, b) => a.at - b.at);
}

function isEnd(record: SessionRecord): boolean {
  return record.kind === "event" && /^(session-ended|connection-closed)$/.test(record.name);
}

function event<Name extends EventName>(
  name: Name,
  second: number,
  data: EventData[Name] & JsonObject,
  connection?: string,
): SessionRecord {
  return {
    kind: "event",
    at: startAt + second * 1000,
    name,
    ...(connection === undefined ? {} : { connectionId: connection }),
    data,
  };
}

function context(given: SessionContext): SessionRecord {
  return { kind: "context", at: startAt, context: given };
}

function sdp(codecs: readonly string[], direction: string): string {
  return [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    `a=${direction}`,
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    `m=video 9 UDP/TLS/RTP/SAVPF ${codecs.map((_, place) => 96 + place).join(" ")}`,
    "c=IN IP4 0.0.0.0",
    "a=mid:1",
    `a=${direction}`,
    ...codecs.map((codec, place) => `a=rtpmap:${96 + place} ${codec}/90000`),
    "",
  ].join("\r\n");
}

/** What happens around a call: devices, descriptions, the network, what the app and its user say. */
function surroundings(): SessionRecord[] {
  const describe = (
    second: number,
    callId: number,
    method: string,
    type: string,
    text: string,
  ): SessionRecord[] => [
    event(
      "api-called",
      second,
      { callId, method, arguments: { description: { type, sdp: text } } },
      connectionId,
    ),
    event(
      "api-settled",
      second + 0.02,
      { callId, method, outcome: "fulfilled", durationMs: 20 },
      connectionId,
    ),
  ];
  const microphone = { kind: "audioinput", type: "built-in", device: "5b1f", role: "default" } as const;
  const headset = { kind: "audioinput", type: "headset", device: "a97c" } as const;
  const camera = { kind: "videoinput", type: "usb", device: "07d3" } as const;
  return [
    context({ sdkVersion: "1.2.3", osVersion: "13", hardwareConcurrency: 8, tags: { room: "blue" } }),
    event("permission-state-changed", 0.01, { name: "microphone", state: "granted" }),
    event("permission-state-changed", 0.01, { name: "camera", state: "granted" }),
    event("devices-listed", 0.02, {
      audioInputs: 1,
      videoInputs: 1,
      audioOutputs: 0,
      devices: [microphone, camera],
    }),
    ...describe(0.15, 101, "setLocalDescription", "offer", sdp(["VP8", "VP9", "H264"], "sendrecv")),
    ...describe(0.24, 102, "setRemoteDescription", "answer", sdp(["VP8"], "sendrecv")),
    event(
      "selected-candidate-pair-changed",
      0.5,
      {
        local: { type: "host", protocol: "udp", address: "192.0.2.0", port: 50_000 },
        remote: { type: "srflx", protocol: "udp", address: "198.51.100.0", port: 40_000 },
        mid: "0",
      },
      connectionId,
    ),
    event("network-information-changed", 1, { type: "wifi", effectiveType: "4g", rttMs: 50 }),
    event("app-event", 12, { name: "screen-share-clicked", data: { button: "toolbar" } }),
    event("devices-changed", 20, { audioInputs: 2, videoInputs: 1, audioOutputs: 0, added: [headset] }),
    event("page-visibility-changed", 48, { visible: false }),
    event("page-visibility-changed", 55, { visible: true }),
    ...describe(60, 103, "setLocalDescription", "offer", sdp(["VP9", "VP8"], "sendonly")),
    event("issue-reported", 64, { code: "K7QX2", text: "I cannot hear anybody" }),
    event("call-rated", 88, { value: 2, comment: "Choppy" }),
  ];
}

/** Everything that comes from a client, chosen by somebody who means harm. */
function hostileRecords(): SessionRecord[] {
  const { markup, long, directions, quotes } = hostile;
  return [
    context({
      browserName: markup,
      browserVersion: long,
      osName: directions,
      tags: { [markup]: markup, [long]: long },
    }),
    event("app-event", 5, { name: markup, data: { [markup]: markup, deep: { list: [long, quotes] } } }),
    event("app-event", 6, { name: long }),
    event("app-event", 7, { name: directions }),
    event("issue-reported", 30, { code: markup, text: long }),
    event("media-element-play-refused", 8, { elementId: markup, error: { name: markup, message: long } }),
    event("devices-listed", 1, {
      audioInputs: 1,
      videoInputs: 0,
      audioOutputs: 0,
      devices: [{ kind: "audioinput", type: markup, device: long, role: quotes }],
    }),
    event(
      "api-called",
      9,
      {
        callId: 7,
        method: "setRemoteDescription",
        arguments: {
          description: {
            type: "offer",
            sdp: `v=0\r\ns=${markup}\r\nm=audio 9 ${long} 0\r\na=mid:${markup}\r\n`,
          },
        },
      },
      connectionId,
    ),
    event(
      "api-settled",
      9.1,
      {
        callId: 7,
        method: "setRemoteDescription",
        outcome: "rejected",
        durationMs: 3,
        error: { name: markup, message: long },
      },
      connectionId,
    ),
  ];
}
