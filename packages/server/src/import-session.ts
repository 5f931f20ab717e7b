import { createFrameEncoder, isSessionId, type SessionRecord } from "@peerscope/schema";
import type { Analyser } from "./analyse/analyser.ts";
import type { SessionRegistry } from "./ingest/session-registry.ts";

/** Records that become a finished session without a client. */
export interface ImportedSession {
  readonly sessionId: string;
  readonly records: Iterable<SessionRecord>;
  /** Default: the project that every server has. */
  readonly projectId?: string;
  /** It ships with the product, and lists mark it. */
  readonly sample: boolean;
  /** Unix ms. */
  readonly createdAt: number;
}

/** Records in one frame of an imported session: far below the size of a frame, and a few seconds of a call. */
const importBatch = 20;
/** Every so many frames of an imported session a reader can start. */
const importKeyframes = 60;

/** Writes records as a finished session log and waits until it is analysed. Does nothing when the session exists. */
export async function importSession(
  { registry, analyser }: { readonly registry: SessionRegistry; readonly analyser: Pick<Analyser, "ask"> },
  { projectId, sessionId, records, sample, createdAt }: ImportedSession & { readonly projectId: string },
): Promise<void> {
  if (!isSessionId(sessionId)) throw new Error(`session-id-invalid: ${String(sessionId)}`);
  // Recordings have fractions of milliseconds, the catalogue has none.
  const entry = registry.create(projectId, sessionId, Math.round(createdAt), sample);
  if (entry === null) return;
  const encoder = createFrameEncoder({ isExact: true });
  for (const batch of batches(records, importBatch)) {
    const sequence = encoder.nextSequence;
    const keyframe = sequence % importKeyframes === 0;
    registry.append(entry, sequence, encoder.encode(batch, { keyframe }));
  }
  await registry.finish(entry);
  if (entry.lastSequence < encoder.nextSequence - 1)
    throw new Error("disk-full: the log could not be written");
  if (entry.bytes > 0) await analyser.ask({ kind: "analysis", log: registry.reference(entry) });
}

function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
