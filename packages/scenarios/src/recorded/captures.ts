import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { readGetStatsLines } from "@peerscope/interop";
import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import { readLabEvents } from "./lab-events.ts";
import { toRecords } from "./to-records.ts";
import { parseTruthFile, type TruthEntry } from "./truth-file.ts";
import { truthOf, type CaptureTruth } from "./truth.ts";

/** One participant of a recorded call. */
export interface CaptureSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly callId: string;
  /** "a", "b" or "c", as in the truth. */
  readonly peer: string;
  readonly records: readonly SessionRecord[];
  /** The reports alone, as a raw getStats recording has them. */
  readonly samples: readonly SampleRecord[];
}

/** A recorded call and what was done to it. */
export interface Capture {
  readonly name: CaptureName;
  readonly sessions: readonly CaptureSession[];
  readonly truth: CaptureTruth;
}

/** A session in the form in which a server takes it in. */
export interface ImportableSession {
  readonly sessionId: string;
  readonly records: readonly SessionRecord[];
  readonly sample: true;
  /** Unix ms of its first record. */
  readonly createdAt: number;
}

/** Name of a recorded call: its folder in captures/, and its entry in the truth file there. */
export type CaptureName = string;

const truths = parseTruthFile(readFileSync(join(capturesFolder(), "truth.json"), "utf8"));

/** All recorded calls. */
export const captureNames: readonly CaptureName[] = [...truths.keys()];

/** The recorded calls that a new server shows, so that no page is empty: one of each kind. */
export const sampleCaptures: readonly CaptureName[] = [
  "good-call",
  "loss-10",
  "outage-8s",
  "cap-150kbps",
  "ice-failure-initial",
  "muted-mic",
  "gum-denied",
];

const userIds: { readonly [peer: string]: string } = { a: "anna", b: "ben", c: "cleo" };

/**
 * Reads one recorded call: samples and events of each participant joined into records.
 * Throws when the recording is missing or damaged: it is part of the installation.
 */
export function readCapture(name: CaptureName): Capture {
  const truth = truths.get(name);
  if (truth === undefined) throw new Error(`There is no recorded call "${name}"`);
  return readCaptureFolder(join(capturesFolder(), name), name, truth);
}

/**
 * Reads a call that the lab recorded into `folder`: `events.jsonl` and `getstats.jsonl`, each plain or as .gz.
 * @throws Error when one is missing or damaged, or when the events do not say when the truth happened.
 */
export function readCaptureFolder(folder: string, name: string, truth: TruthEntry): Capture {
  const events = readLabEvents(readRecording(folder, "events.jsonl"));
  const { sessions, skippedLines } = readGetStatsLines(readRecording(folder, "getstats.jsonl"));
  const damage = skippedLines[0];
  if (damage !== undefined) throw new Error(`${name}: getstats.jsonl line ${damage.line}: ${damage.reason}`);
  return {
    name,
    sessions: sessions.map(({ peer, records }) => {
      const participant = { peer, userId: userIds[peer] ?? peer, callId: name };
      return {
        ...participant,
        sessionId: `capture-${name}-${peer}`,
        records: toRecords(participant, records, events),
        samples: records,
      };
    }),
    truth: truthOf(
      name,
      truth,
      events,
      sessions.map(({ peer }) => peer),
    ),
  };
}

/** The sessions of one recorded call, ready to be imported into a server as samples. */
export function captureSessions(name: CaptureName): ImportableSession[] {
  return readCapture(name).sessions.map(({ sessionId, records }) => ({
    sessionId,
    records,
    sample: true,
    createdAt: records[0]?.at ?? 0,
  }));
}

/** Text of the raw getStats recording of a call, as `peerscope analyze` takes it. */
export function readCaptureGetStats(name: CaptureName): string {
  return readRecording(join(capturesFolder(), name), "getstats.jsonl");
}

function readRecording(folder: string, name: string): string {
  const packed = join(folder, `${name}.gz`);
  return existsSync(packed)
    ? gunzipSync(readFileSync(packed)).toString("utf8")
    : readFileSync(join(folder, name), "utf8");
}

/** The package's captures/, found from its source and from its build alike. */
function capturesFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, "captures");
    if (existsSync(join(candidate, "good-call"))) return candidate;
    if (dirname(folder) === folder) throw new Error(`no recorded calls beside ${start}`);
  }
}
