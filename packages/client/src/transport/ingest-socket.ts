import { wireVersion, type ClientMessage, type HelloMessage, type ServerMessage } from "@peerscope/schema";
import type { Platform, Socket } from "../platform.ts";
import type { FrameQueue } from "./frame-queue.ts";

/** The connection to the server: keeps one WebSocket alive and sends what the queue holds, each frame once a socket. */
export interface IngestSocket {
  /** Connects now, also when it waits to try again. */
  readonly open: () => void;
  /** Sends what is new. */
  readonly pump: () => void;
  /** Says bye after what was sent, without waiting: for a page that goes away. */
  readonly leave: () => void;
  /** Resolves when everything is acknowledged and bye is said, when that is hopeless, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
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

/**
 * `attempt` runs what timers and sockets call, so that nothing of it reaches the page. `onRestart` hears that the server knows
 * nothing of what came before, `onRefused` that it refused for good.
 */
export function createIngestSocket(
  url: string,
  hello: Omit<HelloMessage, "type" | "wireVersion">,
  { now, after, random, openSocket }: Platform,
  queue: FrameQueue,
  attempt: (place: string, run: () => void) => void,
  onRestart: () => void,
  onRefused: (code: string, message: string) => void,
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
  let finish: (() => void) | undefined;

  function open(): void {
    cancelRetry?.();
    cancelRetry = undefined;
    if (socket || ended) return;
    waitingSince = now();
    try {
      const mine = openSocket(url, (what, text) => {
        // Of a socket that was given up nothing matters any more.
        if (mine !== socket) return;
        attempt("socket", () => {
          if (what === "open") send({ type: "hello", wireVersion, ...hello });
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

  function send(data: ClientMessage | Uint8Array<ArrayBuffer>): void {
    try {
      socket?.send(data instanceof Uint8Array ? data : JSON.stringify(data));
    } catch {
      disconnected();
    }
  }

  function receive(message: ServerMessage): void {
    waitingSince = now();
    if (message.type === "ack") queue.acknowledge(message.sequence);
    else if (message.type === "welcome") {
      attempts = 0;
      sent = message.acknowledged;
      welcomed = true;
      if (!queue.resume(sent)) onRestart();
      pump();
    } else if (message.type === "error" && !message.retry) {
      refused = message.code;
      queue.abandon("server-refused");
      end();
      onRefused(refused, message.message);
    }
    endIfDone();
  }

  function disconnect(): void {
    const old = socket;
    socket = undefined;
    welcomed = false;
    old?.close();
  }

  function disconnected(): void {
    disconnect();
    if (ended || cancelRetry) return;
    const delayMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** attempts++);
    // Half of it is random, so that the clients of a server that restarts do not come back together.
    cancelRetry = after((delayMs * (1 + random())) / 2, open);
  }

  function pump(): void {
    const [oldest] = queue.frames;
    if (welcomed && !(oldest && oldest.sequence <= sent)) waitingSince = now();
    else if (socket && now() - waitingSince > silenceMs) disconnected();
    for (const { sequence, bytes } of queue.frames) {
      if (!welcomed || sequence <= sent) continue;
      sent = sequence;
      send(bytes);
    }
  }

  function leave(): void {
    if (welcomed) send({ type: "bye" });
  }

  function end(): void {
    ended = true;
    cancelRetry?.();
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
    pump,
    leave,
    async close(deadlineMs) {
      if (ended) return;
      // At the deadline everything was sent and the last acknowledgements are missing: bye is true all the same.
      const cancel = after(deadlineMs, () => {
        leave();
        end();
      });
      const done = new Promise<void>((resolve) => (finish = resolve));
      pump();
      endIfDone();
      await done;
      cancel();
    },
    get connected() {
      return welcomed;
    },
    get refused() {
      return refused;
    },
  };
}
