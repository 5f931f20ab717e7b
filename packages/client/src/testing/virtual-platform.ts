import type { Platform, Socket } from "../platform.ts";

/** A socket of the virtual network, with the server's side of it. */
export interface VirtualSocket {
  readonly url: string;
  /** What the client sent: objects of text messages, bytes of frames. */
  readonly sent: (Record<string, unknown> | Uint8Array)[];
  closedByClient: boolean;
  /** The server's side. */
  open(): void;
  say(message: unknown): void;
  sayText(text: string): void;
  drop(): void;
}

/** Virtual time and network. */
export interface VirtualPlatform extends Platform {
  /** Runs everything that is due within this time, in order. */
  advance(durationMs: number): void;
  /** Lets time pass in which nothing runs, as in a hidden page; then what became due runs late, once. */
  freeze(durationMs: number): void;
  readonly sockets: VirtualSocket[];
  /** Timers that wait. */
  readonly timers: number;
  /** What `random` gives. */
  chance: number;
  /** `openSocket` throws. */
  refusesSockets: boolean;
}

export function createVirtualPlatform(startAt = 1_700_000_000_000): VirtualPlatform {
  let time = startAt;
  let order = 0;
  const timers = new Set<{ readonly at: number; readonly order: number; readonly callback: () => void }>();
  const sockets: VirtualSocket[] = [];
  const platform: VirtualPlatform = {
    sockets,
    chance: 0.5,
    refusesSockets: false,
    get timers() {
      return timers.size;
    },
    now: () => time,
    after(delayMs, callback) {
      const timer = { at: time + delayMs, order: order++, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    random: () => platform.chance,
    openSocket(url, happened) {
      if (platform.refusesSockets) throw new Error("The page may not connect there.");
      const sent: VirtualSocket["sent"] = [];
      const socket: VirtualSocket = {
        url,
        sent,
        closedByClient: false,
        open: () => happened("open", undefined),
        say: (message) => happened("message", JSON.stringify(message)),
        sayText: (text) => happened("message", text),
        drop: () => happened("close", undefined),
      };
      sockets.push(socket);
      const client: Socket = {
        send: (data) =>
          sent.push(typeof data === "string" ? (JSON.parse(data) as Record<string, unknown>) : data),
        close: () => {
          socket.closedByClient = true;
        },
      };
      return client;
    },
    advance(durationMs) {
      const until = time + durationMs;
      for (;;) {
        const due = [...timers]
          .filter(({ at }) => at <= until)
          .sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (due === undefined) break;
        timers.delete(due);
        time = Math.max(time, due.at);
        due.callback();
      }
      // A callback may itself have let time pass.
      time = Math.max(time, until);
    },
    freeze(durationMs) {
      time += durationMs;
      platform.advance(0);
    },
  };
  return platform;
}
