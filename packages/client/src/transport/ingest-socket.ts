import { wireVersion, type ClientMessage, type HelloMessage, type ServerMessage } from "@peerscope/schema";
import type { Platform, Socket } from "../platform.ts";
import { openPost, postLast as postNow } from "./away.ts";
import type { FrameQueue } from "./frame-queue.ts";

/** Ingest key of the project, or what gives it whenever a connection is made. */
export type Token = string | (() => string | Promise<string>);

/** The connection to the server: keeps one WebSocket alive and sends what the queue holds, each frame once a socket. */
export interface IngestSocket {
  /** Connects anew now, also when it waits to try again, or believes to be connected. */
  readonly open: () => void;
  /** Disconnects, until it is told to open. */
  readonly pause: () => void;
  /** Sends what is new. */
  readonly pump: () => void;
  /** Resolves when everything is acknowledged and bye is said, when that is hopeless, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
  /** What it says first; the token is the last one that was used. */
  readonly hello: HelloMessage;
  /** The server has said welcome. */
  readonly connected: boolean;
  /** Code with which the server refused for good, else null. */
  readonly refused: string | null;
}

/** First and longest wait before the next attempt, in milliseconds. Ours. */
const firstBackOffMs = 500;
const longestBackOffMs = 15_000;
/** A socket on which nothing was heard for this long while something was due is dead. Ours: the server's heartbeat. */
const silenceMs = 20_000;

/** So many WebSockets in a row that never open say that something on the way does not let them through. Ours. */
const maxUnopened = 2;

/**
 * `token` is asked for at each connection when it is a function.
 * `attempt` runs what timers and sockets call, so that nothing of it reaches the page. `onRestart` hears that the server knows
 * nothing of what came before, `onRefused` that it refused for good. `draw` gives so many random characters: the id of the next
 * session, when the server has ended this one and takes what comes into a new one. `post` gives what stands in for a WebSocket that
 * does not get through; `postLast` sends what the server has not acknowledged when nobody waits any longer.
 */
export function createIngestSocket(
  url: string,
  session: Pick<HelloMessage, "sessionId" | "privacy">,
  token: Token,
  { now, after, random, openSocket }: Platform,
  queue: FrameQueue,
  attempt: (place: string, run: () => void) => void,
  onRestart: () => void,
  onRefused: (code: string, message: string) => void,
  draw: (length: number) => string,
  post = (): Platform["openSocket"] | undefined => openPost,
  postLast: typeof postNow = postNow,
): IngestSocket {
  let socket: Socket | undefined;
  let welcomed = false;
  /** Highest sequence sent on this socket. */
  let sent = -1;
  let attempts = 0;
  /** Since when the server owes an answer: it last spoke, or owed nothing, at this time. */
  let waitingSince = 0;
  let cancelRetry: (() => void) | undefined;
  let refused: string | null = null;
  let ended = false;
  let unopened = 0;
  let hello: HelloMessage = {
    type: "hello",
    wireVersion,
    ...session,
    token: typeof token === "string" ? token : "",
  };
  let finish: (() => void) | undefined;

  function open(): void {
    if (ended) return;
    disconnect();
    waitingSince = now();
    const openPost = unopened < maxUnopened ? undefined : post();
    // One that does not open either says that the server is away.
    unopened = openPost ? 0 : unopened + 1;
    try {
      const mine = (openPost ?? openSocket)(url, (what, text) => {
        // Of a socket that was given up nothing matters any more.
        if (mine !== socket) return;
        attempt("socket", () => {
          if (what === "open") greet(mine).catch(disconnected);
          else if (what === "close") disconnected();
          else receive(JSON.parse(String(text)) as ServerMessage);
        });
      });
      socket = mine;
    } catch {
      // A refused scheme or a content security policy.
      disconnected();
    }
  }

  async function greet(opened: Socket): Promise<void> {
    unopened = 0;
    if (typeof token !== "string") hello = { ...hello, token: await token() };
    if (opened === socket) send(hello);
  }

  function send(data: ClientMessage | Uint8Array<ArrayBuffer>): void {
    try {
      socket?.send(data instanceof Uint8Array ? data : JSON.stringify(data));
    } catch {
      disconnected();
    }
  }

  function receive(message: ServerMessage): void {
    waitingSince = now();
    if (typeof message === "number") queue.acknowledge(message);
    else if (message.type === "welcome") {
      attempts = 0;
      sent = message.acknowledged;
      welcomed = true;
      if (!queue.resume(sent)) onRestart();
      pump();
    } else if (message.type === "error" && message.renew) {
      // What it does not have is told as lost: frames of one session are of no use to another.
      hello = { ...hello, sessionId: draw(32) };
    } else if (message.type === "error" && !message.retry) {
      refused = message.code;
      queue.abandon("server-refused");
      end();
      onRefused(refused, message.message);
    }
    endIfDone();
  }

  function disconnect(): void {
    cancelRetry?.();
    const old = socket;
    socket = undefined;
    welcomed = false;
    old?.close();
  }

  function disconnected(): void {
    disconnect();
    if (ended) return;
    const delayMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** attempts++);
    // Half of it is random, so that the clients of a server that restarts do not come back together.
    cancelRetry = after((delayMs * (1 + random())) / 2, open);
  }

  function pump(): void {
    const [oldest] = queue.frames;
    if (welcomed && !(oldest && oldest.sequence <= sent)) waitingSince = now();
    else if (socket && now() - waitingSince > silenceMs) disconnected();
    for (const frame of queue.frames) {
      if (!welcomed || frame.sequence <= sent) continue;
      sent = frame.sequence;
      frame.sent = true;
      send(frame.bytes);
    }
  }

  function leave(): void {
    if (welcomed) send({ type: "bye" });
  }

  function end(): void {
    ended = true;
    disconnect();
    finish?.();
  }

  function endIfDone(): void {
    if (finish && welcomed && !queue.frames.length) {
      leave();
      end();
    }
  }

  return {
    open,
    pause: disconnect,
    pump,
    async close(deadlineMs) {
      if (ended) return;
      // The server hangs or is away, and the page may be gone when it is back: the last frames wait for it at the browser.
      // Where the socket is alive, they were sent on it too, and bye is true. What comes twice is ignored.
      const cancel = after(deadlineMs, () => {
        postLast(url, hello, queue.frames, true);
        leave();
        end();
      });
      const done = new Promise<void>((resolve) => (finish = resolve));
      pump();
      endIfDone();
      await done;
      cancel();
    },
    get hello() {
      return hello;
    },
    get connected() {
      return welcomed;
    },
    get refused() {
      return refused;
    },
  };
}
