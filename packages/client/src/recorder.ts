import type {
  EventData,
  EventName,
  EventRecord,
  JsonObject,
  SessionContext,
  SessionRecord,
  StatsObject,
} from "@peerscope/schema";
import type { Platform } from "./platform.ts";
import type { FrameQueue } from "./transport/frame-queue.ts";

/** Where everything that was collected goes through: redaction, the queue, and the moment it is sent. */
export interface Recorder {
  emit<Name extends EventName>(name: Name, data: EventData[Name], connectionId?: string): void;
  sample(connectionId: string, stats: readonly StatsObject[], durationMs: number): void;
  /** Says what is true from now on. */
  context(members: SessionContext): void;
  /** Says again all that is true, for a server that knows nothing. */
  repeatContext(): void;
  /** Runs a piece of the SDK. What it throws is told once a place and goes no further. */
  attempt<T>(place: string, run: () => T): T | undefined;
  /** Encodes and sends now. */
  flush(last?: boolean): void;
  /** Records nothing from here on. */
  end(): void;
  /** Errors caught inside the SDK. */
  readonly errors: number;
}

export interface RecorderOptions {
  readonly platform: Platform;
  readonly queue: FrameQueue;
  readonly redact: ((record: SessionRecord) => SessionRecord | null) | undefined;
  readonly onFlushed: () => void;
}

/** An event leaves the page within this. Ours: half of a glance. */
const flushDelayMs = 250;

export function createRecorder({ platform, queue, redact, onFlushed }: RecorderOptions): Recorder {
  let context: SessionContext = {};
  let cancelFlush: (() => void) | null = null;
  let ended = false;
  let errors = 0;
  const placesTold = new Set<string>();

  function flush(last = false): void {
    cancelFlush?.();
    cancelFlush = null;
    queue.flush(last);
    onFlushed();
  }

  function record(original: SessionRecord): void {
    if (ended) return;
    let kept: SessionRecord | null = original;
    if (redact !== undefined) {
      const { kind } = original;
      try {
        kept = redact(original);
        if (kept !== null && (kept.kind !== kind || !Number.isFinite(kept.at))) throw kept;
      } catch {
        queue.lose("redact-failed", kind === "sample" ? 1 : 0, kind === "sample" ? 0 : 1);
        return;
      }
    }
    if (kept === null) return;
    queue.push(kept);
    cancelFlush ??= platform.after(flushDelayMs, () => attempt("flush", flush));
  }

  function event(name: EventName, data: JsonObject, connectionId?: string): void {
    const about: Partial<EventRecord> = connectionId === undefined ? {} : { connectionId };
    record({ kind: "event", at: platform.now(), name, ...about, data });
  }

  function attempt<T>(place: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      errors++;
      if (placesTold.has(place)) return undefined;
      placesTold.add(place);
      try {
        event("sdk-error", { place, message: String(error).slice(0, 200) });
      } catch {
        // Telling it failed too; it is counted.
      }
      return undefined;
    }
  }

  return {
    emit: event,
    sample(connectionId, stats, durationMs) {
      record({ kind: "sample", at: platform.now(), connectionId, stats, durationMs });
    },
    context(members) {
      context = { ...context, ...members, tags: { ...context.tags, ...members.tags } };
      record({ kind: "context", at: platform.now(), context: members });
    },
    repeatContext() {
      record({ kind: "context", at: platform.now(), context });
    },
    attempt,
    flush(last) {
      attempt("flush", () => flush(last));
    },
    end() {
      ended = true;
      cancelFlush?.();
    },
    get errors() {
      return errors;
    },
  };
}
