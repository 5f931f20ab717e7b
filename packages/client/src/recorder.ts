import type { EventData, EventName, SessionContext, SessionRecord } from "@peerscope/schema";
import type { Platform } from "./platform.ts";
import { toPlain, type MemberRule } from "./sample/plain-copy.ts";
import type { Sink } from "./transport/intake.ts";

/** Data of an event before it is copied: the right members, whatever is in them. */
export type Loose<Data> = { readonly [Member in keyof Data]: unknown };

/** Tells an event. Its data is copied at once, under the privacy rule: nothing of the page gets past that. */
export type Emit = <Name extends EventName>(
  name: Name,
  data: Loose<EventData[Name]>,
  connectionId?: string,
) => void;

/** Where everything that was collected goes through: privacy, redaction, the queue, and the moment it is sent. */
export interface Recorder {
  readonly emit: Emit;
  /** Takes a record. It is sent within a moment, together with what comes till then; with `isLast` now, while the caches have it. */
  readonly record: (said: Untimed<SessionRecord>, isLast?: boolean) => void;
  /** Says what is true from now on. Members that are undefined are not said. */
  readonly context: (members: Loose<SessionContext>) => void;
  /** Says again all that is true, for a server that knows nothing. */
  readonly repeatContext: () => void;
  /** Runs a piece of the SDK. What it throws is told once a place and goes no further. */
  readonly attempt: <T>(place: string, run: () => T) => T | undefined;
  /** Tells an error that a piece of the SDK came upon, once a place. */
  readonly fail: (place: string, error: unknown) => void;
  /** Runs a piece of the SDK and counts its time, whatever it throws. */
  readonly timed: <T>(run: () => T) => T;
  /** Time that pieces of the SDK took on the main thread, in milliseconds. */
  readonly busyMs: number;
  /** Hears of each event, if somebody wants to. */
  onEvent?: (name: EventName, data: Readonly<Record<string, unknown>>) => void;
  /** Encodes and sends now. */
  readonly flush: (last?: boolean) => void;
  /** Records nothing from here on. */
  readonly end: () => void;
}

/** A record before it has a time. */
type Untimed<Record> = Record extends unknown
  ? { readonly [Member in Exclude<keyof Record, "at">]: Record[Member] | undefined } & Pick<
      Record,
      "kind" & keyof Record
    >
  : never;

/** An event leaves the page within this, in milliseconds. Ours. */
const flushDelayMs = 250;

/** Errors inside the SDK after which it is broken for good. Ours: one that fails once a second is gone within a minute. */
const maxErrors = 50;

/** `onFlushed` hears that there may be something new to send, `onBroken` of one error too many. */
export function createRecorder(
  { now, after }: Platform,
  queue: Sink,
  rule: MemberRule,
  redact: ((record: SessionRecord) => SessionRecord | null) | undefined,
  onFlushed: () => void,
  onBroken: (message: string) => void,
): Recorder {
  let context: SessionContext = {};
  let cancelFlush: (() => void) | undefined;
  let ended = false;
  let busyMs = 0;
  let isBusy = false;
  const placesTold = new Set<string>();
  let errors = 0;

  function record(said: Untimed<SessionRecord>, isLast?: boolean): void {
    if (ended) return;
    const { kind } = said;
    // Members that are undefined are left out by the codec.
    let kept = { at: now(), ...said } as SessionRecord | null;
    try {
      if (redact) kept = redact(kept as SessionRecord);
      if (kept === null) return;
      if (kept.kind !== kind) throw kept;
    } catch {
      return queue.lose("redact-failed", kind);
    }
    queue.push(kept);
    if (isLast) flush();
    else cancelFlush ??= after(flushDelayMs, flush);
  }

  function flush(last?: boolean): void {
    cancelFlush?.();
    cancelFlush = undefined;
    attempt("flush", () => {
      queue.flush(last);
      onFlushed();
    });
  }

  const emit: Emit = (name, data, connectionId) => {
    const copy = (toPlain(data, rule) ?? {}) as { readonly [member: string]: string };
    record({ kind: "event", name, connectionId, data: copy });
    recorder.onEvent?.(name, copy);
  };

  function timed<T>(run: () => T): T {
    // A piece within a piece is counted with it.
    if (isBusy) return run();
    isBusy = true;
    const startedAt = now();
    try {
      return run();
    } finally {
      isBusy = false;
      busyMs += now() - startedAt;
    }
  }

  function attempt<T>(place: string, run: () => T): T | undefined {
    try {
      return timed(run);
    } catch (error) {
      return fail(place, error);
    }
  }

  function fail(place: string, error: unknown): undefined {
    if (!placesTold.has(place)) {
      placesTold.add(place);
      attempt(place, () => emit("sdk-error", { place, message: String(error) }));
    }
    if (++errors === maxErrors) onBroken(`${place}: ${String(error)}`);
  }

  function tellContext(said: SessionContext): void {
    record({ kind: "context", context: said });
  }

  const recorder: Recorder = {
    emit,
    record,
    context(members) {
      const said = toPlain(members) as SessionContext;
      context = { ...context, ...said, tags: { ...context.tags, ...said.tags } };
      tellContext(said);
    },
    repeatContext: () => tellContext(context),
    attempt,
    fail,
    timed,
    get busyMs() {
      return busyMs;
    },
    flush,
    end() {
      ended = true;
      cancelFlush?.();
    },
  };
  return recorder;
}
