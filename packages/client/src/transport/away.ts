/**
 * The ways to the server beside the WebSocket: HTTP POST where WebSockets do not get through, what a page does with its last
 * frames when it goes away, and what it gives up when the server is away for too long. A module of its own that loads after the start, so that the SDK itself stays small.
 */
import {
  encodeIngestPost,
  maxIngestPostFrames,
  type ClientMessage,
  type HelloMessage,
} from "@peerscope/schema";
import type { Kit } from "../collect/surroundings.ts";
import type { OpenSocket } from "../platform.ts";
import type { FrameQueue, QueuedFrame } from "./frame-queue.ts";
import type { IngestSocket } from "./ingest-socket.ts";
import { giveUpSamples } from "./give-up-samples.ts";
import type { PageLeft } from "./page-left.ts";

/** What one body holds, in bytes; a larger frame goes alone. Ours: half of what the server takes. */
const maxBodyBytes = 500_000;
/** What a page that goes away may still send, in bytes: the Fetch standard allows 64 KiB, with what the app sends so. */
const maxLastBytes = 60_000;
/** What a page keeps for the next one, in bytes. Ours: up to four characters each, of the 5 million that browsers allow. */
const maxSavedBytes = 1_000_000;
/** First and longest wait until a WebSocket is tried again, beside the POSTs, in milliseconds. Ours. */
const firstProbeMs = 10_000;
const longestProbeMs = 300_000;

/** Taken now, so that a page that replaces them later does not change what the SDK does. */
const { fetch, setTimeout, clearTimeout, WebSocket } = globalThis;

/** Stands in for a WebSocket: a POST carries what was sent since the last one, and its answer is what the server says. */
export const openPost: OpenSocket = (url, happened) => {
  const given = new AbortController();
  let probeMs = firstProbeMs;
  let probe: WebSocket | undefined;
  const timers = [setTimeout(happened, 0, "open"), setTimeout(tryWebSocket, probeMs)];
  let hello: HelloMessage | undefined;
  let isGreeting = false;
  let waiting: Uint8Array[] = [];
  let isBye = false;
  let isBusy = false;

  /** One that opens takes over, as soon as the client connects again. */
  function tryWebSocket(): void {
    probe?.close();
    probeMs = Math.min(2 * probeMs, longestProbeMs);
    timers.push(setTimeout(tryWebSocket, probeMs));
    probe = new WebSocket(url);
    probe.addEventListener("open", () => happened("close"));
  }

  /** One POST at a time: frames arrive in their order. */
  async function send(): Promise<void> {
    if (isBusy || !hello) return;
    isBusy = true;
    while (isGreeting || waiting.length || isBye) {
      isGreeting = false;
      const frames = startOf(waiting, maxBodyBytes);
      waiting = waiting.slice(frames.length);
      const isLast = isBye && !waiting.length;
      // Whoever says bye does not wait for an answer, and may be gone before it comes.
      const kept = isBye ? { keepalive: !frames.length } : { signal: given.signal };
      const answer = await post(url, hello, frames, isLast, kept);
      isBye &&= !isLast;
      const text = await answer.text();
      // Something on the way may answer in place of the server.
      if (/json/.test(answer.headers.get("content-type") ?? "")) happened("message", text);
      if (!answer.ok) throw new Error(text);
    }
    isBusy = false;
  }

  return {
    send(data) {
      if (typeof data !== "string") waiting.push(data);
      else {
        const message = JSON.parse(data) as ClientMessage;
        if (message.type === "bye") isBye = true;
        else {
          hello = message;
          isGreeting = true;
        }
      }
      send().catch(() => happened("close", undefined));
    },
    close() {
      timers.forEach(clearTimeout);
      probe?.close();
      if (!isBye) given.abort();
    },
  };
};

/** What a page needs that goes away, and perhaps comes back. */
export interface Leaving {
  readonly kit: Kit;
  /** Records nothing more, without a word. */
  readonly retire: () => void;
  readonly url: string;
  readonly socket: IngestSocket;
  readonly queue: FrameQueue;
  readonly storageKey: string;
  readonly pages: number;
}

/** Watches whether the page goes away. */
export function watchLeaving(page: Leaving): void {
  const { kit, socket, storageKey } = page;
  const { listen, platform, recorder } = kit;
  const { emit, flush } = recorder;
  const isKept = (event: Event): boolean => (event as PageTransitionEvent).persisted;
  listen(globalThis, "pagehide", (event) => {
    emit("session-ended", { reason: "pagehide" });
    flush(true);
    if (!isKept(event)) page.retire();
    leave(page.url, socket.hello, page.queue, storageKey, page.pages, platform.now());
    // An open one would keep the browser from keeping the page.
    socket.pause();
  });
  listen(globalThis, "pageshow", (event) => {
    if (!isKept(event)) return;
    // Another page may have gone on with the session meanwhile.
    if (sessionStorage.getItem(storageKey) === null) return page.retire();
    sessionStorage.removeItem(storageKey);
    emit("session-resumed", { pages: page.pages });
    socket.open();
  });
}

/**
 * A page goes away: sends what the server may not have, the oldest first and as much as a browser takes, and keeps all of it in the
 * storage of the tab, under `key`, for the page that comes back in its place. `at` is its own time.
 */
export function leave(
  url: string,
  hello: HelloMessage,
  queue: FrameQueue,
  key: string,
  pages: number,
  at: number,
): void {
  giveUpSamples(queue, maxSavedBytes);
  // Tells what that cost.
  queue.flush(true);
  const { frames, next } = queue;
  postLast(url, hello, frames);
  if (frames.reduce((size, frame) => size + frame.bytes.length, 0) > 1.1 * maxSavedBytes) return;
  const left: PageLeft = {
    at,
    leftAt: Date.now(),
    sessionId: hello.sessionId,
    pages,
    next,
    frames: frames.map((frame) => ({
      sequence: frame.sequence,
      kinds: frame.kinds,
      bytes: [...frame.bytes],
    })),
  };
  sessionStorage.setItem(key, JSON.stringify(left));
}

/**
 * Sends what the server may not have in a request that outlives the page, the oldest first and as much as a browser takes.
 * `isOver`: with all of it goes the end of the session.
 */
export function postLast(
  url: string,
  hello: HelloMessage,
  frames: readonly QueuedFrame[],
  isOver?: boolean,
): void {
  const bytes = startOf(
    frames.map((frame) => frame.bytes),
    maxLastBytes,
  );
  for (const frame of frames.slice(0, bytes.length)) frame.sent = true;
  const isBye = !!isOver && bytes.length === frames.length;
  // Nobody is there any more to hear that it failed.
  if (bytes.length) post(url, hello, bytes, isBye, { keepalive: true }).catch(() => {});
}

/** A simple request, which browsers send to other origins without asking first. No cookies, no address of the page. */
async function post(
  url: string,
  hello: HelloMessage,
  frames: readonly Uint8Array[],
  isBye: boolean,
  more: Pick<RequestInit, "keepalive" | "signal">,
): Promise<Response> {
  return await fetch(url.replace(/^ws/, "http"), {
    method: "POST",
    body: encodeIngestPost(new TextEncoder().encode(JSON.stringify(hello)), frames, isBye),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    ...more,
  });
}

/** The first of the frames, as many as fit, at least one. */
function startOf(frames: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  let left = maxBytes;
  return frames
    .slice(0, maxIngestPostFrames)
    .filter(({ length }, index) => (left -= length + 4) >= 0 || index === 0);
}
