/** What the pure parts of the SDK need from the place they run in. Tests give a virtual one. */
export interface Platform {
  /** Unix time in milliseconds, with fractions, on a clock that never jumps. */
  readonly now: () => number;
  /** Runs `callback` once after `delayMs`; the returned function takes it back. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Opens a WebSocket and tells what happens to it. May throw. */
  readonly openSocket: OpenSocket;
}

/** Opens a way to the server and tells what happens to it. */
export type OpenSocket = (
  url: string,
  happened: (what: "open" | "message" | "close", text?: unknown) => void,
) => Socket;

/** The half of a WebSocket that the SDK uses. `send` may throw. */
export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/**
 * The browser. Constructors and timers are taken now, so that a page that replaces them later
 * (mocked timers, wrapped sockets) does not change what the SDK does. Its time is never before `notBefore`, in Unix milliseconds:
 * a session that goes on after a reload does not go back when the clock was set back.
 */
export function browserPlatform(notBefore = 0): Platform {
  const { WebSocket, performance, setTimeout, clearTimeout } = globalThis;
  const origin = Math.max(performance.timeOrigin, notBefore - performance.now());
  return {
    now: () => origin + performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    openSocket(url, happened) {
      const socket = new WebSocket(url);
      for (const what of ["open", "message", "close"] as const) {
        socket.addEventListener(what, (event) => happened(what, (event as MessageEvent).data));
      }
      return socket;
    },
  };
}
