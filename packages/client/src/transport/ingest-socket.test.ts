import { beforeEach, describe, expect, it } from "vitest";
import {
  createVirtualPlatform,
  type VirtualPlatform,
  type VirtualSocket,
} from "../testing/virtual-platform.ts";
import type { OpenSocket } from "../platform.ts";
import { decodeAll, eventAt } from "../testing/records.ts";
import { createFrameQueue, type FrameQueue } from "./frame-queue.ts";
import { createIngestSocket, type IngestSocket } from "./ingest-socket.ts";

let platform: VirtualPlatform;
let queue: FrameQueue;
let ingest: IngestSocket;
let restarts: number;
let refusals: string[];
let errors: unknown[];
let post: OpenSocket | undefined;
let posted: object[];

beforeEach(() => {
  platform = createVirtualPlatform();
  queue = createFrameQueue(platform.now, 4_000_000);
  restarts = 0;
  refusals = [];
  errors = [];
  post = undefined;
  posted = [];
  ingest = createIngestSocket(
    "ws://server/ingest",
    { sessionId: "session-1" },
    "pk",
    platform,
    queue,
    (_, run) => {
      try {
        run();
      } catch (error) {
        errors.push(error);
      }
    },
    () => restarts++,
    (code) => refusals.push(code),
    () => "session-2",
    () => post,
    (_url, { sessionId }, frames, isOver) =>
      void posted.push({ sessionId, sequences: frames.map(({ sequence }) => sequence), isOver }),
  );
});

const socket = (index: number): VirtualSocket => {
  const found = platform.sockets.at(index);
  if (found === undefined) throw new Error(`There is no socket ${index}.`);
  return found;
};
const framesOf = ({ sent }: VirtualSocket): Uint8Array[] => sent.filter((data) => data instanceof Uint8Array);
const messagesOf = ({ sent }: VirtualSocket): unknown[] =>
  sent.flatMap((data) => (data instanceof Uint8Array ? [] : [data["type"]]));

/** One event, one frame. */
function add(name: string): void {
  queue.push(eventAt(platform.now(), name));
  queue.flush();
  ingest.pump();
}

function connect(acknowledged: number): VirtualSocket {
  const last = socket(-1);
  last.open();
  last.say({ type: "welcome", acknowledged, maxFrameBytes: 1_048_576 });
  return last;
}

describe("a connection", () => {
  it("says hello first, sends nothing before welcome, and each frame once", () => {
    ingest.open();
    add("a");
    socket(0).open();
    expect(socket(0).sent).toEqual([{ type: "hello", wireVersion: 3, sessionId: "session-1", token: "pk" }]);
    expect(ingest.connected).toBe(false);
    socket(0).say({ type: "welcome", acknowledged: -1, maxFrameBytes: 1_048_576 });
    expect(ingest.connected).toBe(true);
    add("b");
    ingest.pump();
    expect(decodeAll(framesOf(socket(0))).sequences).toEqual([0, 1]);
    expect(queue.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 2, lost: 0 });
    socket(0).say(1);
    expect(queue.status()).toEqual({ framesAcknowledged: 2, recordsQueued: 0, lost: 0 });
  });

  it("resumes byte for byte: what the server has is not sent again, the rest is, in order", () => {
    ingest.open();
    connect(-1);
    for (const name of ["a", "b", "c"]) add(name);
    const first = framesOf(socket(0));
    socket(0).say(0);
    socket(0).drop();
    expect(ingest.connected).toBe(false);
    add("d");
    platform.advance(1_000);
    // It wrote frame 1 too, but the acknowledgement was lost with the socket.
    connect(1);
    const second = framesOf(socket(1));
    expect(second).toHaveLength(2);
    expect(second[0]).toEqual(first[2]);
    const { records, sequences } = decodeAll([...first.slice(0, 2), ...second]);
    expect(sequences).toEqual([0, 1, 2, 3]);
    expect(records.map((record) => (record.kind === "event" ? record.data?.["name"] : ""))).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(restarts).toBe(0);
  });

  it("starts again with a keyframe when the server lost what it had acknowledged, and counts what that costs", () => {
    ingest.open();
    connect(-1);
    for (const name of ["a", "b", "c"]) add(name);
    socket(0).say(1);
    socket(0).drop();
    platform.advance(1_000);
    connect(-1);
    expect(restarts).toBe(1);
    expect(framesOf(socket(1))).toEqual([]);
    expect(queue.status().lost).toBe(1);
    add("d");
    const { records, sequences } = decodeAll(framesOf(socket(1)));
    expect(sequences).toEqual([0]);
    expect(records.map((record) => (record.kind === "event" ? record.data : null))).toContainEqual({
      reason: "server-lost-frames",
      samples: 0,
      events: 1,
    });
  });

  it("hears nothing more from a socket that it gave up", () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).drop();
    platform.advance(1_000);
    connect(-1);
    socket(0).drop();
    socket(0).say(0);
    expect(ingest.connected).toBe(true);
    expect(queue.status().framesAcknowledged).toBe(0);
    expect(platform.sockets).toHaveLength(2);
  });

  it("survives any message of a server", () => {
    ingest.open();
    connect(-1);
    for (const text of ["", "null", "{", "[]", '{"type":"later"}']) socket(0).sayText(text);
    add("a");
    expect(framesOf(socket(0))).toHaveLength(1);
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe("back-off", () => {
  /** Waits between attempts, in milliseconds, as long as nobody answers. */
  function waits(count: number): number[] {
    ingest.open();
    const found: number[] = [];
    for (let index = 0; index < count; index++) {
      socket(-1).drop();
      const before = platform.sockets.length;
      const from = platform.now();
      while (platform.sockets.length === before) platform.advance(10);
      found.push(platform.now() - from);
    }
    return found;
  }

  it("doubles from half a second to fifteen, for ever", () => {
    platform.chance = 0.999_99;
    expect(waits(8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it("is up to a half shorter, by chance", () => {
    platform.chance = 0;
    expect(waits(7)).toEqual([250, 500, 1_000, 2_000, 4_000, 7_500, 7_500]);
  });

  it("begins anew after a welcome", () => {
    platform.chance = 0.999_99;
    waits(4);
    connect(-1);
    socket(-1).drop();
    const before = platform.sockets.length;
    platform.advance(510);
    expect(platform.sockets.length).toBe(before + 1);
  });

  it("is cut short by open(), and a socket that may be dead is not waited for", () => {
    platform.chance = 0.999_99;
    waits(5);
    socket(-1).drop();
    const before = platform.sockets.length;
    ingest.open();
    expect(platform.sockets.length).toBe(before + 1);
    platform.advance(100);
    ingest.open();
    expect(platform.sockets.length).toBe(before + 2);
    expect(socket(-2).closedByClient).toBe(true);
  });

  it("also follows a socket that the page may not open", () => {
    platform.refusesSockets = true;
    ingest.open();
    platform.refusesSockets = false;
    platform.advance(500);
    expect(platform.sockets).toHaveLength(1);
    connect(-1);
    expect(ingest.connected).toBe(true);
  });

  it("follows a socket on which nothing is heard for twenty seconds while frames wait", () => {
    ingest.open();
    connect(-1);
    add("a");
    for (let second = 0; second < 20; second++) {
      platform.advance(1_000);
      ingest.pump();
    }
    expect(socket(0).closedByClient).toBe(false);
    platform.advance(1_000);
    ingest.pump();
    expect(socket(0).closedByClient).toBe(true);
    platform.advance(500);
    expect(platform.sockets).toHaveLength(2);
  });

  it("leaves an idle socket alone however long it is silent", () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).say(0);
    platform.advance(3_600_000);
    add("b");
    platform.advance(1_000);
    ingest.pump();
    expect(socket(0).closedByClient).toBe(false);
    expect(framesOf(socket(0))).toHaveLength(2);
  });
});

describe("where WebSockets do not get through", () => {
  const posts: VirtualSocket[] = [];
  beforeEach(() => {
    posts.length = 0;
    post = (url, happened) => {
      const opened = platform.openSocket(url, happened);
      const made = platform.sockets.pop();
      if (made) posts.push(made);
      return opened;
    };
  });

  it("the third attempt is by POST, and the frames go that way", () => {
    ingest.open();
    add("a");
    for (const index of [0, 1]) {
      socket(index).drop();
      expect(posts).toHaveLength(0);
      platform.advance(2_000);
    }
    expect(platform.sockets).toHaveLength(2);
    const [first] = posts;
    first?.open();
    first?.say({ type: "welcome", acknowledged: -1, maxFrameBytes: 1_048_576 });
    expect(first && framesOf(first)).toHaveLength(1);
    first?.say(0);
    expect(queue.status().framesAcknowledged).toBe(1);
    // Now and then a WebSocket is tried again.
    first?.drop();
    platform.advance(500);
    expect(platform.sockets).toHaveLength(3);
    connect(0);
    add("b");
    expect(framesOf(socket(2))).toHaveLength(1);
  });

  it("a server that is away is asked both ways", () => {
    ingest.open();
    for (let attempt = 0; attempt < 9; attempt++) {
      [socket(-1), posts.at(-1)].forEach((any) => any?.drop());
      platform.advance(15_000);
    }
    expect([platform.sockets.length, posts.length]).toEqual([7, 3]);
  });

  it("one that opens is not blocked, whatever becomes of it", () => {
    ingest.open();
    for (let attempt = 0; attempt < 5; attempt++) {
      socket(-1).open();
      socket(-1).drop();
      platform.advance(15_000);
    }
    expect(posts).toHaveLength(0);
  });
});

describe("a token that is a function", () => {
  it("is asked at each connection, and one that fails is asked again", async () => {
    let asked = 0;
    const renewing = createIngestSocket(
      "ws://server/ingest",
      { sessionId: "session-1" },
      async () => {
        if (++asked === 2) throw new Error("The app has none now.");
        return `pk_${asked}`;
      },
      platform,
      queue,
      (_, run) => run(),
      () => {},
      () => {},
      () => "session-2",
      () => undefined,
    );
    renewing.open();
    for (const token of ["pk_1", undefined, "pk_3"]) {
      socket(-1).open();
      await Promise.resolve()
        .then(() => {})
        .then(() => {});
      expect(socket(-1).sent.map((data) => (data instanceof Uint8Array ? null : data["token"]))).toEqual(
        token === undefined ? [] : [token],
      );
      if (token) expect(renewing.hello.token).toBe(token);
      socket(-1).drop();
      platform.advance(15_000);
    }
  });
});

describe("an error of the server", () => {
  it("with retry is followed by another attempt, nothing lost", () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).say({ type: "error", code: "server-stopping", message: "", retry: true });
    socket(0).drop();
    platform.advance(500);
    connect(-1);
    expect(framesOf(socket(1))).toEqual(framesOf(socket(0)));
    expect(ingest.refused).toBeNull();
  });

  it("with renew is followed by a new session that needs nothing of the one before", () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).say(0);
    add("b");
    socket(0).say({ type: "error", code: "session-unreadable", message: "", retry: false, renew: true });
    socket(0).drop();
    platform.advance(500);
    connect(-1);
    expect(socket(1).sent[0]).toMatchObject({ type: "hello", sessionId: "session-2", token: "pk" });
    expect(ingest.hello.sessionId).toBe("session-2");
    expect([restarts, ingest.refused]).toEqual([1, null]);
    add("c");
    platform.advance(10_000);
    add("d");
    const { records, sequences } = decodeAll(framesOf(socket(1)));
    expect(sequences).toEqual([0, 1]);
    expect(records).toContainEqual(
      expect.objectContaining({
        name: "sdk-records-lost",
        data: { reason: "server-lost-frames", samples: 0, events: 1 },
      }),
    );
  });

  it("without retry ends everything, and is told with its code", async () => {
    ingest.open();
    add("a");
    socket(0).open();
    socket(0).say({ type: "error", code: "token-invalid", message: "The key is not known.", retry: false });
    socket(0).drop();
    expect(refusals).toEqual(["token-invalid"]);
    expect(ingest.refused).toBe("token-invalid");
    expect(socket(0).closedByClient).toBe(true);
    platform.advance(60_000);
    expect(platform.sockets).toHaveLength(1);
    add("b");
    expect(queue.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 0, lost: 2 });
    await ingest.close(3_000);
    expect(platform.timers).toBe(0);
  });
});

describe("the end", () => {
  it("says bye after the last acknowledgement and closes", async () => {
    ingest.open();
    connect(-1);
    add("a");
    const closing = ingest.close(3_000);
    expect(messagesOf(socket(0))).toEqual(["hello"]);
    socket(0).say(0);
    await closing;
    expect(messagesOf(socket(0))).toEqual(["hello", "bye"]);
    expect(socket(0).closedByClient).toBe(true);
    expect(platform.timers).toBe(0);
  });

  it("waits for a connection that is being made again", async () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).drop();
    const closing = ingest.close(3_000);
    platform.advance(500);
    connect(-1);
    socket(1).say(0);
    await closing;
    expect(messagesOf(socket(1))).toEqual(["hello", "bye"]);
  });

  it("does not wait longer than it was told", async () => {
    ingest.open();
    connect(-1);
    add("a");
    const closing = ingest.close(3_000);
    platform.advance(3_000);
    await closing;
    expect(messagesOf(socket(0))).toEqual(["hello", "bye"]);
    expect(posted).toEqual([{ sessionId: "session-1", sequences: [0], isOver: true }]);
    expect(platform.timers).toBe(0);
    platform.advance(60_000);
    expect(platform.sockets).toHaveLength(1);
  });

  it("leaves with a request what it could not send", async () => {
    ingest.open();
    add("a");
    add("b");
    const closing = ingest.close(3_000);
    platform.advance(3_000);
    await closing;
    expect(socket(0).sent).toEqual([]);
    expect(posted).toEqual([{ sessionId: "session-1", sequences: [0, 1], isOver: true }]);
  });

  it("leaves nothing with a request when everything is acknowledged", async () => {
    ingest.open();
    connect(-1);
    add("a");
    socket(0).say(0);
    await ingest.close(3_000);
    expect(posted).toEqual([]);
  });

  it("leaves nothing with a request when the server refused", async () => {
    ingest.open();
    socket(0).open();
    add("a");
    socket(0).say({ type: "error", code: "token-invalid", message: "The key is not known.", retry: false });
    await ingest.close(3_000);
    expect(posted).toEqual([]);
  });

  it("is at once when everything is acknowledged", async () => {
    ingest.open();
    connect(-1);
    await ingest.close(3_000);
    expect(messagesOf(socket(0))).toEqual(["hello", "bye"]);
  });
});
