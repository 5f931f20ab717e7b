import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateSession, recordedTemplates } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  type SessionRecord,
  type StatsObject,
} from "@peerscope/schema";
import { logPath } from "../../packages/server/src/log/log-path.ts";
import type { EmbeddedStore } from "../../packages/server/src/store/testing/embedded-store.ts";

/** What the SDK does: so many frames from one keyframe to the next. */
const framesPerKeyframe = 600;

/** Writes a log into the data folder of a server that is not running yet. */
function writeLog(
  dataDir: string,
  sessionId: string,
  createdAt: number,
  records: readonly SessionRecord[],
): void {
  const encoder = createFrameEncoder();
  const entries: Uint8Array[] = [encodeSessionLogHeader({ sessionId, projectId: "default", createdAt })];
  // What happens before the first sample is one frame, then each sample has its own.
  let batch: SessionRecord[] = [];
  let frames = 0;
  const put = (): void => {
    if (batch.length === 0) return;
    entries.push(
      encodeSessionLogEntry(encoder.encode(batch, { keyframe: frames % framesPerKeyframe === 0 })),
    );
    frames += 1;
    batch = [];
  };
  for (const record of records) {
    batch.push(record);
    if (record.kind === "sample") put();
  }
  put();
  const path = join(dataDir, "logs", logPath("default", sessionId, createdAt));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(entries));
}

/** A recorded call with 10 % loss that goes on for so long, 28 objects a second, with an event of the app every minute. */
export function writeLongSession(dataDir: string, sessionId: string, hours: number): void {
  const [template] = recordedTemplates({ samples: hours * 3_600, intervalMs: 1_000, only: "loss-10" });
  if (template === undefined) throw new Error("There is no template of loss.");
  const startAt = Date.now() - (hours + 1) * 3_600_000;
  const moved = <Kind extends SessionRecord>(record: Kind): Kind => {
    if (record.kind !== "sample") return { ...record, at: record.at + startAt };
    const stats = record.stats.map((object) => ({ ...object, timestamp: object.timestamp + startAt }));
    return { ...record, at: record.at + startAt, stats };
  };
  const marks = template.samples.flatMap((sample, second): SessionRecord[] =>
    second % 60 === 0
      ? [{ kind: "event", at: sample.at, name: "app-event", data: { name: `minute ${second / 60}` } }, sample]
      : [sample],
  );
  const lastAt = template.samples.at(-1)?.at ?? 0;
  writeLog(dataDir, sessionId, startAt, [
    { kind: "context", at: startAt, context: { ...template.context, userId: "ada", callId: "long-day" } },
    ...[...template.opening, ...marks].map(moved),
    ...template.ending.map((event) => ({ ...event, at: lastAt + startAt })),
  ]);
}

/** Numbers of streams of a person: what they send, and what others receive as the same. */
const ssrcOf = (person: number, kind: "audio" | "video"): number =>
  100_000 + person * 2 + (kind === "audio" ? 0 : 1);

interface LargeCall {
  readonly callId: string;
  readonly people: number;
  /** How many others each receives. */
  readonly received: number;
  readonly seconds: number;
}

/** A call over a media server that passes streams on with their numbers; one in ten has a bad line. */
export function writeLargeCall(dataDir: string, { callId, people, received, seconds }: LargeCall): void {
  const startAt = Date.now() - 7_200_000;
  for (let person = 0; person < people; person += 1) {
    const kind = person % 10 === 3 ? "loss" : "good";
    const session = generateSession({
      seed: person,
      durationSeconds: seconds,
      kind,
      startAt: startAt + person * 200,
      userId: `person-${String(person).padStart(3, "0")}`,
      callId,
    });
    const records = session.records.map((record): SessionRecord =>
      record.kind === "sample"
        ? { ...record, stats: record.stats.flatMap((object) => multiplied(object, person, people, received)) }
        : record,
    );
    writeLog(dataDir, `large-call-${person}`, startAt + person * 200, records);
  }
}

function multiplied(object: StatsObject, person: number, people: number, received: number): StatsObject[] {
  const kind = object["kind"] === "audio" ? "audio" : "video";
  if (object.type === "outbound-rtp" || object.type === "remote-inbound-rtp")
    return [{ ...object, ssrc: ssrcOf(person, kind) }];
  if (object.type !== "inbound-rtp" && object.type !== "remote-outbound-rtp") return [object];
  return Array.from({ length: received }, (_, index) => {
    const sender = (person + 1 + index) % people;
    const suffixed = (id: unknown): string => `${String(id)}-${sender}`;
    return {
      ...object,
      id: suffixed(object.id),
      ssrc: ssrcOf(sender, kind),
      ...(typeof object["trackIdentifier"] === "string"
        ? { trackIdentifier: suffixed(object["trackIdentifier"]) }
        : {}),
      ...(typeof object["remoteId"] === "string" ? { remoteId: suffixed(object["remoteId"]) } : {}),
      ...(typeof object["localId"] === "string" ? { localId: suffixed(object["localId"]) } : {}),
      mid: `${kind}-${sender}`,
    };
  });
}

/** Sessions of the last thirty days as the server writes them, made by the store itself. */
export async function fillStore(store: EmbeddedStore, sessions: number): Promise<void> {
  const pick = (list: readonly string[], salt: number): string =>
    `[${list.map((text) => `'${text}'`).join()}][1 + cityHash64(number, ${salt}) % ${list.length}]`;
  const columns: Readonly<Record<string, string>> = {
    projectId: "'default'",
    sessionId: "concat('bulk-', leftPad(toString(number), 8, '0'))",
    leg: "0",
    callId: "concat('call-', toString(intDiv(number, 3)))",
    userId: "concat('user-', toString(cityHash64(number, 1) % 50000))",
    userIds: "[assumeNotNull(userId)]",
    callIds: "[assumeNotNull(callId)]",
    startedAt: "now64(3) - toIntervalSecond(3600 + cityHash64(intDiv(number, 3), 2) % 2592000)",
    lastAt: "startedAt + toIntervalSecond(30 + cityHash64(number, 3) % 3600)",
    ended: "1",
    finished: "1",
    sample: "0",
    score: "if(cityHash64(number, 4) % 50 = 0, NULL, 100 - pow(cityHash64(number, 5) % 100, 2) / 110)",
    scoreClass:
      "if(score IS NULL, 'not-measured', if(assumeNotNull(score) >= 80, 'good', if(assumeNotNull(score) >= 60, 'fair', 'poor')))",
    coverage: "0.98",
    goodMinutes: "12",
    faultDomain: pick(["publisher-uplink", "receiver-downlink", "receiver-device", "unknown"], 6),
    confidence: "0.8",
    statedCause: `if(score > 80, NULL, ${pick(["uplink-loss", "downlink-loss", "cpu-limited", "microphone-silent"], 7)})`,
    observationIds: `if(score > 80, [], [${pick(["uplink-loss", "downlink-loss", "cpu-limited", "microphone-silent", "video-freeze"], 7)}])`,
    worstSeverity: "if(score > 80, 'info', 'major')",
    browser: "concat(browserName, ' ', browserVersion)",
    os: "osName",
    browserName: pick(["Chrome", "Firefox", "Safari", "Edge"], 8),
    browserVersion: "toString(140 + cityHash64(number, 9) % 12)",
    osName: pick(["Windows", "macOS", "Android", "iOS", "Linux"], 10),
    device: pick(["desktop", "mobile"], 11),
    country: pick(["DE", "FR", "US", "IN", "BR", "JP", "GB", "PL"], 12),
    network: pick(["wifi", "ethernet", "cellular"], 13),
    appVersion: "concat('4.', toString(cityHash64(number, 14) % 30))",
    paths: `[${pick(["host", "srflx", "relay"], 15)}]`,
    codecs: "['opus', 'VP8']",
    sdkVersion: "'0.1.0'",
    tags: `map('tenant', concat('t', toString(cityHash64(number, 16) % 200)), 'region', ${pick(["eu", "us", "ap"], 17)})`,
    samples: "1800",
    events: "40",
    connections: "1",
    catalogVersion: "'1'",
    scoreVersion: "'1'",
    version: "1",
    isDeleted: "0",
  };
  const names = Object.keys(columns);
  // In parts: one statement of a million rows is stopped by the limits of the store.
  const part = 250_000;
  for (let from = 0; from < sessions; from += part) {
    const count = Math.min(part, sessions - from);
    await store.client.command({
      query: `INSERT INTO legs (${names.join()}) SELECT ${names.map((name) => `${columns[name]} AS ${name}`).join()} FROM numbers(${from}, ${count})`,
    });
  }
}
