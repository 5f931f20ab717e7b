import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callQuerySchema } from "@peerscope/schema/api";
import { migrate } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import { openEmbeddedStore, storeOf, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { createCallList } from "./call-list.ts";

interface Row {
  readonly projectId: string;
  readonly sessionId: string;
  readonly callId: string | null;
  readonly startedAt: number;
  readonly score: number | null;
  readonly scoreClass: string;
  readonly browserName: string;
  readonly finished: number;
  readonly version: number;
  readonly isDeleted: number;
}

const beganAt = 1_800_000_000_000;
const minuteMs = 60_000;

function row(projectId: string, index: number, callId: string | null, startedAt: number): Row {
  const isFailed = index % 31 === 0;
  return {
    projectId,
    // Not in the order of time, as those of clients are not.
    sessionId: `s-${(index * 7_919) % 10_007}`,
    callId,
    startedAt,
    score: isFailed ? null : 100 - (index % 53),
    scoreClass: isFailed ? "failed" : "good",
    browserName: index % 4 === 0 ? "Firefox" : "Chromium",
    finished: 1,
    version: 1,
    isDeleted: 0,
  };
}

/** Calls of two to four people who come within minutes, two rooms that are used all the time, and people in no call. */
const meetings = Array.from({ length: 2_000 }, (_, index) => {
  const call = Math.floor(index / 3) + (index % 7 === 0 ? 1 : 0);
  const callId = index % 20 === 0 ? `room-${index % 40}` : index % 50 === 1 ? null : `call-${call}`;
  return row("meetings", index, callId, beganAt + call * 3 * minuteMs + (index % 3) * 20_000);
});
/** All of it in rooms that were there from the beginning. */
const rooms = Array.from({ length: 1_000 }, (_, index) =>
  row("rooms", index, `room-${index % 60}`, beganAt + index * minuteMs),
);
/** What was analysed again, came back, went into another call, or was erased. */
const replaced = [...meetings, ...rooms].flatMap((old, index): Row[] => {
  const newer = { ...old, version: 2 };
  switch (index % 23) {
    case 1:
      return [{ ...newer, startedAt: old.startedAt + 90 * minuteMs }];
    case 2:
      return [{ ...newer, isDeleted: 1 }];
    case 3:
      return [{ ...newer, callId: `moved-${index}` }];
    case 4:
      return [{ ...newer, finished: 0 }];
    case 5:
      return [{ ...newer, score: 1, scoreClass: "poor" }];
    default:
      return [];
  }
});

let embedded: EmbeddedStore;
let store: Store;
beforeAll(async () => {
  embedded = await openEmbeddedStore();
  await migrate(embedded.client, { layout: { cluster: null } });
  await embedded.client.command({ query: "SYSTEM STOP MERGES legs" });
  for (const part of [meetings, rooms, replaced]) {
    const values = part.map((each) => {
      const at = new Date(each.startedAt).toISOString().replace("T", " ").slice(0, -1);
      return { ...each, leg: 0, startedAt: at, lastAt: at };
    });
    await embedded.client.insert({ table: "legs", values, format: "JSONEachRow" });
  }
  store = storeOf(embedded);
}, 60_000);
afterAll(() => embedded?.close());

/** The same from the rows themselves: names of all calls in order, with what they are sorted by. */
function expected(projectId: string, sort: "newest" | "worst", counts: (row: Row) => boolean): string[] {
  const newest = new Map<string, Row>();
  for (const each of [...meetings, ...rooms, ...replaced])
    if (each.projectId === projectId) newest.set(each.sessionId, each);
  const calls = new Map<string, { rank: number; startedAt: number; sessions: number }>();
  for (const each of newest.values()) {
    if (each.callId === null || each.isDeleted === 1 || each.finished === 0 || !counts(each)) continue;
    const call = calls.get(each.callId) ?? { rank: Infinity, startedAt: Infinity, sessions: 0 };
    calls.set(each.callId, {
      rank: Math.min(call.rank, each.score ?? -1),
      startedAt: Math.min(call.startedAt, each.startedAt),
      sessions: call.sessions + 1,
    });
  }
  return [...calls]
    .toSorted(
      ([aId, a], [bId, b]) =>
        (sort === "worst" ? a.rank - b.rank : 0) || b.startedAt - a.startedAt || (aId < bId ? -1 : 1),
    )
    .map(([callId, { startedAt, sessions }]) => `${callId} ${startedAt} ${sessions}`);
}

describe.each(["newest", "worst"] as const)("calls, %s first", (sort) => {
  test.each([
    ["meetings", "", () => true],
    ["meetings", "browser:Firefox", ({ browserName }: Row) => browserName === "Firefox"],
    ["rooms", "", () => true],
  ] as const)(
    "of %s, filter %j: each in its place, whichever page it is on",
    async (projectId, filter, counts) => {
      const list = createCallList({ store, inMemory: () => [] });
      const wanted = expected(projectId, sort, counts);
      const found: string[] = [];
      // Small pages end among those that are found at once, the last ones among all.
      for (let offset: number | null = 0; offset !== null;) {
        const limit = offset < 20 ? 5 : 60;
        const page = await list(projectId, callQuerySchema.parse({ sort, filter, limit, offset }));
        found.push(
          ...page.calls.map(({ callId, startedAt, sessions }) => `${callId} ${startedAt} ${sessions}`),
        );
        offset = page.nextOffset;
      }
      expect(found).toEqual(wanted);
      expect(new Set(found).size).toBeGreaterThan(50);
    },
  );
});
