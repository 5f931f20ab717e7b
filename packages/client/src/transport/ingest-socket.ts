import { wireVersion, type ClientMessage, type ServerMessage } from "@peerscope/schema";
import type { Platform, Socket } from "../platform.ts";
import type { FrameQueue } from "./frame-queue.ts";

/** The connection to the server: keeps one WebSocket alive and sends what the queue holds, each frame once a socket. */
export interface IngestSocket {
  open(): void;
  /** Sends what is new. */
  pump(): void;
  /** Tries again at once when waiting to. */
  retryNow(): void;
  /** Says bye when everything is sent, without waiting: for a page that goes away. */
  leave(): void;
  /** Resolves when everything is acknowledged and bye is said, when that is hopeless, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
  readonly connected: boolean;
  /** Code with which the server refused for good, else null. */
  readonly refused: string | null;
}

export interface IngestSocketOptions {
  readonly url: string;
  readonly sessionId: string;
  readonly token: string;
  readonly platform: Platform;
  readonly queue: FrameQueue;
  /** The server knows nothing of what came before. */
  readonly onRestart: () => void;
  readonly onRefused: (code: string, message: string) => void;
}

/** First and longest wait before the next attempt, in milliseconds. Ours. */
const firstBackOffMs = 500;
const longestBackOffMs = 15_000;
/** A socket on which nothing was heard for this long while something was due is dead. Ours: the server's heartbeat. */
const silenceMs = 20_000;

export function createIngestSocket(options: IngestSocketOptions): IngestSocket {
  const { url, platform, queue } = options;
  let socket: Socket | null = null;
  let welcomed = false;
  /** Highest sequence sent on this socket. */
  let sent = -1;
  let attempts = 0;
  /** When the server last spoke, or was last given something to answer after it had answered everything. */
  let waitingSince = 0;
  let cancelRetry: (() => void) | null = null;
  let refused: string | null = null;
  let ended = false;
  let finish: (() => void) | null = null;

  function open(): void {
    cancelRetry?.();
    cancelRetry = null;
    if (socket !== null || ended) return;
    waitingSince = platform.now();
    // Events of a socket that was given up must not touch the one after it.
    const mine = (run: () => void) => () => void (current === socket && run());
    let current: Socket | null = null;
    let text = "";
    try {
      const handleText = mine(() => receive(text));
      current = platform.openSocket(url, {
        opened: mine(() =>
          send({ type: "hello", wireVersion, sessionId: options.sessionId, token: options.token }),
        ),
        received(data) {
          text = data;
          handleText();
        },
        closed: mine(disconnected),
      });
      socket = current;
    } catch {
      // A refused scheme or a content security policy.
      disconnected();
    }
  }

  function send(data: ClientMessage | Uint8Array): void {
    try {
      socket?.send(data instanceof Uint8Array ? data : JSON.stringify(data));
    } catch {
      disconnected();
    }
  }

  function receive(text: string): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(text) as ServerMessage;
    } catch {
      return;
    }
    waitingSince = platform.now();
    switch (message?.type) {
      case "welcome":
        attempts = 0;
        sent = message.acknowledged;
        welcomed = true;
        if (!queue.resume(message.acknowledged)) options.onRestart();
        pump();
        break;
      case "ack":
        queue.acknowledge(message.sequence);
        break;
      case "error":
        if (message.retry) break;
        refused = message.code;
        disconnect();
        end();
        queue.abandon("server-refused");
        options.onRefused(message.code, message.message);
        return;
    }
    if (finish !== null && welcomed && queue.frames.length === 0) {
      leave();
      end();
    }
  }

  function disconnect(): void {
    const old = socket;
    socket = null;
    welcomed = false;
    try {
      old?.close();
    } catch {
      // It is gone either way.
    }
  }

  function disconnected(): void {
    disconnect();
    if (ended || cancelRetry !== null) return;
    const delayMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** attempts++);
    // Half of it is random, so that the clients of a server that restarts do not come back together.
    cancelRetry = platform.after((delayMs * (1 + platform.random())) / 2, open);
  }

  function pump(): void {
    const isOverdue = !welcomed || queue.frames.some(({ sequence }) => sequence <= sent);
    if (!isOverdue) waitingSince = platform.now();
    else if (socket !== null && platform.now() - waitingSince > silenceMs) return disconnected();
    for (const { sequence, bytes } of queue.frames) {
      if (!welcomed) return;
      if (sequence <= sent) continue;
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

  return {
    open,
    pump,
    retryNow() {
      if (cancelRetry !== null) open();
    },
    leave() {
      pump();
      leave();
    },
    async close(deadlineMs) {
      if (ended) return;
      const done = new Promise<void>((resolve) => (finish = resolve));
      const cancel = platform.after(deadlineMs, () => {
        // Everything was sent, the last acknowledgements are missing: bye comes after the last frame all the same.
        leave();
        end();
      });
      pump();
      if (welcomed && queue.frames.length === 0) {
        leave();
        end();
      }
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
