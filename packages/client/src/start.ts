import type { SessionRecord } from "@peerscope/schema";
import { createApiCalls } from "./collect/api-calls.ts";
import type { Connection, Listen } from "./collect/connection.ts";
import { describeMachine } from "./collect/machine.ts";
import { watchMediaDevices } from "./collect/media-devices.ts";
import { watchPage } from "./collect/page.ts";
import { watchPeerConnections } from "./collect/peer-connections.ts";
import { createPrivacyRule } from "./collect/privacy.ts";
import { createTracks } from "./collect/tracks.ts";
import { createWrapper } from "./collect/wrap.ts";
import { browserPlatform } from "./platform.ts";
import { createRecorder } from "./recorder.ts";
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
  /** Code with which the server refused this session for good, else null. */
  readonly refused: string | null;
}

/** A running recording. None of its methods throws. */
export interface Monitor {
  readonly sessionId: string;
  /** Takes the last samples, sends everything, says bye and puts every function back. Resolves at once when the
   * server answers, within 3 s when it does not, 5 s later when a getStats hangs. */
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
  const { user, call, tags, redact, token, fullAddresses = false } = options;
  const intervalMs = Math.max(100, options.intervalMs ?? 1_000);
  const platform = browserPlatform();
  const { now } = platform;
  // 128 random bits. createSessionId() of the schema says them in fewer characters, but its alphabet costs more bytes here.
  const bits = crypto.getRandomValues(new BigUint64Array(2));
  const sessionId = Array.from(bits, (half) => half.toString(36)).join("");
  const rule = createPrivacyRule(fullAddresses);
  const queue = createFrameQueue(now, maxBufferBytes, intervalMs);
  const recorder = createRecorder(platform, queue, rule, redact, () => socket.pump());
  const { attempt, emit, context } = recorder;
  const socket = createIngestSocket(
    attempt("url", () => ingestUrl(options.url, call)) ?? "",
    { sessionId, token },
    platform,
    queue,
    attempt,
    recorder.repeatContext,
    (code, message) => {
      release();
      recorder.end();
      console.warn(`Peerscope: ${code}: ${message}`);
    },
  );

  const listening = new AbortController();
  const { signal } = listening;
  // The native one: an app that overrides it in a subclass does not see the SDK.
  // oxlint-disable-next-line typescript/unbound-method -- called with the target below
  const { addEventListener } = EventTarget.prototype;
  const listen: Listen = (target, type, listener) => {
    addEventListener.call(target, type, (event) => void attempt(type, () => listener(event)), { signal });
  };
  // Never wrapped and taken now: no other tool sees the questions of the SDK as calls of the app.
  // oxlint-disable-next-line typescript/unbound-method -- called with the connection below
  const getStats = (globalThis.RTCPeerConnection as typeof RTCPeerConnection | undefined)?.prototype.getStats;
  const wrapper = createWrapper(attempt);
  const tracks = createTracks(emit, listen);
  const tellCall = createApiCalls(emit, now);

  attempt("machine", () =>
    context({ ...describeMachine(navigator, context), userId: user, callId: call, tags }),
  );
  const connections = attempt("peer-connections", () =>
    watchPeerConnections(
      recorder,
      wrapper,
      listen,
      tellCall,
      tracks,
      (connection) => void sampler.sample(connection),
    ),
  );
  const check = (): readonly Connection[] => connections?.check() ?? [];
  const sampler = createSampler(
    platform,
    recorder,
    queue,
    rule,
    intervalMs,
    (pc) => getStats?.call(pc) ?? pc.getStats(),
    check,
  );
  attempt("media-devices", () => watchMediaDevices(recorder, wrapper, listen, tellCall));
  attempt("page", () => watchPage(emit, listen, socket.open, hide));
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
    stopping = Promise.resolve();
  }

  async function stop(): Promise<void> {
    release();
    await Promise.all(check().map(sampler.sample));
    end("stopped");
    await socket.close(stopDeadlineMs);
  }

  return {
    sessionId,
    stop: () => (stopping ??= stop()),
    setUser: (id) => context({ userId: id }),
    setCall: (id) => context({ callId: id }),
    tag: (key, value) => context({ tags: { [key]: value } }),
    event: (name, data) => emit("app-event", { name, data }),
    observe: (pc, name) => attempt("observe", () => connections?.observe(pc, name)),
    status: () => ({
      connected: socket.connected,
      ...queue.status(),
      refused: socket.refused,
    }),
  };
}

function ingestUrl(url: string, call: string | undefined): string {
  const base = new URL(url, location.href).href.replace(/\/$/, "").replace(/^http/, "ws");
  return `${base}/ingest${call ? `?call=${encodeURIComponent(call)}` : ""}`;
}
