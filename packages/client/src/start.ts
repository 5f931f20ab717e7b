import { createSessionId, type SessionRecord } from "@peerscope/schema";
import { createApiCalls } from "./collect/api-calls.ts";
import type { Listen } from "./collect/connection.ts";
import { describeMachine } from "./collect/machine.ts";
import { watchMediaDevices } from "./collect/media-devices.ts";
import { watchPage } from "./collect/page.ts";
import { watchPeerConnections } from "./collect/peer-connections.ts";
import { createPrivacyRule } from "./collect/privacy.ts";
import { createTracks } from "./collect/tracks.ts";
import { createWrapper } from "./collect/wrap.ts";
import { browserPlatform } from "./platform.ts";
import { createRecorder } from "./recorder.ts";
import { toPlain } from "./sample/plain-copy.ts";
import { createSampler } from "./sample/sampler.ts";
import { createFrameQueue } from "./transport/frame-queue.ts";
import { createIngestSocket } from "./transport/ingest-socket.ts";

export interface StartOptions {
  /** Address of the Peerscope server, such as `https://peerscope.example`; relative to the page if it has no origin. */
  readonly url: string;
  /** Ingest key of the project. */
  readonly token: string;
  /** Who this is, for the search. */
  readonly user?: string;
  /** Which conversation this is part of: the same text at every client of it. */
  readonly call?: string;
  /** Free labels. */
  readonly tags?: Readonly<Record<string, string>>;
  /** How often getStats is asked, in milliseconds. Default 1000, at least 100. */
  readonly intervalMs?: number;
  /** Sees each record before it is encoded; returns what to send in its place, or null for nothing. Default: none. */
  readonly redact?: (record: SessionRecord) => SessionRecord | null;
  /** Send IP addresses whole. Default false: IPv4 is cut to /24, IPv6 to /48. */
  readonly fullAddresses?: boolean;
}

export interface MonitorStatus {
  /** The server has said welcome on a socket that is open. */
  readonly connected: boolean;
  /** Frames that the server has on disk. */
  readonly framesAcknowledged: number;
  /** Records it does not have yet. */
  readonly recordsQueued: number;
  /** Records that were given up, for any reason. */
  readonly lost: number;
  /** Errors caught inside the SDK. */
  readonly errors: number;
  /** Code with which the server refused this session for good, else null. */
  readonly refused: string | null;
}

/** A running recording. None of its methods throws. */
export interface Monitor {
  readonly sessionId: string;
  /** Takes the last samples, sends everything, says bye and puts every function back. Resolves within 4 s. */
  stop(): Promise<void>;
  setUser(id: string | null): void;
  setCall(id: string | null): void;
  /** Sets a label, or removes it with null. */
  tag(key: string, value: string | null): void;
  /** Records an event of the app. `data` is copied as JSON. */
  event(name: string, data?: unknown): void;
  /** Watches a connection that was there before, or gives one a name. */
  observe(pc: RTCPeerConnection, name?: string): void;
  status(): MonitorStatus;
}

/** Memory for what the server does not have yet, in bytes: three hours of a two-party call. Ours. */
const maxBufferBytes = 4_000_000;
/** How long stop() waits for the last acknowledgement, in milliseconds. Ours. */
const stopDeadlineMs = 3_000;

/** Starts recording this page. Never throws; what does not work is told by `status()` and one line on the console. */
export function start(options: StartOptions): Monitor {
  const { user, call, tags, redact, fullAddresses = false } = options;
  const intervalMs = Math.max(100, options.intervalMs ?? 1_000);
  const platform = browserPlatform();
  const sessionId = createSessionId((count) => crypto.getRandomValues(new Uint8Array(count)));
  const queue = createFrameQueue({ now: platform.now, maxBytes: maxBufferBytes, intervalMs });
  const recorder = createRecorder({ platform, queue, redact, onFlushed: () => socket.pump() });
  const { attempt, emit, context } = recorder;
  const socket = createIngestSocket({
    url: attempt("url", () => ingestUrl(options.url, call)) ?? "",
    sessionId,
    token: options.token,
    platform,
    queue,
    onRestart: () => recorder.repeatContext(),
    onRefused(code, message) {
      sampler.stop();
      console.warn(`Peerscope: ${code}: ${message}`);
    },
  });

  const listening = new AbortController();
  const listen: Listen = (target, type, listener) => {
    const { signal } = listening;
    EventTarget.prototype.addEventListener.call(
      target,
      type,
      (event) => void (signal.aborted || attempt(type, () => listener(event))),
      { signal },
    );
  };
  const rule = createPrivacyRule(fullAddresses);
  const wrapper = createWrapper(recorder);
  const tracks = createTracks(recorder, listen);
  const tellCall = createApiCalls(recorder, platform, rule);
  // Taken before anything is wrapped, and never wrapped: no other tool sees our questions as calls of the app.
  const Native = globalThis.RTCPeerConnection as typeof RTCPeerConnection | undefined;
  const getStats = Native?.prototype.getStats;

  attempt("machine", () =>
    context({
      ...describeMachine(context),
      ...(user === undefined ? {} : { userId: user }),
      ...(call === undefined ? {} : { callId: call }),
      ...(tags === undefined ? {} : { tags }),
    }),
  );
  const connections = attempt("peer-connections", () =>
    watchPeerConnections({ recorder, wrapper, listen, rule, tracks, tellCall, sampler: () => sampler }),
  );
  const sampler = createSampler({
    platform,
    recorder,
    queue,
    rule,
    intervalMs,
    getStats: (pc) => (getStats === undefined ? pc.getStats() : getStats.call(pc)),
    onRound: () => connections?.check() ?? [],
  });
  attempt("media-devices", () => watchMediaDevices(recorder, wrapper, listen, tellCall, tracks));
  attempt("page", () => watchPage(recorder, listen, { onOnline: () => socket.retryNow(), onHide: hide }));
  socket.open();
  sampler.start();

  let stopping: Promise<void> | undefined;

  function release(): void {
    sampler.stop();
    wrapper.restore();
    listening.abort();
  }

  function end(reason: string): void {
    emit("session-ended", { reason });
    recorder.flush(true);
    recorder.end();
  }

  function hide(mayReturn: boolean): void {
    if (mayReturn) return recorder.flush();
    release();
    end("pagehide");
    socket.leave();
    stopping ??= Promise.resolve();
  }

  async function stop(): Promise<void> {
    release();
    await Promise.race([
      Promise.all(
        [...(connections?.open.values() ?? [])].map((connection) => sampler.sample(connection, true)),
      ),
      new Promise<void>((resolve) => void platform.after(1_000, resolve)),
    ]);
    end("stopped");
    await socket.close(stopDeadlineMs);
  }

  return {
    sessionId,
    stop: () => (stopping ??= stop().catch(() => {})),
    setUser: (id) => attempt("setUser", () => context({ userId: id })),
    setCall: (id) => attempt("setCall", () => context({ callId: id })),
    tag: (key, value) => attempt("tag", () => context({ tags: { [key]: value } })),
    event: (name, data) =>
      attempt("event", () => {
        const plain = toPlain({ data });
        emit("app-event", { name: String(name).slice(0, 200), ...(plain as object) });
      }),
    observe: (pc, name) => attempt("observe", () => connections?.observe(pc, name)),
    status: () => ({
      connected: socket.connected,
      ...queue.status,
      errors: recorder.errors,
      refused: socket.refused,
    }),
  };
}

function ingestUrl(url: string, call: string | undefined): string {
  const base = new URL(url, location.href).href.replace(/\/$/, "").replace(/^http/, "ws");
  return `${base}/ingest${call === undefined ? "" : `?call=${encodeURIComponent(call)}`}`;
}
