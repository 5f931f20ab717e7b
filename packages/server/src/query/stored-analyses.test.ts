import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { analyseCall, createSessionObserver, toCallMember } from "@peerscope/observer";
import { generateSession } from "@peerscope/scenarios";
import type { SessionAnalysis } from "@peerscope/schema";
import type { Analyser } from "../analyse/analyser.ts";
import type { AnalysisRequest } from "../analyse/messages.ts";
import { createSessionNames } from "../analyse/session-names.ts";
import { noTraits } from "../analyse/session-traits.ts";
import { toRows } from "../analyse/rows.ts";
import type { LogReference } from "../ingest/session-registry.ts";
import { migrate } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import { openEmbeddedStore, storeOf, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { createAnalysisReader, type AnalysisReader } from "./stored-analyses.ts";

let embedded: EmbeddedStore;
let asked: AnalysisRequest[] = [];
let analyses: Map<string, SessionAnalysis>;
let thresholds = {};
let isAway = false;
let reader: AnalysisReader;

const logOf = (sessionId: string, changes: Partial<LogReference> = {}): LogReference => ({
  sessionId,
  projectId: "default",
  path: `/logs/${sessionId}`,
  bytes: 1_000,
  createdAt: 1e12,
  finished: true,
  sample: false,
  ...changes,
});

const store = (): Store => {
  const there = storeOf(embedded);
  return isAway ? { ...there, client: null, whenReady: () => Promise.resolve(null) } : there;
};

beforeAll(async () => {
  embedded = await openEmbeddedStore();
  await migrate(embedded.client, { layout: { cluster: null } });
  analyses = new Map(
    ["a", "b", "c"].map((sessionId, seed) => {
      const observer = createSessionObserver({ sessionId });
      const kind = seed === 1 ? "loss" : "good";
      const { records } = generateSession({ seed, durationSeconds: 30, kind, startAt: 1e12, callId: "call" });
      for (const record of records) observer.push(record);
      return [sessionId, observer.finish()];
    }),
  );
  // "c" is of a server that did not keep analyses yet.
  for (const sessionId of ["a", "b"]) {
    const analysis = analyses.get(sessionId) ?? expect.fail();
    const row = toRows(analysis, logOf(sessionId), createSessionNames(), noTraits, 0).find(
      ({ table }) => table === "analyses",
    );
    const values = [{ ...row?.values, version: 1, isDeleted: 0 }];
    await embedded.client.insert({ table: "analyses", values, format: "JSONEachRow" });
  }
}, 60_000);
afterAll(() => embedded?.close());

beforeEach(() => {
  asked = [];
  thresholds = {};
  isAway = false;
  const analyser = {
    ask(request: AnalysisRequest) {
      asked.push(request);
      if (request.kind === "rows") return expect.fail();
      const read = ({ sessionId }: LogReference): SessionAnalysis => analyses.get(sessionId) ?? expect.fail();
      if (request.kind === "analysis") return Promise.resolve(JSON.stringify(read(request.log)));
      const members = request.members.map((json) => JSON.parse(json) as SessionAnalysis);
      return Promise.resolve(JSON.stringify(analyseCall([...members, ...request.logs.map(read)])));
    },
  } as unknown as Analyser;
  const live = {
    get client() {
      return store().client;
    },
  };
  reader = createAnalysisReader({
    store: Object.setPrototypeOf(live, store()) as Store,
    analyser,
    settings: { project: () => ({ thresholds }) as never },
  });
});

test("the analysis of a finished session comes from the store, byte for byte", async () => {
  expect(String(await reader.session(logOf("b")))).toBe(JSON.stringify(analyses.get("b")));
  expect(asked).toEqual([]);
});

test.each([
  ["the session goes on", { finished: false }],
  ["the log has more than the store knows", { bytes: 1_001 }],
] as const)("when %s, the log is read", async (_, changes) => {
  expect(String(await reader.session(logOf("a", changes)))).toBe(JSON.stringify(analyses.get("a")));
  expect(asked).toMatchObject([{ kind: "analysis" }]);
});

test("when the project judges differently by now, the log is read", async () => {
  thresholds = { "uplink-loss": { off: true } };
  await reader.session(logOf("a"));
  expect(asked).toHaveLength(1);
});

test("when the store is away, the log is read", async () => {
  isAway = true;
  expect(String(await reader.session(logOf("a")))).toBe(JSON.stringify(analyses.get("a")));
  expect(asked).toHaveLength(1);
});

test("a call takes from the store what is there, reads the other logs, and is kept until one of it is erased", async () => {
  const logs = ["a", "b", "c"].map((sessionId) => logOf(sessionId));
  const expected = JSON.stringify(analyseCall([...analyses.values()]));
  expect(await reader.call("call", logs)).toBe(expected);
  expect(asked).toMatchObject([{ kind: "call", logs: [{ sessionId: "c" }] }]);
  expect(asked[0]).toMatchObject({
    members: ["a", "b"].map((id) => JSON.stringify(toCallMember(analyses.get(id) ?? expect.fail()))),
  });
  expect(await reader.call("call", logs)).toBe(expected);
  expect(asked).toHaveLength(1);
  reader.forget("b");
  await reader.call("call", logs);
  expect(asked).toHaveLength(2);
});

test("a call that goes on is asked for each time", async () => {
  const logs = [logOf("a"), logOf("c", { finished: false })];
  await reader.call("call", logs);
  await reader.call("call", logs);
  expect(asked).toHaveLength(2);
});
