import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { facetNames, facetNumbers } from "@peerscope/schema";
import { sessionQuerySchema } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import { migrate } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import { openEmbeddedStore, storeOf, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { encodeCursor } from "./cursor.ts";
import { createSessionReader, type SessionReader } from "./session-list.ts";
import { windowsAsParquet } from "./windows-parquet.ts";

let embedded: EmbeddedStore;
let store: Store;
let reader: SessionReader;

beforeAll(async () => {
  embedded = await openEmbeddedStore();
  await migrate(embedded.client, { layout: { cluster: null } });
  const session = {
    leg: 0,
    finished: 1,
    scoreClass: "good",
    faultDomain: "unknown",
    worstSeverity: "none",
    version: 1,
  };
  await embedded.client.insert({
    table: "legs",
    values: [
      {
        ...session,
        projectId: "mine",
        sessionId: "session-mine",
        userId: "anna",
        callId: "room",
        tags: { a: "b" },
      },
      {
        ...session,
        projectId: "other",
        sessionId: "session-other",
        userId: "anna",
        callId: "room",
        tags: { a: "b" },
      },
    ],
    format: "JSONEachRow",
  });
  store = storeOf(embedded);
  reader = createSessionReader({ store, inMemory: () => [] });
}, 60_000);
afterAll(() => embedded?.close());

/** What breaks out of quotes, comments, placeholders, escapes, tab-separated values and encodings. */
const hostile: readonly string[] = [
  "'",
  "''",
  '"',
  "`",
  "\\",
  "\\'",
  "' OR 1=1 --",
  "' OR '1'='1",
  "x') OR (1=1",
  "'; DROP TABLE legs; --",
  "1; SELECT 1",
  "' UNION ALL SELECT * FROM legs --",
  "*/ OR 1=1 /*",
  "{projectId:String}",
  "{q:String} OR 1",
  "%",
  "_",
  "\\N",
  "NULL",
  "\t",
  "\n",
  "\r\n",
  "\0",
  "a\0b",
  "\\x27 OR 1=1",
  "\u0027\u02bc\uff07",
  "\ud800",
  "\u{1f4a9}",
  "\u202e",
  "$$ OR 1=1 $$",
  "&param_projectId=other",
  "+",
  "%27%20OR%201=1",
  "<script>alert(1)</script>",
  "x".repeat(200),
  "'".repeat(200),
  "\\".repeat(199),
];

const filters = ["q", "user", "call", "scoreClass", "observation", "tag", "filter", "cursor"] as const;

/** The value where the filter has it. */
function queryWith(filter: (typeof filters)[number], value: string): unknown[] {
  switch (filter) {
    case "tag":
      return [{ tag: `a:${value}` }, { tag: `${value}:b` }, { tag: value }];
    case "filter":
      return [
        { filter: `x${value}` },
        { filter: facetNames.map((facet) => `${facet}:"anna${value}"`).join(" ") },
        { filter: facetNumbers.map((facet) => `${facet}<${value}`).join(" ") },
      ];
    case "scoreClass":
      return [{ scoreClass: value.slice(0, 40) }];
    case "observation":
      return [{ observation: value.slice(0, 80) }];
    case "cursor":
      return [
        { cursor: value },
        { cursor: encodeCursor({ sort: "newest", rank: 0, sessionId: value }) },
        { sort: "worst", cursor: encodeCursor({ sort: "worst", rank: -1, sessionId: value }) },
      ];
    case "q":
    case "user":
    case "call":
      return [{ [filter]: value }, { [filter]: `anna${value}` }];
  }
}

/** Ids that a query finds; null when it is refused as it should be. */
async function ids(project: string, query: unknown): Promise<string[] | null> {
  const parsed = sessionQuerySchema.safeParse(query);
  if (!parsed.success) return null;
  try {
    const { sessions } = await reader.list(project, parsed.data);
    return sessions.map(({ sessionId }) => sessionId);
  } catch (error) {
    expect(error, JSON.stringify(query)).toBeInstanceOf(RequestError);
    expect((error as RequestError).status, JSON.stringify(query)).toBe(400);
    return null;
  }
}

describe("hostile values in every filter", () => {
  test("the filters find what is there", async () => {
    for (const query of [
      {},
      { q: "anna" },
      { user: "anna" },
      { call: "room" },
      { tag: "a:b" },
      { scoreClass: "good" },
    ])
      expect(await ids("mine", query)).toEqual(["session-mine"]);
  });

  test("every filter of the query is in the table", () => {
    // A project is no filter: who may see it is decided before, and it is tested below.
    const plain = ["sort", "limit", "live", "project", "from", "to"];
    expect(Object.keys(sessionQuerySchema.shape).toSorted()).toEqual([...filters, ...plain].toSorted());
  });

  test.each(filters)("%s", async (filter) => {
    // A cursor says where a page begins, so it may leave the one row that is there.
    const allowed = filter === "cursor" ? [[], ["session-mine"]] : [[]];
    const check = async (query: unknown): Promise<void> => {
      const found = await ids("mine", query);
      if (found !== null) expect(allowed, JSON.stringify(query)).toContainEqual(found);
    };
    await Promise.all(hostile.flatMap((value) => queryWith(filter, value)).map(check));
  });

  test("project, session and call ids", async () => {
    for (const value of hostile) {
      expect(await ids(value, {}), JSON.stringify(value)).toEqual([]);
      expect(await reader.find("mine", value)).toBeNull();
      expect(await reader.find(value, "session-other")).toBeNull();
      expect(await reader.ofCall("mine", value)).toEqual([]);
      const empty = await windowsAsParquet(store, "mine", "session-none");
      expect((await windowsAsParquet(store, "mine", value)).byteLength).toBe(empty.byteLength);
    }
  });

  test("what clients wrote is found by exactly that, and nothing was changed by all this", async () => {
    // As rows are written: broken Unicode is replaced.
    const texts = hostile.map((text) => text.replaceAll(/\p{Surrogate}/gu, "\u{fffd}"));
    const values = texts.map((text, index) => ({
      projectId: "strange",
      sessionId: `session-${String(index).padStart(3, "0")}`,
      leg: 0,
      finished: 1,
      scoreClass: "good",
      faultDomain: "unknown",
      worstSeverity: "none",
      userId: text,
      tags: { [text]: text },
      version: 1,
    }));
    await embedded.client.insert({ table: "legs", values, format: "JSONEachRow" });
    for (const { userId, sessionId } of values) {
      const found = await ids("strange", { user: userId });
      expect(found, JSON.stringify(userId)).toEqual([sessionId]);
    }
    const [left] = await embedded.rows<{ rows: number }>("SELECT toUInt32(count()) AS rows FROM legs FINAL");
    expect(left?.rows).toBe(2 + values.length);
  });
});
