import type { LiveEnd, LiveSnapshot } from "@peerscope/schema/api";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { isApiError } from "../queries/fetch-json.ts";
import { createEventReader } from "./event-stream.ts";

/** What the page knows of the stream. */
export interface LiveState {
  readonly line: "connecting" | "open" | "lost";
  /** The last that came; kept while the line is lost. */
  readonly snapshot: LiveSnapshot | null;
  /** The server's clock minus this machine's, in milliseconds. */
  readonly clockOffsetMs: number;
  /** Unix ms of the next try; null while the line is open or being opened. */
  readonly retryAt: number | null;
  /** Why the server refused or ended it; null when it just broke off. */
  readonly refusal: { readonly code: string | null; readonly message: string } | null;
}

export interface LiveStream {
  readonly state: () => LiveState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Does not wait for `retryAt`. */
  readonly retryNow: () => void;
  readonly close: () => void;
}

/** Pauses between tries, in milliseconds. Ours. */
const pausesMs = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];
/** The server says something every ten seconds: a line that is silent for so long is dead, in milliseconds. */
const silentMs = 25_000;

export interface LiveStreamOptions {
  readonly url: string;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
}

/** Follows GET /api/live until it is closed; whatever happens to the line, it is tried again. */
export function openLiveStream(options: LiveStreamOptions): LiveStream {
  const now = options.now ?? (() => Date.now());
  const ask = options.fetch ?? ((url, init) => fetch(url, init));
  const listeners = new Set<() => void>();
  let failures = 0;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let line: AbortController | null = null;
  let current: LiveState = {
    line: "connecting",
    snapshot: null,
    clockOffsetMs: 0,
    retryAt: null,
    refusal: null,
  };

  const change = (patch: Partial<LiveState>): void => {
    if (closed) return;
    current = { ...current, ...patch };
    for (const listener of listeners) listener();
  };

  const lost = (refusal: LiveState["refusal"]): void => {
    if (closed) return;
    const pauseMs = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 1_000;
    failures += 1;
    change({ line: "lost", retryAt: now() + pauseMs, refusal });
    clearTimeout(timer);
    timer = setTimeout(open, pauseMs);
  };

  /** Resolves when the line is over, with what the server said about it. */
  async function follow(controller: AbortController): Promise<LiveState["refusal"]> {
    const { signal } = controller;
    const answer = await ask(options.url, { headers: { accept: "text/event-stream" }, signal });
    if (!answer.ok || answer.body === null) {
      const body: unknown = await answer.json().catch(() => null);
      return isApiError(body)
        ? { code: body.error.code, message: body.error.message }
        : { code: null, message: `The server answered ${answer.status}` };
    }
    const read = createEventReader();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const giveUp = (): void => void reader.cancel();
    let silence = setTimeout(giveUp, silentMs);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return null;
        clearTimeout(silence);
        silence = setTimeout(giveUp, silentMs);
        for (const event of read(value)) {
          // The server checks what it sends against the contract.
          if (event.name === "end") {
            const { code } = JSON.parse(event.data) as LiveEnd;
            return { code, message: "The server ended the stream" };
          }
          failures = 0;
          if (event.name === "now") {
            const snapshot = JSON.parse(event.data) as LiveSnapshot;
            change({ snapshot, clockOffsetMs: snapshot.at - now() });
          }
          change({ line: "open", retryAt: null, refusal: null });
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  function open(): void {
    clearTimeout(timer);
    line?.abort();
    const controller = new AbortController();
    line = controller;
    change({ line: current.snapshot === null ? "connecting" : "lost", retryAt: null });
    follow(controller)
      .catch(() => null)
      .then(
        (refusal) => {
          // Another one was opened meanwhile.
          if (line === controller) lost(refusal);
        },
        () => undefined,
      );
  }

  open();
  return {
    state: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    retryNow: open,
    close() {
      closed = true;
      clearTimeout(timer);
      line?.abort();
    },
  };
}

/** The stream of a project while the component is there. */
export function useLiveStream(project: string | undefined): readonly [LiveState, () => void] {
  const held = useMemo(() => createHeldStream(), []);
  useEffect(() => held.hold(project), [held, project]);
  return [useSyncExternalStore(held.subscribe, held.state), held.retryNow];
}

const waiting: LiveState = {
  line: "connecting",
  snapshot: null,
  clockOffsetMs: 0,
  retryAt: null,
  refusal: null,
};

/** A stream that is opened when React has put the page up, and another one for another project. */
function createHeldStream(): Omit<LiveStream, "close"> & { hold(project: string | undefined): () => void } {
  let stream: LiveStream | null = null;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    state: () => stream?.state() ?? waiting,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    retryNow: () => stream?.retryNow(),
    hold(project) {
      const query = project === undefined ? "" : `?${new URLSearchParams({ project }).toString()}`;
      const opened = openLiveStream({ url: `/api/live${query}` });
      stream = opened;
      opened.subscribe(changed);
      changed();
      return () => {
        opened.close();
        stream = null;
      };
    },
  };
}
