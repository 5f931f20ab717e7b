import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  callQuerySchema,
  countedNames,
  facetQuerySchema,
  sessionQuerySchema,
  type SessionSummary,
} from "@peerscope/schema/api";
import { emptySummary } from "../analyse/session-summary.ts";
import { migrate } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import { openEmbeddedStore, storeOf, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { createCallList } from "./call-list.ts";
import { createFacetCounter } from "./facet-counts.ts";
import { createSessionReader } from "./session-list.ts";

/** Thirty sessions of which everything is known; the first five are in memory, the others in the store. */
const browsers = ["Chromium", "Firefox", "Safari"] as const;
const systems = ["Windows", "macOS"] as const;
const all: SessionSummary[] = Array.from({ length: 30 }, (_, index) => {
  const sessionId = `session-${String(index).padStart(2, "0")}`;
  const start = 1_800_000_000_000 + index * 60_000;
  const browserName = browsers[index % 3] ?? null;
  const isFailed = index % 10 === 9;
  return {
    ...emptySummary(
      { projectId: "p", sessionId, path: "", bytes: 0, createdAt: start, finished: true, sample: false },
      start,
    ),
    lastAt: start + (index + 1) * 20_000,
    live: index < 3,
    callId: index % 6 === 5 ? null : `call-${index % 4}`,
    userId: `user-${index % 7}`,
    score: isFailed || index % 10 === 8 ? null : 100 - index * 3,
    scoreClass: isFailed ? "failed" : index % 10 === 8 ? "not-measured" : index < 7 ? "good" : "poor",
    faultDomain: index % 5 === 0 ? "turn" : "unknown",
    statedCause: index % 3 === 0 ? null : `cause-${index % 2}`,
    observationIds: index % 3 === 0 ? [] : [`cause-${index % 2}`, "high-rtt"],
    tags: index % 2 === 0 ? { site: "Berlin 3" } : {},
    traits: {
      browserName,
      browserVersion: browserName === null ? null : `${browserName} 157`,
      osName: systems[index % 2] ?? null,
      device: index % 4 === 0 ? null : "desktop",
      country: index % 4 === 1 ? "DE" : null,
      network: null,
      sdkVersion: index % 2 === 0 ? "0.1.0" : null,
      appVersion: null,
      paths: index % 3 === 0 ? ["direct/udp", "relay/tls"] : index % 3 === 1 ? ["direct/udp"] : [],
      codecs: ["opus"],
    },
  };
});
const memory = all.slice(0, 5);

let embedded: EmbeddedStore;
let store: Store;
beforeAll(async () => {
  embedded = await openEmbeddedStore();
  await migrate(embedded.client, { layout: { cluster: null } });
  const rows = all.slice(5).map(({ traits, startedAt, lastAt, live, ...session }) => ({
    ...session,
    ...traits,
    leg: 0,
    finished: 1,
    ended: 1,
    sample: 0,
    startedAt: new Date(startedAt).toISOString().replace("T", " ").slice(0, -1),
    lastAt: new Date(lastAt).toISOString().replace("T", " ").slice(0, -1),
    ...Object.fromEntries(
      Object.entries(traits).map(([name, value]) => [name, name === "sdkVersion" ? value : (value ?? "")]),
    ),
    version: live ? 2 : 1,
  }));
  // A row that was written twice counts once.
  await embedded.client.insert({ table: "legs", values: [...rows, ...rows], format: "JSONEachRow" });
  store = storeOf(embedded);
}, 60_000);
afterAll(() => embedded?.close());

const ids = (sessions: readonly SessionSummary[]): string[] =>
  sessions.map(({ sessionId }) => sessionId).toSorted();

describe("filters are the same in the store and in memory", () => {
  test.each<[string, (session: SessionSummary, index: number) => boolean]>([
    ["browser:safari", ({ traits }) => traits.browserName === "Safari"],
    ["browser:Safari,firefox", ({ traits }) => traits.browserName !== "Chromium"],
    ["-browser:safari", ({ traits }) => traits.browserName !== "Safari"],
    ["-os:Windows browser:safari", ({ traits }, i) => i % 2 === 1 && traits.browserName === "Safari"],
    ["score<60", ({ score }) => score !== null && score < 60],
    ["score>=40 score<60", ({ score }) => score !== null && score < 60 && score >= 40],
    ["duration>5m", (_, i) => (i + 1) * 20 > 300],
    ["class:failed", ({ scoreClass }) => scoreClass === "failed"],
    ["cause:turn", ({ faultDomain }) => faultDomain === "turn"],
    ["cause:cause-1", ({ statedCause }) => statedCause === "cause-1"],
    ["cause:none", ({ statedCause }) => statedCause === null],
    ["domain:turn,unknown", () => true],
    ["observation:high-rtt", (_, i) => i % 3 !== 0],
    ["observation:none", (_, i) => i % 3 === 0],
    ["country:de", (_, i) => i % 4 === 1],
    ["country:none", (_, i) => i % 4 !== 1],
    ["-country:none", (_, i) => i % 4 === 1],
    ["device:none", (_, i) => i % 4 === 0],
    ["path:relay", (_, i) => i % 3 === 0],
    ["path:direct/udp", (_, i) => i % 3 !== 2],
    ["-path:relay path:direct", (_, i) => i % 3 === 1],
    ["path:none", (_, i) => i % 3 === 2],
    ["codec:opus sdk:0.1.0", (_, i) => i % 2 === 0],
    ["sdk:none", (_, i) => i % 2 === 1],
    [`tag:"site=Berlin 3"`, (_, i) => i % 2 === 0],
    [`tag:"site=berlin 3"`, (_, i) => i % 2 === 0],
    [`-tag:"site=Berlin 3"`, (_, i) => i % 2 === 1],
    ["user:user-1 call:call-1,call-2", (_, i) => i % 7 === 1 && i % 6 !== 5 && (i % 4 === 1 || i % 4 === 2)],
    ["version:none", () => false],
    ["user-3", (_, i) => i % 7 === 3],
  ])("%s", async (filter, matches) => {
    const query = sessionQuerySchema.parse({ filter });
    const expected = ids(all.filter(matches));
    const both = await createSessionReader({ store, inMemory: () => memory }).list("p", query);
    expect(ids(both.sessions)).toEqual(expected);
    expect(both.total).toBe(expected.length);
    const alone = await createSessionReader({ store, inMemory: () => all }).list("p", query);
    expect(ids(alone.sessions)).toEqual(expected);
  });

  test("from and to", async () => {
    const [from, to] = [all[3]?.startedAt, all[9]?.startedAt];
    const reader = createSessionReader({ store, inMemory: () => memory });
    const { sessions } = await reader.list("p", sessionQuerySchema.parse({ from, to }));
    expect(ids(sessions)).toEqual(ids(all.slice(3, 9)));
  });

  test.each(["newest", "worst", "longest", "impact"] as const)("pages sorted by %s", async (sort) => {
    const reader = createSessionReader({ store, inMemory: () => memory });
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await reader.list(
        "p",
        sessionQuerySchema.parse({ sort, limit: 7, ...(cursor === null ? {} : { cursor }) }),
      );
      paged.push(...page.sessions.map(({ sessionId }) => sessionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const whole = await createSessionReader({ store, inMemory: () => all }).list(
      "p",
      sessionQuerySchema.parse({ sort }),
    );
    expect(paged).toEqual(whole.sessions.map(({ sessionId }) => sessionId));
    expect(paged).toHaveLength(all.length);
  });
});

describe("facets", () => {
  const count = (inMemory: readonly SessionSummary[], query: Record<string, string>) =>
    createFacetCounter({ store, inMemory: () => inMemory })(
      "p",
      facetQuerySchema.parse({ facets: countedNames.join(","), ...query }),
    );

  test.each([
    {},
    { filter: "browser:safari" },
    { filter: "browser:safari -os:Windows score<80" },
    { filter: "path:relay tag:none" },
    { find: "er" },
    { filter: "user:user-1" },
    { from: String(all[4]?.startedAt) },
  ])("are counted alike in the store and in memory: %j", async (query) => {
    expect(await count(memory, query)).toEqual(await count(all, query));
  });

  test("each among what the other filters let through", async () => {
    const { facets } = await count(memory, { filter: "browser:safari country:de", facets: "browser,os" });
    const german = all.filter(({ traits }) => traits.country === "DE");
    const of = (list: readonly SessionSummary[], member: "browserName" | "osName"): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const { traits } of list)
        counts.set(traits[member] ?? "", (counts.get(traits[member] ?? "") ?? 0) + 1);
      return counts;
    };
    const asMap = (index: number): Map<string, number> =>
      new Map(facets[index]?.values?.map(({ value, sessions }) => [value, sessions]));
    expect(asMap(0)).toEqual(of(german, "browserName"));
    expect(asMap(1)).toEqual(
      of(
        german.filter(({ traits }) => traits.browserName === "Safari"),
        "osName",
      ),
    );
  });
});

test("calls are put together from sessions in the store and in memory", async () => {
  const query = callQuerySchema.parse({ sort: "worst" });
  const { calls } = await createCallList({ store, inMemory: () => memory })("p", query);
  const stored = all.map((session) => ({ ...session, live: false }));
  const whole = await createCallList({ store, inMemory: () => stored })("p", query);
  expect(calls.map(({ callId }) => callId).toSorted()).toEqual(["call-0", "call-1", "call-2", "call-3"]);
  for (const call of calls) {
    const same = whole.calls.find(({ callId }) => callId === call.callId);
    const { live, meanScore, ...rest } = call;
    expect({ ...same }).toMatchObject(rest);
    expect(live).toBe(memory.some((session) => session.live && session.callId === call.callId));
    expect(meanScore).not.toBeNull();
  }
});
