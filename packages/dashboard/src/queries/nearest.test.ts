import type { SessionList } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import { nearestAfter } from "./explorer.ts";
import { callOfSessionQuery } from "./sessions.ts";

const hour = 3_600_000;
const at = Date.UTC(2026, 10, 20);

/** Asks a list of sessions that began so long after the moment, as the server does: the newest first, 200 at most. */
async function nearest(after: readonly number[]): Promise<{ found: number[]; ends: (string | null)[] }> {
  const ends: (string | null)[] = [];
  const ask = (params: URLSearchParams): Promise<Pick<SessionList, "sessions" | "nextCursor">> => {
    const to = params.get("to");
    ends.push(to);
    const skipped = Number(params.get("cursor") ?? 0);
    const found = after
      .map((later) => at + later)
      .filter((startedAt) => to === null || startedAt < Number(to))
      .toSorted((a, b) => b - a);
    return Promise.resolve({
      sessions: found
        .slice(skipped, skipped + 200)
        .map((startedAt) => ({ startedAt })) as unknown as SessionList["sessions"],
      nextCursor: found.length > skipped + 200 ? String(skipped + 200) : null,
    });
  };
  const sessions = await nearestAfter(new URLSearchParams({ from: String(at) }), at, ask);
  return { found: sessions.map(({ startedAt }) => startedAt - at), ends };
}

test("of hundreds of later sessions the nearest are found, the latest of them first", async () => {
  const hundreds = Array.from({ length: 700 }, (_, index) => 2 * hour + index * hour);
  expect((await nearest(hundreds)).found).toEqual([4 * hour, 3 * hour, 2 * hour]);
  const dense = Array.from({ length: 700 }, (_, index) => index * 1000);
  expect((await nearest(dense)).found).toEqual([2000, 1000, 0]);
});

test("nobody looks further than needed, and at last without an end", async () => {
  expect(await nearest([1000, 2000, 3000])).toEqual({
    found: [3000, 2000, 1000],
    ends: [String(at + hour)],
  });
  const far = await nearest([9000 * hour]);
  expect(far.found).toEqual([9000 * hour]);
  expect(far.ends).toHaveLength(5);
  expect(far.ends.at(-1)).toBeNull();
  expect((await nearest([])).found).toEqual([]);
});

test("the call of a session is another one in another project", () => {
  expect(callOfSessionQuery("stand-up", "alpha").queryKey).not.toEqual(
    callOfSessionQuery("stand-up", "beta").queryKey,
  );
});
