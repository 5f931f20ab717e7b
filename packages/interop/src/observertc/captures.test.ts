import { ClientSampleEncoder as ProtobufEncoder } from "@observertc/samples-encoder";
import { ClientSampleEncoder as DeltaEncoder, type ClientSample } from "@observertc/samples-json-codec";
import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import {
  compareCounters,
  membersOf,
  readCaptureFile,
  readRawSamples,
  readWhole,
} from "../testing/read-whole.ts";
import { createObserverTcSession } from "./session.ts";

const captures = [
  "good-call",
  "loss-10",
  "outage-8s",
  "sfu-3p",
  "ice-failure-initial",
  "firefox-good",
  "cap-150kbps",
  "turn-relay",
] as const;

const samplesOf = (records: readonly SessionRecord[]): SampleRecord[] =>
  records.filter((record) => record.kind === "sample");

/** What docs/reference/interop.md lists: members that are not in ObserveRTC's model. */
const dropped = new Set([
  "candidate-pair.priority",
  "candidate-pair.readable",
  "candidate-pair.selected",
  "candidate-pair.writable",
  "inbound-rtp.discardedPackets",
  "inbound-rtp.googTimingFrameInfo",
  "inbound-rtp.mediaType",
  "inbound-rtp.packetsReceivedWithCe",
  "inbound-rtp.packetsReceivedWithEct1",
  "local-candidate.ip",
  "local-candidate.isRemote",
  "local-candidate.networkType",
  "outbound-rtp.encodingIndex",
  "outbound-rtp.mediaType",
  "outbound-rtp.packetsSentWithEct1",
  "remote-candidate.ip",
  "remote-candidate.isRemote",
  "remote-candidate.networkType",
  "remote-inbound-rtp.mediaType",
  "remote-outbound-rtp.mediaType",
]);

/** Samples that a client emitted in a recorded call, as the npm packages take them. */
function recordedSamples(capture: string, clientId: string): ClientSample[] {
  return Buffer.from(readCaptureFile(capture, "observertc.jsonl.gz"))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly data: ClientSample })
    .filter(({ event, data }) => event === "sample-created" && data.clientId === clientId)
    .map(({ data }) => data);
}

/** Records of one socket. */
function read(
  messages: readonly (string | Uint8Array)[],
  format?: "observertc-delta",
): readonly SessionRecord[] {
  const records: SessionRecord[] = [];
  const session = createObserverTcSession(
    {
      session: () => {},
      record: (_, record) => records.push(record),
      skipped: (what) => expect(what).toBeNull(),
    },
    format === undefined ? {} : { format },
  );
  for (const message of messages) {
    if (typeof message === "string") session.text(message);
    else session.binary(message);
  }
  expect(session.end().records).toBe(records.length);
  return records;
}

describe.each(captures)("the samples of %s", (name) => {
  const source = readWhole("observertc-json", readCaptureFile(name, "observertc.jsonl.gz"));

  it("are a session a client, named as the app named it", () => {
    const peers = name === "sfu-3p" ? ["a", "b", "c"] : ["a", "b"];
    expect(source.sessions.map(({ peer, userId, callId }) => ({ peer, userId, callId }))).toEqual(
      peers.map((peer) => ({ peer: `client-${peer}`, userId: `client-${peer}`, callId: `call-${name}` })),
    );
    for (const { records } of source.sessions) {
      expect(records[0]).toMatchObject({
        kind: "context",
        context: { callId: `call-${name}`, sdkName: "observertc" },
      });
      expect(records.at(-1)).toMatchObject({ kind: "event", name: "session-ended" });
      for (const [index, { at }] of records.entries())
        expect(at).toBeGreaterThanOrEqual(records[index - 1]?.at ?? 0);
    }
  });

  it("have what the page saw, but for the members that the model does not have", () => {
    for (const { peer, records } of source.sessions) {
      const raw = readRawSamples(name, peer?.replace("client-", "") ?? "");
      const page = membersOf(raw);
      const own = membersOf(samplesOf(records));
      const missing = [...page]
        .filter((member) => !own.has(member))
        .map((member) => member.split(" ")[0] ?? "");
      // What came up within the last seconds is in no sample any more: see the times below.
      const lasting = membersOf(raw.slice(Math.floor(raw.length / 2), -5));
      expect(
        missing.filter(
          (member) => !dropped.has(member) && [...lasting].some((one) => one.startsWith(`${member} `)),
        ),
      ).toEqual([]);
      expect([...own].filter((member) => !page.has(member))).toEqual([]);
      const { compared, wrong } = compareCounters(raw, samplesOf(records));
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThan(200);
    }
  });

  it("read the same when only differences are sent", () => {
    for (const clientId of source.sessions.map(({ peer }) => peer ?? "")) {
      const samples = recordedSamples(name, clientId);
      const whole = read(samples.map((sample) => JSON.stringify(sample)));
      const encoder = new DeltaEncoder({ clientId });
      const differences = samples.map((sample) => encoder.encodeToJson(sample));
      expect(read(differences)).toEqual(whole);
      expect(read(differences, "observertc-delta")).toEqual(whole);
      expect(differences.join("").length).toBeLessThan(JSON.stringify(samples).length * 0.8);
    }
  });

  it("read the same as protobuf, but for a `false` that its encoder never sends", () => {
    for (const clientId of source.sessions.map(({ peer }) => peer ?? "")) {
      const samples = recordedSamples(name, clientId);
      const whole = read(samples.map((sample) => JSON.stringify(sample)));
      const encoder = new ProtobufEncoder(clientId);
      const messages = samples.map((sample) => encoder.encodeToBytes(sample as never));
      expect(withoutFalse(read(messages))).toEqual(withoutFalse(whole));
      const base64 = messages.map((message) => Buffer.from(message).toString("base64"));
      expect(withoutFalse(read(base64))).toEqual(withoutFalse(whole));
    }
  });
});

/** Without what samples-encoder 3.0 never sends: `false`, and the times of meta items. */
function withoutFalse(records: readonly SessionRecord[]): unknown {
  return records
    .filter((record) => record.kind !== "event" || record.name !== "devices-listed")
    .map((record) => {
      if (record.kind === "context") return record.context;
      if (record.kind === "event") return record;
      const stats = record.stats.map((object) =>
        Object.fromEntries(Object.entries(object).filter(([, value]) => value !== false)),
      );
      return { ...record, stats };
    });
}

it("tells a refused camera and microphone, which statistics do not show", () => {
  const { sessions } = readWhole("observertc-json", readCaptureFile("gum-denied", "observertc.jsonl.gz"));
  const settled = sessions[0]?.records.filter(
    (record) => record.kind === "event" && record.name === "api-settled",
  );
  expect(settled).toMatchObject([
    {
      data: {
        method: "getUserMedia",
        outcome: "rejected",
        error: { name: "NotAllowedError", message: "Permission denied" },
      },
    },
  ]);
});
