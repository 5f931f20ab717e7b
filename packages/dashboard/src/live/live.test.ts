import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveSession, LiveSnapshot } from "@peerscope/schema/api";
import { createEventReader } from "./event-stream.ts";
import { factorName, factorSentence } from "./factor-words.ts";
import { announcementOf, goneWords, listedOf, listWords, minutesWords, sufferingRows } from "./live-rows.ts";
import { openLiveStream } from "./live-stream.ts";

function session(sessionId: string, since: number | null): LiveSession {
  return {
    sessionId,
    callId: null,
    userId: sessionId,
    startedAt: 0,
    class: "good",
    since,
    faultDomain: "unknown",
    observations:
      since === null ? [] : [{ id: "uplink-loss", key: "k", severity: "major", startedAt: since }],
    browser: null,
    os: null,
  };
}

function snapshot(sessions: readonly LiveSession[]): LiveSnapshot {
  return {
    at: 1_000,
    clients: sessions.length,
    calls: sessions.length,
    classes: { good: 0, fair: 0, poor: 0, failed: 0, dropped: 0, "not-measured": 0 },
    affected: sessions.filter(({ since }) => since !== null).length,
    sessions: [...sessions],
    worstCalls: [],
    factorsTried: 0,
    factors: [],
    changes: [],
  };
}

test("events come out whole however the stream is cut", () => {
  const text =
    'event: now\ndata: {"a":1}\n\nevent: still\r\ndata: x\ndata: y\r\n\r\n: comment\n\ndata: z\n\n';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: text.length - 1 })), (places) => {
      const read = createEventReader();
      const cuts = [...new Set([0, ...places, text.length])].toSorted((a, b) => a - b);
      const events = cuts.slice(1).flatMap((end, place) => read(text.slice(cuts[place], end)));
      expect(events).toEqual([
        { name: "now", data: '{"a":1}' },
        { name: "still", data: "x\ny" },
        { name: "message", data: "z" },
      ]);
    }),
  );
});

describe("the list of those who suffer", () => {
  const ids = (rows: ReturnType<typeof sufferingRows>): string[] =>
    rows.map(({ session: { sessionId }, isOver }) => (isOver ? `(${sessionId})` : sessionId));

  test("has the longest first, without those who are well", () => {
    const rows = sufferingRows([], [session("a", 30), session("b", null), session("c", 10)], false);
    expect(ids(rows)).toEqual(["c", "a"]);
  });

  test("stays where it is while somebody reads, and is put in order after that", () => {
    const before = sufferingRows([], [session("a", 30), session("c", 10)], false);
    const later = [session("a", 30), session("d", 5), session("c", null)];
    const held = sufferingRows(before, later, true);
    expect(ids(held)).toEqual(["(c)", "a", "d"]);
    expect(ids(sufferingRows(held, later, false))).toEqual(["d", "a"]);
  });

  test("says how many suffer, and how many of them it has when the server left some out", () => {
    const sessions = [session("a", 30), session("b", null), session("c", 10)];
    expect(listWords(2, listedOf(sessions))).toBe("2 people, longest first");
    expect(listWords(350, listedOf(sessions))).toBe("the worst 2 of 350 people, longest first");
    expect(listWords(0, 0)).toBe("nobody");
    expect(goneWords(false)).toBe("It is better, or they left");
    expect(goneWords(true)).toContain("or it is worse for others");
  });
});

test("who comes into a list that was cut is only new when it went wrong after it", () => {
  const cut = { ...snapshot([session("Kim", 10)]), affected: 3 };
  const after = (since: number): LiveSnapshot => ({ ...snapshot([session("Lin", since)]), affected: 3 });
  expect(announcementOf(cut, after(20))).toBeNull();
  expect(announcementOf(cut, after(cut.at + 1))).toContain("New: Lin");
});

test("minutes in which nothing was measured are not told as good ones", () => {
  expect(minutesWords(["good", "good"])).toBe("Of 2 minutes: nothing worse than good");
  expect(minutesWords([null, "not-measured"])).toBe("Of 1 minute: nothing was measured");
  expect(minutesWords([null])).toBe("Of 0 minutes: nothing was measured");
  expect(minutesWords(["good", "not-measured"])).toBe(
    "Of 2 minutes: nothing worse than good, not measured in 1",
  );
  expect(minutesWords(["poor", "fair", "poor", "not-measured"])).toBe(
    "Of 4 minutes: poor in 2, fair in 1, not measured in 1",
  );
});

test("a screen reader hears who is new and how many there are, and nothing when nothing changed", () => {
  const well = snapshot([session("Kim", null)]);
  const ill = snapshot([session("Kim", 10)]);
  expect(announcementOf(well, ill)).toMatch(/^1 person suffers\. New: Kim, /);
  expect(announcementOf(ill, well)).toBe("Nobody suffers any more");
  expect(announcementOf(ill, { ...ill, at: 2_000 })).toBeNull();
});

test("a common factor is told with both groups", () => {
  const factor = {
    dimension: "tag:region",
    value: "eu-2",
    clients: 40,
    affected: 12,
    controlClients: 400,
    controlAffected: 30,
    ratio: 4,
    p: 0.001,
  };
  expect(factorName(factor)).toBe("Tag region eu-2");
  expect(factorSentence(factor)).toBe(
    "12 of 40 clients with it suffer (30 %), 30 of the 400 others (7.5 %): 4 times as often as without (control group 400).",
  );
  expect(factorSentence({ ...factor, controlAffected: 0, ratio: null })).toContain(
    "nobody without it suffers",
  );
});

describe("the stream", () => {
  let answers: (() => Promise<Response>)[];
  let asked: number;
  beforeEach(() => {
    vi.useFakeTimers();
    answers = [];
    asked = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const answer = (): Promise<Response> => {
    asked += 1;
    return (answers.shift() ?? (() => Promise.reject(new TypeError("refused"))))();
  };
  const stream = (text: string): Response =>
    new Response(text, { headers: { "content-type": "text/event-stream" } });
  const open = (): ReturnType<typeof openLiveStream> =>
    openLiveStream({ url: "/api/live", fetch: () => answer() });
  const now = `event: now\ndata: ${JSON.stringify(snapshot([session("Kim", 10)]))}\n\n`;

  test("keeps what it showed when the line breaks, says when it tries again, and goes on", async () => {
    answers = [async () => stream(now)];
    const live = open();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.state()).toMatchObject({ line: "lost", refusal: null, snapshot: { affected: 1 } });
    expect(live.state().retryAt).toBe(Date.now() + 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(2);
    expect((live.state().retryAt ?? 0) - Date.now()).toBe(2_000);
    answers = [async () => new Response(new ReadableStream({ start: (to) => to.enqueue(encode(now)) }))];
    live.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.state()).toMatchObject({ line: "open", retryAt: null });
    // Nothing comes any more, not even a sign of life.
    await vi.advanceTimersByTimeAsync(25_000);
    expect(live.state().line).toBe("lost");
    live.close();
    const before = asked;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toBe(before);
  });

  test("tells why the server refused or ended it", async () => {
    const body = { error: { code: "live-streams-exceeded", message: "Too many.", docs: "" } };
    answers = [
      async () => Response.json(body, { status: 503 }),
      async () => stream(`${now}event: end\ndata: {"code":"login-needed"}\n\n`),
    ];
    const live = open();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.state().refusal).toEqual({ code: "live-streams-exceeded", message: "Too many." });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(live.state()).toMatchObject({ line: "lost", refusal: { code: "login-needed" } });
    live.close();
  });
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
