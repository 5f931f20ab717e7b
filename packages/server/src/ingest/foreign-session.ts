import { createFrameEncoder, type FrameEncoder, type SessionRecord } from "@peerscope/schema";
import type { SessionEntry, SessionOwner } from "./session-entry.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Records in one frame: far below the size of a frame, and a few seconds of a call. */
const recordsPerFrame = 50;
/** Every so many frames a reader can start. */
const framesPerKeyframe = 60;
/** Records wait so long for others to share a frame with, in milliseconds. Ours. */
const gatherMs = 200;
/** A log that could not be written is tried again after this, in milliseconds. Ours. */
const retryMs = 1_000;
/** Frames of a session on their way to the disk; beyond it nothing more is read of its connection. Ours. */
const maxUnwrittenBytes = 4 << 20;

export interface ForeignSessionOptions {
  readonly registry: SessionRegistry;
  readonly projectId: string;
  /** New, or one of the project. */
  readonly sessionId: string;
  /** Somebody else said hello with this id: nothing that is added from now on is kept. */
  readonly onReplaced: () => void;
  /** Too much is on its way to the disk, or no longer. */
  readonly onFull: (isFull: boolean) => void;
  /** A record that does not fit into a frame. */
  readonly onLost: (sessionId: string) => void;
}

/**
 * What a client of another tool says, on its way into a session log. Its records are encoded here as the SDK does it in the page, so that
 * everything behind it is the same.
 */
export interface ForeignSession {
  readonly sessionId: string;
  add(record: SessionRecord): void;
  /** Resolves when all that was added is on disk: true; or false, when it is not after so long. */
  isOnDisk(waitMs: number): Promise<boolean>;
  /** The connection is gone. `isOver`: the client said so; else the session waits for it as for any other. */
  close(isOver: boolean): void;
}

/** Null when the id is another project's, or its session was erased. */
export function createForeignSession(options: ForeignSessionOptions): ForeignSession | null {
  const { registry, sessionId } = options;
  const reduce = registry.privacy.recordRule(options.projectId);
  let records: SessionRecord[] = [];
  /** Frames that are not on disk. The client cannot send them again, so they are kept until they are. */
  let unwritten: { readonly sequence: number; readonly frame: Uint8Array }[] = [];
  let isFull = false;
  let isClosed = false;
  let gathering: NodeJS.Timeout | null = null;
  let retrying: NodeJS.Timeout | null = null;

  const owner: SessionOwner = {
    acknowledge(sequence) {
      unwritten = unwritten.filter((frame) => frame.sequence > sequence);
      measure();
    },
    replaced() {
      isClosed = true;
      stopTimers();
      options.onReplaced();
    },
    erased() {
      owner.replaced();
    },
    writeFailed() {
      retrying ??= setTimeout(() => {
        retrying = null;
        appendAgain();
      }, retryMs);
    },
  };
  const attached = registry.attach(options.projectId, sessionId, owner);
  if (attached === null) return null;
  const entry: SessionEntry = attached;
  const encoder: FrameEncoder = createFrameEncoder({
    isExact: true,
    firstSequence: (entry.log?.acceptedSequence ?? entry.lastSequence) + 1,
    onLost: () => options.onLost(sessionId),
  });
  const firstSequence = encoder.nextSequence;

  function measure(): void {
    const unwrittenBytes = unwritten.reduce((sum, { frame }) => sum + frame.byteLength, 0);
    const wasFull = isFull;
    isFull = unwrittenBytes > (isFull ? maxUnwrittenBytes / 2 : maxUnwrittenBytes);
    if (isFull !== wasFull) options.onFull(isFull);
  }

  function appendAgain(): void {
    if (isClosed) return;
    for (const { sequence, frame } of unwritten) registry.append(entry, sequence, frame);
  }

  function flush(): void {
    if (gathering !== null) clearTimeout(gathering);
    gathering = null;
    if (records.length === 0 || isClosed) return;
    const sequence = encoder.nextSequence;
    // The first one of a connection never depends on what another one wrote.
    const keyframe = (sequence - firstSequence) % framesPerKeyframe === 0;
    const frame = encoder.encode(records, { keyframe });
    records = [];
    unwritten.push({ sequence, frame });
    // While the log cannot be written, the frame waits with the others.
    if (retrying === null) registry.append(entry, sequence, frame);
    measure();
  }

  function stopTimers(): void {
    if (gathering !== null) clearTimeout(gathering);
    if (retrying !== null) clearTimeout(retrying);
    gathering = retrying = null;
  }

  return {
    sessionId,
    add(record) {
      if (isClosed) return;
      records.push(reduce(record));
      if (records.length >= recordsPerFrame) flush();
      else gathering ??= setTimeout(flush, gatherMs);
    },
    async isOnDisk(waitMs) {
      flush();
      const last = encoder.nextSequence - 1;
      const deadline = performance.now() + waitMs;
      while (entry.lastSequence < last) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0 || isClosed) return false;
        await registry.changed(entry, leftMs);
      }
      return true;
    },
    close(isOver) {
      flush();
      // What waits for the disk gets its last chance now.
      if (retrying !== null) appendAgain();
      stopTimers();
      isClosed = true;
      registry.detach(entry, owner);
      if (isOver) void registry.finish(entry).catch(() => {});
    },
  };
}
