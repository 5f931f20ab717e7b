import { wireVersion, type SessionRecord } from "@peerscope/schema";
import { createApiCalls } from "./collect/api-calls.ts";
import type { Listen } from "./collect/connection.ts";
import { watchMediaDevices } from "./collect/media-devices.ts";
import { watchPeerConnections } from "./collect/peer-connections.ts";
import { createPrivacyRule } from "./collect/privacy.ts";
import type { Kit } from "./collect/surroundings.ts";
import { createWrapper } from "./collect/wrap.ts";
import { browserPlatform } from "./platform.ts";
import { createRecorder } from "./recorder.ts";
import { toPlain } from "./sample/plain-copy.ts";
import { createSampler } from "./sample/sampler.ts";
import type { IngestSocket, Token } from "./transport/ingest-socket.ts";
import { createIntake } from "./transport/intake.ts";
import { takePageLeft } from "./transport/page-left.ts";
import { sdkVersion } from "./version.ts";

export interface StartOptions {
  /** Address of the Peerscope server, such as `https://peerscope.example`; relative to the page if it has no origin. */
  readonly url: string;
  /** Ingest key of the project, or what gives it whenever a connection is made. */
  readonly token: Token;
  /** Who this is, for the search. */
  readonly user?: string;
  /** Which conversation this is part of: the same text at every client of it. */
  readonly call?: string;
  /** Free labels. */
  readonly tags?: Readonly<Record<string, string>>;
  /** How often getStats is usually asked, in milliseconds. Default 1000, at least 100. */
  readonly intervalMs?: number;
  /** Share of the main thread the SDK may take before it asks less often. Default 0.01: one percent. */
  readonly cpuBudget?: number;
  /** Sees each record before it is encoded; returns what to send in its place, or null for nothing. Default: none. */
  readonly redact?: (record: SessionRecord) => SessionRecord | null;
  /** Send IP addresses whole. Default false: IPv4 is cut to /24, IPv6 to /48. */
  readonly fullAddresses?: boolean;
  /** Memory for what the server does not have yet, in bytes. Default 4,000,000: three hours of a two-party call. */
  readonly maxBufferBytes?: number;
  /** Watch devices, media elements, machine and network too; this part is loaded after the start. Default true. */
  readonly surroundings?: boolean;
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

/** What `on` tells, each with what its listener gets. */
export interface MonitorEvents {
  /** The connection to the server came or went. */
  readonly status: MonitorStatus;
  /** Records were given up. */
  readonly lost: MonitorStatus;
  /** The server refused this session for good. */
  readonly refused: MonitorStatus;
  /** `reportIssue` was called, by whomever on this page. */
  readonly "issue-reported": { readonly code: string; readonly text?: string | undefined };
}

/** A running recording. None of its methods throws. */
export interface Monitor {
  /** Another one once the server has ended the session, as it does with one that lasts for very long. */
  readonly sessionId: string;
  /** Takes the last samples, sends everything, says bye and puts every function back. Resolves at once when the
   * server answers, within 3 s when it does not, 5 s later when a getStats hangs, 3 s later when a part of the SDK does not load.
   * What the server does not have by then is left to the browser to send, as far as it takes it. */
  stop(): Promise<void>;
  setUser(id: string | null): void;
  /** Another conversation begins. */
  setCall(id: string | null): void;
  /** It is over; the recording goes on. */
  endCall(): void;
  /** Sets a label, or removes it with null. */
  tag(key: string, value: string | null): void;
  /** Records an event of the app. `data` is copied as JSON. */
  event(name: string, data?: unknown): void;
  /** What the user thinks of the call: from 1 to `max`, 5 if not given. */
  rate(value: number, more?: { readonly max?: number; readonly comment?: string }): void;
  /** The user says that something is wrong. Returns a code to read out, such as `7C2-F9A`, by which the session is found. */
  reportIssue(text?: string): string;
  /** Tells what the SDK itself knows, from now on. The returned function ends it. */
  on<Type extends keyof MonitorEvents>(
    type: Type,
    listener: (detail: MonitorEvents[Type]) => void,
  ): () => void;
  /** Watches a connection that was there before, or gives one a name. */
  observe(pc: RTCPeerConnection, name?: string): void;
  status(): MonitorStatus;
}

/** How long stop() waits for the last acknowledgement, in milliseconds. Ours. */
const stopDeadlineMs = 3_000;

/** Events of `on` with the member of the status whose change they tell. */
const noticed = [
  ["status", "connected"],
  ["lost", "lost"],
  ["refused", "refused"],
] as const;

/** Starts recording this page. Never throws; what does not work is told by `status()` and one line on the console. */
export function start(options: StartOptions): Monitor {
  try {
    return record(options);
  } catch (error) {
    warn("sdk-failed", error);
    return createIdleMonitor();
  }
}

function warn(code: string, message: unknown): void {
  console.warn(`Peerscope: ${code}: ${String(message)}`);
}

/** Stands in on a page on which nothing can be recorded. Nothing of the page was changed. */
function createIdleMonitor(): Monitor {
  const nothing = (): void => {};
  return {
    sessionId: "",
    stop: async () => {},
    setUser: nothing,
    setCall: nothing,
    endCall: nothing,
    tag: nothing,
    event: nothing,
    rate: nothing,
    reportIssue: () => "",
    on: () => nothing,
    observe: nothing,
    status: () => ({
      connected: false,
      framesAcknowledged: 0,
      recordsQueued: 0,
      lost: 0,
      refused: "sdk-failed",
    }),
  };
}

function record(options: StartOptions): Monitor {
  const { call, token, maxBufferBytes = 4_000_000 } = options;
  const intervalMs = Math.max(100, options.intervalMs ?? 1_000);
  // Frames of another wire version are of no use to this one.
  // Nor are those of a page with other rules: the server believes what the hello says of all of them.
  const privacy = options.fullAddresses ? "whole" : "reduced";
  const storageKey = ["peerscope", wireVersion, options.url, token, privacy].join();
  const left = takePageLeft(storageKey, true);
  const pages = (left?.pages ?? 0) + 1;
  const platform = browserPlatform(left?.at);
  const { now } = platform;
  // createSessionId() of the schema says as many bits in fewer characters, but its alphabet costs more bytes here.
  const sessionId = left?.sessionId ?? draw(32);
  const rule = createPrivacyRule(options.fullAddresses);
  const intake = createIntake();
  const recorder = createRecorder(platform, intake, rule, options.redact, sendOn, failed);
  const { attempt, emit, context } = recorder;
  const told = new EventTarget();
  /** Once it is loaded. */
  let socket: IngestSocket | undefined;
  const url = ingestUrl(options.url, call);
  let known = status();

  const listening = new AbortController();
  const { signal } = listening;
  // The native one: an app that overrides it in a subclass does not see the SDK.
  // oxlint-disable-next-line typescript/unbound-method -- called with the target below
  const { addEventListener } = EventTarget.prototype;
  const listen: Listen = (target, type, listener) => {
    // Capturing: what happens to the elements of the page is heard at the document.
    addEventListener.call(target, type, (event) => void attempt(type, () => listener(event)), {
      capture: true,
      signal,
    });
  };
  // Never wrapped and taken now: no other tool sees the questions of the SDK as calls of the app.
  // oxlint-disable-next-line typescript/unbound-method -- called with the connection below
  const getStats = (globalThis.RTCPeerConnection as typeof RTCPeerConnection | undefined)?.prototype.getStats;
  const wrapper = createWrapper(attempt);
  const tellCall = createApiCalls(emit, now, rule);

  if (left) emit("session-resumed", { pages });
  context({
    sdkName: "@peerscope/client",
    sdkVersion,
    userAgent: navigator.userAgent,
    pageUrl: location.origin + location.pathname,
    userId: options.user,
    callId: call,
    tags: options.tags,
  });
  const connections = watchPeerConnections(
    recorder,
    wrapper,
    listen,
    tellCall,
    (connection) => void sampler.sample(connection),
    // Each page counts its connections from one.
    left && `p${pages}-pc-`,
  );
  const sampler = createSampler(
    platform,
    recorder,
    intake,
    rule,
    intervalMs,
    (pc) => getStats?.call(pc) ?? pc.getStats(),
    connections.check,
  );
  const kit: Kit = {
    platform,
    recorder,
    wrapper,
    listen,
    tellCall,
    signal,
    salt: typeof token === "string" ? token : options.url,
  };
  watchMediaDevices(kit);
  sampler.start();
  // Without it nothing can be sent.
  const ready = load(import("./beside.ts"), failed, (loaded) => {
    if (isOver) return;
    const queue = loaded.createFrameQueue(
      now,
      maxBufferBytes,
      left,
      // An app that redacts gets to see what is reduced already.
      options.redact ? undefined : (name, value) => toPlain(rule(name, value), rule),
    );
    intake.open(queue);
    takePageLeft(storageKey);
    recorder.flush();
    socket = loaded.createIngestSocket(
      url,
      { sessionId, privacy },
      token,
      platform,
      queue,
      (place, run) => {
        attempt(place, run);
        notice();
      },
      recorder.repeatContext,
      (code, message) => {
        release();
        recorder.end();
        warn(code, message);
      },
      draw,
    );
    socket.open();
    if (signal.aborted) return;
    const { cpuBudget } = options;
    loaded.attend({
      kit,
      connections,
      sampler,
      queue,
      socket,
      url,
      intervalMs,
      cpuBudget,
      retire,
      storageKey,
      pages,
    });
  });
  if (options.surroundings ?? true) {
    const tell = (error: unknown): void => recorder.fail("surroundings", error);
    void load(
      import("./collect/surroundings.ts"),
      tell,
      (loaded) => signal.aborted || loaded.watchSurroundings(kit),
    );
  }

  let stopping: Promise<void> | undefined;
  let isOver = false;

  async function load<Part>(
    loading: Promise<Part>,
    onError: (error: unknown) => unknown,
    use: (part: Part) => unknown,
  ): Promise<void> {
    try {
      use(await loading);
    } catch (error) {
      onError(error);
    }
  }

  function release(): void {
    sampler.stop();
    wrapper.restore();
    listening.abort();
  }

  /** Records nothing more, without a word. */
  function retire(): void {
    release();
    recorder.end();
    stopping = Promise.resolve();
  }

  async function stop(reason: string): Promise<void> {
    release();
    // What is stopped while the page goes away is not gone on with.
    takePageLeft(storageKey);
    recorder.flush();
    await Promise.all(connections.check().map(sampler.sample));
    emit("session-ended", { reason });
    // A part that does not load in time is not waited for, and not used when it comes.
    await Promise.race([ready, new Promise<void>((done) => platform.after(stopDeadlineMs, done))]);
    recorder.flush(true);
    recorder.end();
    isOver = true;
    await socket?.close(stopDeadlineMs);
  }

  /** Something of the SDK is broken for good: it takes itself out of the page. */
  function failed(message: unknown): void {
    stopping ??= stop("sdk-failed");
    warn("sdk-failed", message);
  }

  function sendOn(): void {
    socket?.pump();
    notice();
  }

  function status(): MonitorStatus {
    const { connected = false, refused = null } = socket ?? {};
    return { connected, ...intake.status(), refused };
  }

  function tell<Type extends keyof MonitorEvents>(type: Type, detail: MonitorEvents[Type]): void {
    told.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Tells the listeners of the app what is not as it was. */
  function notice(): void {
    const before = known;
    known = status();
    for (const [type, member] of noticed) if (known[member] !== before[member]) tell(type, known);
  }

  let issues = 0;

  return {
    get sessionId() {
      return socket?.hello.sessionId ?? sessionId;
    },
    stop: () => (stopping ??= stop("stopped")),
    setUser: (id) => context({ userId: id }),
    setCall: (id) => context({ callId: id }),
    endCall: () => context({ callId: null }),
    tag: (key, value) => context({ tags: { [key]: value } }),
    event: (name, data) => emit("app-event", { name, data }),
    rate: (value, more) => emit("call-rated", { ...more, value }),
    reportIssue(text) {
      const code = draw(6).toUpperCase().replace(/.../, "$&-");
      const report = { code, text };
      emit("issue-reported", report);
      // The search for sessions looks into tags.
      context({ tags: { [`issue-${++issues}`]: code } });
      tell("issue-reported", report);
      return code;
    },
    on(type, listener) {
      // A listener that throws is the app's: the browser reports it as it does with any other.
      const hear = (event: Event): void =>
        listener((event as CustomEvent<MonitorEvents[typeof type]>).detail);
      told.addEventListener(type, hear);
      return () => told.removeEventListener(type, hear);
    },
    observe: (pc, name) => attempt("observe", () => connections.observe(pc, name)),
    status,
  };
}

function ingestUrl(url: string, call: string | undefined): string {
  const address = new URL(url.replace(/\/?$/, "/ingest"), location.href).href.replace(/^http/, "ws");
  return call ? `${address}?call=${encodeURIComponent(call)}` : address;
}

/** Random characters of four bits each, 2 to 9 and a to h, of which none looks like another. */
function draw(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => (2 + (byte % 16)).toString(18)).join("");
}
