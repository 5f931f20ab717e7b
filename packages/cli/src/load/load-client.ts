import { wireVersion } from "@peerscope/schema";
import { WebSocket } from "ws";
import type { LoadPlayer, PreparedSession } from "./prepared-session.ts";
import { addLatency, type LoadTally } from "./load-tally.ts";

/** One session that was played, with all that a check needs afterwards. */
export interface PlayedSession {
  readonly sessionId: string;
  readonly player: LoadPlayer;
  readonly prepared: PreparedSession;
  /** Frames before its last, if nobody ends it earlier. */
  readonly frames: number;
  /** Frames made so far. */
  made: number;
  /** Highest sequence that the server acknowledged, -1 for none. */
  acknowledged: number;
  /** Its last frame was made: the highest that there will be. */
  isEnded: boolean;
  /** The server will never take it: it is not tried again. */
  isRefused: boolean;
}

/** One client: it makes a frame when told, keeps it until it is acknowledged, and connects again after a loss. */
export interface LoadClient {
  readonly session: PlayedSession;
  connect(): void;
  /** Makes the next frame and sends it, or keeps it until there is a connection. */
  step(): void;
  /** Makes the last frame; everything that was made is still brought to the server. */
  end(): void;
  /** Nothing is left to be acknowledged. */
  readonly isDone: boolean;
  /** Breaks the connection without a word and connects again, as after a change of network. */
  drop(): void;
  close(): void;
}

export interface LoadClientOptions {
  /** ws:// or wss:// address of /ingest. */
  readonly url: string;
  readonly token: string;
  readonly session: PlayedSession;
  readonly tally: LoadTally;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Pauses before connecting again, in ms: doubled each time. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;
/** Frames that a client keeps; beyond it, it makes no more until the server is back. Ours: some 20 minutes at 1 Hz. */
const maxKept = 1_200;

interface KeptFrame {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** When it was handed to the socket first; NaN before. */
  sentAt: number;
  /** It was sent on an earlier connection: its acknowledgement says nothing about how fast the server is. */
  isRepeated: boolean;
}

export function createLoadClient(options: LoadClientOptions): LoadClient {
  const { session, tally, now } = options;
  const { player, prepared } = session;
  let socket: WebSocket | null = null;
  let isWelcome = false;
  let isClosed = false;
  let hash = 0;
  let kept: KeptFrame[] = [];
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | null = null;

  function make(sequence: number): void {
    const frame = sequence === 0 ? prepared.first(player) : prepared.next(sequence, hash);
    ({ hash } = frame);
    put(frame.bytes);
  }

  function put(bytes: Uint8Array): void {
    const frame = { sequence: session.made, bytes, sentAt: Number.NaN, isRepeated: false };
    kept.push(frame);
    session.made += 1;
    tally.framesMade += 1;
    if (isWelcome) send(frame);
  }

  function send(frame: KeptFrame): void {
    if (!Number.isNaN(frame.sentAt)) frame.isRepeated = true;
    frame.sentAt = now();
    tally.framesSent += 1;
    tally.bytesSent += frame.bytes.byteLength;
    socket?.send(frame.bytes);
  }

  function onAcknowledged(sequence: number): void {
    const at = now();
    let landed = 0;
    for (const frame of kept) {
      if (frame.sequence > sequence) break;
      landed += 1;
      if (!frame.isRepeated) addLatency(tally, frame.sentAt, at);
    }
    if (landed > 0) kept = kept.slice(landed);
    tally.framesAcknowledged += Math.max(0, sequence - session.acknowledged);
    session.acknowledged = Math.max(session.acknowledged, sequence);
    if (session.isEnded && kept.length === 0) finish();
  }

  function onWelcome(acknowledged: number): void {
    // What was acknowledged once must be there for ever.
    if (acknowledged < session.acknowledged) tally.framesForgotten += session.acknowledged - acknowledged;
    onAcknowledged(acknowledged);
    isWelcome = true;
    pauseMs = firstPauseMs;
    if (isClosed) return;
    for (const frame of kept) send(frame);
  }

  function end(): void {
    if (isClosed || session.isEnded) return;
    session.isEnded = true;
    if (session.made === 0) finish();
    else put(prepared.last(session.made, player));
  }

  function finish(): void {
    if (isClosed) return;
    isClosed = true;
    if (isWelcome) socket?.send(JSON.stringify({ type: "bye" }));
    else socket?.close();
  }

  function connect(): void {
    timer = null;
    if (isClosed) return;
    isWelcome = false;
    tally.connections += 1;
    const started = new WebSocket(options.url, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: 30_000,
    });
    socket = started;
    started.on("open", () =>
      started.send(
        JSON.stringify({
          type: "hello",
          wireVersion,
          sessionId: session.sessionId,
          token: options.token,
        }),
      ),
    );
    started.on("message", (data) => {
      const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString("utf8") : "null");
      if (typeof message === "number") onAcknowledged(message);
      else if (typeof message === "object" && message !== null && "type" in message) onMessage(message);
    });
    // What went wrong shows in the close that follows.
    started.on("error", () => {});
    started.on("close", () => {
      if (socket !== started) return;
      socket = null;
      isWelcome = false;
      if (isClosed) return;
      tally.reconnects += 1;
      timer = setTimeout(connect, pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    });
  }

  function onMessage(message: object & { readonly type: unknown }): void {
    if (message.type === "welcome" && "acknowledged" in message) onWelcome(Number(message.acknowledged));
    if (message.type !== "error" || !("code" in message)) return;
    const code = String(message.code);
    tally.refusals.set(code, (tally.refusals.get(code) ?? 0) + 1);
    if ("retry" in message && message.retry === true) return;
    session.isRefused = true;
    isClosed = true;
  }

  return {
    session,
    connect,
    step() {
      if (isClosed || session.isEnded || kept.length >= maxKept) return;
      if (session.made === session.frames) end();
      else make(session.made);
    },
    end,
    get isDone() {
      return isClosed;
    },
    drop() {
      socket?.terminate();
    },
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      socket?.terminate();
    },
  };
}
