import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { splitIngestPost, type HelloMessage } from "@peerscope/schema";
import { decodeAll, eventAt, sampleAt } from "../testing/records.ts";
import { createVirtualPlatform } from "../testing/virtual-platform.ts";
import { createFrameQueue, type FrameQueue } from "./frame-queue.ts";

interface Posted {
  readonly url: string;
  readonly init: RequestInit;
  readonly parts: readonly Uint8Array[];
  readonly answer: (body: unknown, status?: number, type?: string) => Promise<void>;
  readonly fail: () => Promise<void>;
}

let posted: Posted[];
let happened: [string, unknown][];
let stored: Map<string, string>;
let away: typeof import("./away.ts");

const hello: HelloMessage = { type: "hello", wireVersion: 3, sessionId: "session-1", token: "pk" };
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {});

class Probe extends EventTarget {
  isClosed = false;
  constructor() {
    super();
    probes.push(this);
  }
  close(): void {
    this.isClosed = true;
  }
}
let probes: Probe[] = [];

beforeEach(async () => {
  probes = [];
  vi.stubGlobal("WebSocket", Probe);
  vi.useFakeTimers();
  vi.resetModules();
  posted = [];
  happened = [];
  stored = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    let resolve: (response: Response) => void = () => {};
    let reject: (error: Error) => void = () => {};
    const promise = new Promise<Response>((onAnswer, onFailure) => {
      resolve = onAnswer;
      reject = onFailure;
    });
    init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    posted.push({
      url,
      init,
      parts: splitIngestPost(init.body as Uint8Array) ?? [],
      answer(body, status = 200, type = "application/json") {
        resolve(new Response(JSON.stringify(body), { status, headers: { "content-type": type } }));
        return settled();
      },
      fail() {
        reject(new TypeError("Failed to fetch"));
        return settled();
      },
    });
    return promise;
  });
  away = await import("./away.ts");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const said = ({ parts }: Posted): unknown => JSON.parse(new TextDecoder().decode(parts[0]));
const last = (): Posted => posted.at(-1) ?? expect.fail("Nothing was posted.");

describe("a POST in place of a WebSocket", () => {
  const open = (): ReturnType<typeof away.openPost> =>
    away.openPost("wss://server/ingest?call=c", (what, text) => happened.push([what, text]));

  it("opens by itself, says hello, and carries what was sent while the one before was on its way", async () => {
    const socket = open();
    expect(happened).toEqual([]);
    await settled();
    expect(happened).toEqual([["open", undefined]]);
    socket.send(JSON.stringify(hello));
    expect(last().url).toBe("https://server/ingest?call=c");
    expect(last().init).toMatchObject({ method: "POST", credentials: "omit", referrerPolicy: "no-referrer" });
    expect(last().init.headers).toBeUndefined();
    expect([said(last()), last().parts.length]).toEqual([hello, 1]);
    await last().answer({ type: "welcome", acknowledged: -1 });
    expect(happened.at(-1)).toEqual(["message", '{"type":"welcome","acknowledged":-1}']);
    socket.send(bytes(1));
    socket.send(bytes(2));
    socket.send(bytes(3));
    expect(posted).toHaveLength(2);
    expect(last().parts.slice(1)).toEqual([bytes(1)]);
    await last().answer(0);
    expect(happened.at(-1)).toEqual(["message", "0"]);
    expect(last().parts.slice(1)).toEqual([bytes(2), bytes(3)]);
    await last().answer(2);
    expect(posted).toHaveLength(3);
  });

  it("carries half a megabyte at a time", async () => {
    const socket = open();
    socket.send(JSON.stringify(hello));
    for (const size of [300_000, 300_000, 900_000, 10]) socket.send(new Uint8Array(size));
    const sizes: number[][] = [];
    for (let index = 0; index < 4; index++) {
      await last().answer(index);
      sizes.push(
        last()
          .parts.slice(1)
          .map(({ length }) => length),
      );
    }
    expect(sizes).toEqual([[300_000], [300_000], [900_000], [10]]);
  });

  it("says bye after the last frame, also when it is closed at once", async () => {
    const socket = open();
    socket.send(JSON.stringify(hello));
    socket.send(bytes(1));
    socket.send('{"type":"bye"}');
    socket.close();
    await last().answer({ type: "welcome", acknowledged: -1 });
    expect(last().parts.slice(1)).toEqual([bytes(1), bytes()]);
    await last().answer(0);
    expect(posted).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["fails", (request: Posted) => request.fail()],
    ["is refused", (request: Posted) => request.answer({ type: "error", retry: true }, 503)],
    ["is answered by something else", (request: Posted) => request.answer("<html>", 502, "text/html")],
  ])("is closed when a request %s", async (_, act) => {
    const socket = open();
    await settled();
    socket.send(JSON.stringify(hello));
    await act(last());
    expect(happened.at(-1)).toEqual(["close", undefined]);
    expect(happened.some(([, text]) => String(text).includes("html"))).toBe(false);
  });

  it("tries a WebSocket beside it, less and less often, and gives way to one that opens", async () => {
    const socket = open();
    await settled();
    socket.send(JSON.stringify(hello));
    const triedAt: number[] = [];
    for (let second = 1; second <= 1_000; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      if (probes.length > triedAt.length) triedAt.push(second);
    }
    expect(triedAt).toEqual([10, 30, 70, 150, 310, 610, 910]);
    expect(probes.slice(0, -1).every(({ isClosed }) => isClosed)).toBe(true);
    expect(happened.map(([what]) => what)).toEqual(["open"]);
    probes.at(-1)?.dispatchEvent(new Event("open"));
    expect(happened.at(-1)?.[0]).toBe("close");
    socket.close();
    expect(probes.at(-1)?.isClosed).toBe(true);
    expect(last().init.signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a page that goes away", () => {
  function queueOf(frames: number, wide = ""): FrameQueue {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000);
    for (let index = 0; index < frames; index++) {
      queue.push(eventAt(platform.now(), `${index}${wide}`));
      queue.push(sampleAt(platform.now()));
      queue.flush();
      platform.advance(1_000);
    }
    return queue;
  }
  const take = async (): Promise<import("./page-left.ts").PageLeft | undefined> =>
    (await import("./page-left.ts")).takePageLeft("key");

  it("sends what is not acknowledged, the oldest first, as much as a browser takes, and keeps all of it", async () => {
    const queue = queueOf(300, "x".repeat(300));
    queue.acknowledge(9);
    away.leave("ws://server/ingest", hello, queue, "key", 2, 1_234);
    const [, ...sent] = last().parts;
    expect(last().init.keepalive).toBe(true);
    expect((last().init.body as Uint8Array).length).toBeLessThan(61_000);
    expect(sent.length).toBeGreaterThan(50);
    expect(sent).toEqual(queue.frames.slice(0, sent.length).map((frame) => frame.bytes));
    const left = await take();
    expect(left).toMatchObject({ at: 1_234, sessionId: "session-1", pages: 2, next: 300 });
    const again = createFrameQueue(() => 0, 4_000_000, left);
    expect(again.frames.map((frame) => frame.bytes)).toEqual(queue.frames.map((frame) => frame.bytes));
    await last().fail();
  });

  it("keeps what another page can take once, within ten minutes", async () => {
    away.leave("ws://server/ingest", hello, queueOf(1), "key", 1, 0);
    expect(await take()).toBeDefined();
    expect(await take()).toBeUndefined();
    away.leave("ws://server/ingest", hello, queueOf(1), "key", 1, 0);
    vi.setSystemTime(Date.now() + 600_000);
    expect(await take()).toBeUndefined();
    stored.set("key", "{");
    expect(await take()).toBeUndefined();
  });

  it("changes no frame any more that went with the last request", () => {
    const queue = queueOf(500);
    away.leave("ws://server/ingest", hello, queue, "key", 1, 0);
    const posted = last().parts.length - 1;
    expect(queue.frames.map(({ sent }) => sent === true)).toEqual(
      queue.frames.map((_, index) => index < posted),
    );
  });

  it("says with the last frames that the session is over, when all of them go along", () => {
    const few = queueOf(3);
    away.postLast("ws://server/ingest", hello, few.frames, true);
    // Nothing behind the frames is bye.
    expect(last().parts.slice(1)).toEqual([...few.frames.map(({ bytes: sent }) => sent), bytes()]);
    expect(last().init.keepalive).toBe(true);
    const many = queueOf(1_500);
    away.postLast("ws://server/ingest", hello, many.frames, true);
    expect(last().parts.length).toBeLessThan(1_500);
    expect(last().parts.at(-1)).not.toEqual(bytes());
    away.postLast("ws://server/ingest", hello, [], true);
    expect(posted).toHaveLength(2);
  });

  it("gives up samples before it gives up the session, and says so", async () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000);
    for (let index = 0; index < 400; index++) {
      queue.push(eventAt(platform.now(), `${index}`));
      // Nothing of it can be said by what came before.
      const text = Array.from({ length: 900 }, (_, word) => (index * 7_919) ^ (word * 104_729)).join();
      const { stats, ...sample } = sampleAt(platform.now());
      queue.push({ ...sample, stats: [...stats, { id: "text", type: "codec", timestamp: 0, text }] });
      queue.flush();
      platform.advance(1_000);
    }
    expect(queue.frames.reduce((sum, frame) => sum + frame.bytes.length, 0)).toBeGreaterThan(1_100_000);
    away.leave("ws://server/ingest", hello, queue, "key", 1, 0);
    const left = await take();
    const { records } = decodeAll(left?.frames.map((frame) => new Uint8Array(frame.bytes)) ?? []);
    expect(records.filter((record) => record.kind === "event" && record.name === "app-event")).toHaveLength(
      400,
    );
    const { lost } = queue.status();
    expect(lost).toBeGreaterThan(0);
    expect(records.at(-1)).toMatchObject({ data: { reason: "buffer-full", samples: lost } });
    expect(stored.size).toBe(0);
  });
});
