import { createSessionObserver } from "@peerscope/observer";
import type { SampleRecord, SessionAnalysis, SessionRecord } from "@peerscope/schema";
import { captureNames, readCapture } from "@peerscope/scenarios";
import { describe, expect, test } from "vitest";
import { createRtcstatsFrames } from "./frames.ts";
import { callsWithRtcstats, readRecordedSockets, readSocket } from "./testing/recorded-frames.ts";
import { createReferenceEncoder } from "./testing/reference-encoder.ts";

/** Raw reports as an rtcstats client would have sent them, read again. */
function throughRtcstats(samples: readonly SampleRecord[]): SampleRecord[] {
  const records: SessionRecord[] = [];
  const frames = createRtcstatsFrames({
    sessionId: "a",
    sink: {
      record: (_, record) => void records.push(record),
      skipped: ({ reason }) => expect.unreachable(reason),
    },
  });
  const encoders = new Map<string, ReturnType<typeof createReferenceEncoder>>();
  for (const { connectionId, stats, at } of samples) {
    const encode = encoders.get(connectionId) ?? createReferenceEncoder(connectionId);
    encoders.set(connectionId, encode);
    // Whole times: what a client rounds has nothing to do with reports.
    frames.push(encode(stats, at));
  }
  return records.filter((record) => record.kind === "sample");
}

function analyse(records: readonly SessionRecord[]): SessionAnalysis {
  const observer = createSessionObserver({ sessionId: "session" });
  for (const record of records) observer.push(record);
  return observer.finish();
}

interface Told {
  readonly id: string;
  readonly about: string;
  readonly startedAt: number;
  readonly clearedAt: number;
}

/** What is above info, without the names that statistics objects have. */
function told({ observations }: SessionAnalysis): Told[] {
  return observations
    .filter(({ severity }) => severity !== "info")
    .map(({ id, scope, startedAt, clearedAt }) => ({
      id,
      about: [id, scope.direction, scope.kind].filter(Boolean).join(" "),
      startedAt,
      clearedAt: clearedAt ?? Number.NaN,
    }))
    .sort((a, b) => (a.about < b.about ? -1 : a.about > b.about ? 1 : a.startedAt - b.startedAt));
}

const verdictOf = ({ verdict }: SessionAnalysis): string => `${verdict.statedCause} ${verdict.faultDomain}`;

describe("reports said by their differences", () => {
  /** How often each was seen in the 25,535 objects of 13 calls: docs/reference/interop.md lists them. */
  const losses = new Map([
    ["lost outbound-rtp.frameHeight", 4],
    ["lost outbound-rtp.frameWidth", 4],
    ["lost remote-outbound-rtp.roundTripTime", 5],
    ["stale inbound-rtp.googTimingFrameInfo", 30],
  ]);
  const dropped = new Set([
    "mediaType",
    "isRemote",
    "ip",
    "writable",
    "localCertificateId",
    "remoteCertificateId",
  ]);

  const identifying = [
    "type",
    "ssrc",
    "kind",
    "mimeType",
    "payloadType",
    "sdpFmtpLine",
    "foundation",
    "address",
    "port",
    "priority",
    "usernameFragment",
    "requestsSent",
    "lastPacketReceivedTimestamp",
    "url",
  ];

  test("come out with every object, time and member, but for what the format is known to lose", () => {
    const found = new Map<string, number>();
    const count = (what: string): void => void found.set(what, (found.get(what) ?? 0) + 1);
    let objects = 0;
    for (const name of callsWithRtcstats) {
      for (const { samples } of readCapture(name).sessions) {
        const read = throughRtcstats(samples);
        expect(read).toHaveLength(samples.length);
        /** By connection and id what the reader calls the object, and the names that are given. */
        const numbers = new Map<string, string>();
        const taken = new Set<string>();
        for (const [index, { stats, connectionId }] of samples.entries()) {
          const ours = new Map(read[index]?.stats.map((object) => [object.id, object]));
          const theirs = stats.filter(({ type }) => type !== "certificate");
          if (ours.size !== theirs.length) count("number of objects");
          for (const object of theirs) {
            objects += 1;
            const key = `${connectionId} ${object.id}`;
            // The first time an object is told by what it is; from then on by its number.
            const number =
              numbers.get(key) ??
              [...ours.values()].find(
                (one) =>
                  !taken.has(`${connectionId} ${one.id}`) &&
                  identifying.every((member) => one[member] === object[member]),
              )?.id;
            const same = ours.get(number ?? "");
            if (same === undefined || number === undefined) {
              count(`missing ${object.type}`);
              continue;
            }
            numbers.set(key, number);
            taken.add(`${connectionId} ${number}`);
            if (same.timestamp !== object.timestamp) count(`time of ${object.type}`);
            for (const [member, value] of Object.entries(object)) {
              if (member === "id" || dropped.has(member)) continue;
              const given = same[member];
              const isReference =
                typeof value === "string" && numbers.get(`${connectionId} ${value}`) === given;
              if (given === undefined) count(`lost ${object.type}.${member}`);
              else if (
                !isReference &&
                !member.endsWith("Id") &&
                JSON.stringify(given) !== JSON.stringify(value)
              ) {
                count(`wrong ${object.type}.${member}`);
              }
            }
            for (const member of Object.keys(same)) {
              if (!(member in object)) count(`stale ${object.type}.${member}`);
            }
          }
        }
      }
    }
    expect(objects).toBe(25_535);
    expect(found).toEqual(losses);
  });

  test.each(captureNames)("%s: lead to the same observations and verdict as the raw reports", (name) => {
    for (const { samples } of readCapture(name).sessions) {
      const [raw, read] = [analyse(samples), analyse(throughRtcstats(samples))];
      expect(told(read)).toEqual(told(raw));
      expect(verdictOf(read)).toBe(verdictOf(raw));
      expect(read.score.value).toEqual(raw.score.value);
    }
  });
});

/**
 * What frames of unmodified clients lead to besides what raw reports of the same call do, and why it cannot be otherwise; "+" is what only
 * rtcstats shows, "-" what it does not show. The client asks for its reports at other times than the recorder did, half a second apart
 * on average: what is near a limit can be on either side of it.
 */
const differences: { readonly [call: string]: readonly string[] } = {
  // The client tells how busy the processor is, and it was.
  "good-call": [
    "a + system-pressure",
    "a states system-pressure unknown, not null unknown",
    "b + system-pressure",
    "b states system-pressure unknown, not null unknown",
  ],
  "turn-relay": ["a + system-pressure", "b + system-pressure"],
  // Other instants.
  "loss-10": [
    "a quality-low-sustained inbound audio: begins -2 s later",
    "a quality-low-sustained inbound audio: ends -2 s later",
  ],
  "high-jitter": ["b downlink-jitter inbound audio: begins -3 s later"],
  "cap-150kbps": ["b av-desync inbound: begins -3 s later", "b + downlink-loss inbound audio"],
  "cpu-throttle": ["a + av-desync inbound", "a + av-desync inbound"],
  "outage-8s": [
    // Five seconds of silence are over just when the browser stops sending, too.
    "a - transport-stalled",
    "a + quality-low-sustained inbound audio",
    "a states downlink-outage unknown, not transport-stalled unknown",
    "b + quality-low-sustained inbound audio",
  ],
  "sfu-3p": [
    "a quality-low-sustained inbound audio: begins -4 s later",
    "a quality-low-sustained inbound audio: ends -4 s later",
    "a quality-low-sustained inbound audio: begins -4 s later",
    "a quality-low-sustained inbound audio: ends -4 s later",
    "b + downlink-loss inbound video",
    "c quality-low-sustained inbound audio: begins -2 s later",
    "c quality-low-sustained inbound audio: ends -2 s later",
  ],
  // Its first report is made when the connection has failed, and then the pairs that were tried are gone.
  "ice-failure-initial": [
    "a - ice-checks-failed",
    "a states connection-never-established unknown, not ice-checks-failed unknown",
    "b - ice-checks-failed",
    "b states connection-never-established unknown, not ice-checks-failed unknown",
  ],
  // Raw reports hold no events.
  "gum-denied": [
    "a + media-permission-denied outbound audio",
    "a + media-permission-denied outbound video",
    "a states media-permission-denied publisher-device, not null unknown",
  ],
};

/** Longest time between the two for the same observation: a step of the analysis, and the second between two samples. */
const toleranceMs = 2_000;

test.each(callsWithRtcstats)(
  "%s: frames of an unmodified client say what raw reports of the call say",
  (name) => {
    const found: string[] = [];
    for (const socket of readRecordedSockets(name)) {
      const { peer } = socket;
      const { records, skipped } = readSocket(socket);
      expect(skipped).toEqual([]);
      const samples = readCapture(name).sessions.find((session) => session.peer === peer)?.samples ?? [];
      const [raw, read] = [analyse(samples), analyse(records)];
      const ours = told(read);
      for (const one of told(raw)) {
        const index = ours.findIndex(({ about }) => about === one.about);
        const [same] = index < 0 ? [] : ours.splice(index, 1);
        if (same === undefined) found.push(`${peer} - ${one.about}`);
        else {
          const [begin, end] = [same.startedAt - one.startedAt, same.clearedAt - one.clearedAt];
          if (Math.abs(begin) > toleranceMs)
            found.push(`${peer} ${one.about}: begins ${Math.round(begin / 1000)} s later`);
          if (Math.abs(end) > toleranceMs)
            found.push(`${peer} ${one.about}: ends ${Math.round(end / 1000)} s later`);
        }
      }
      for (const { about } of ours) found.push(`${peer} + ${about}`);
      if (verdictOf(read) !== verdictOf(raw))
        found.push(`${peer} states ${verdictOf(read)}, not ${verdictOf(raw)}`);
    }
    expect(found).toEqual(differences[name] ?? []);
  },
);
