import { callQuerySchema, facetQuerySchema, sessionQuerySchema } from "@peerscope/schema/api";
import { createCallList } from "../../packages/server/src/query/call-list.ts";
import { createFacetCounter } from "../../packages/server/src/query/facet-counts.ts";
import { createSessionReader } from "../../packages/server/src/query/session-list.ts";
import { migrate } from "../../packages/server/src/store/migrate.ts";
import { openEmbeddedStore, storeOf } from "../../packages/server/src/store/testing/embedded-store.ts";
import type { BenchmarkResult, Figure } from "./figures.ts";

/** Rows that one statement makes: more is stopped by the limits of the store. */
const batchRows = 100_000;
/** What looking for sessions may take, in milliseconds, so that it stays fluid. */
const mostMs = 400;
const runs = 7;

const one = (values: readonly string[], by: string): string =>
  `[${values.map((value) => `'${value}'`).join(", ")}][1 + ${by} % ${values.length}]`;

/** Some sessions are in rooms that are used again and again; the others are in calls of up to three who come one after the other. */
const isInRoom = "number % 23 = 0";

/** Sessions that differ in everything one can look for. */
const rows = (
  from: number,
  count: number,
): string => `INSERT INTO legs (projectId, sessionId, leg, callId, userId,
    startedAt, lastAt, ended, finished, sample, score, scoreClass, coverage, faultDomain, confidence, statedCause,
    observationIds, worstSeverity, browser, os, sdkVersion, tags, browserName, browserVersion, osName, device, country,
    network, appVersion, paths, codecs, version)
  SELECT 'default', lower(hex(sipHash128(number))), 0,
    if(${isInRoom}, concat('room-', toString(intDiv(number, 23) % 500)), concat('call-', toString(intDiv(number, 3)))),
    concat('user-', toString(number % 50000)),
    toDateTime64(1750000000 + cityHash64(if(${isInRoom}, number, intDiv(number, 3))) % 2592000 + number % 3 * 20, 3) AS began,
    addSeconds(began, 10 + number % 3600), 1, 1, 0, if(number % 20 = 0, NULL, 100 - sqrt(number % 10000)),
    multiIf(number % 20 = 0, 'failed', number % 10000 < 400, 'good', number % 10000 < 1600, 'fair', 'poor'), 0.9,
    ${one(["unknown", "publisher-uplink", "receiver-downlink", "turn"], "number")}, 0.7,
    if(number % 3 = 0, NULL, concat('cause-', toString(number % 17))),
    if(number % 3 = 0, [], [concat('cause-', toString(number % 17)), concat('noticed-', toString(number % 29))]),
    'major', concat(${one(["Chromium", "Firefox", "Safari"], "number")}, ' 157.0'), 'Windows 11', '0.1.0',
    map('room', concat('r', toString(number % 500)), 'site', toString(number % 7)),
    ${one(["Chromium", "Firefox", "Safari"], "number")},
    concat(${one(["Chromium", "Firefox", "Safari"], "number")}, ' ', toString(140 + number % 17)),
    ${one(["Windows", "macOS", "iOS", "Android", "Linux"], "number")}, ${one(["desktop", "mobile"], "number")},
    ${one(["DE", "FR", "US", "GB", "IN", "BR", ""], "number")}, ${one(["wifi", "cellular", "ethernet", ""], "number")},
    concat('4.', toString(number % 23)), [${one(["direct/udp", "relay/tls", "relay/udp"], "number")}],
    ['opus', ${one(["vp8", "h264", "av1"], "number")}], 1
  FROM numbers(${from}, ${count})`;

/** Looks for sessions among many in the embedded store, as the dashboard does it. */
export async function benchExplorer({ sessions }: { readonly sessions: number }): Promise<BenchmarkResult> {
  const embedded = await openEmbeddedStore();
  try {
    await migrate(embedded.client, { layout: { cluster: null } });
    for (let from = 0; from < sessions; from += batchRows)
      await embedded.client.command({ query: rows(from, Math.min(batchRows, sessions - from)) });
    const options = { store: storeOf(embedded), inMemory: () => [] };
    const reader = createSessionReader(options);
    const countFacets = createFacetCounter(options);
    const listCalls = createCallList(options);
    const list = (query: object) => () => reader.list("default", sessionQuerySchema.parse(query));
    const facets = (query: object) => () => countFacets("default", facetQuerySchema.parse(query));
    const calls = (query: object) => () => listCalls("default", callQuerySchema.parse(query));
    const openAtFirst = "score,cause,browser,os";
    const both = (of: () => Promise<unknown>) => () => Promise.all([of(), facets({ facets: openAtFirst })()]);
    const questions: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["list, newest", list({ limit: 200 })],
      ["list, worst", list({ sort: "worst", limit: 200 })],
      ["list, filtered", list({ filter: "score<60 browser:safari -os:Windows path:relay", limit: 200 })],
      ["list, searched", list({ q: "user-4711", limit: 200 })],
      ["facets, those open at first", facets({ facets: openAtFirst })],
      ["facets, filtered", facets({ facets: openAtFirst, filter: "score<60 browser:safari -os:Windows" })],
      ["facets, ten", facets({ facets: `${openAtFirst},domain,version,device,country,network,app` })],
      ["facets, tags and observations", facets({ facets: "tag,observation" })],
      ["calls, newest", calls({ limit: 200 })],
      ["calls, worst", calls({ sort: "worst", limit: 200 })],
      ["calls, filtered", calls({ filter: "score<60 browser:safari -os:Windows path:relay", limit: 200 })],
      ["page of sessions: list and facets at once", both(list({ limit: 200 }))],
      ["page of calls: calls and facets at once", both(calls({ limit: 200 }))],
    ];
    const figures: Figure[] = [];
    for (const [candidate, ask] of questions) {
      figures.push({
        subject: `${sessions.toLocaleString("en-US").replaceAll(",", " ")} sessions`,
        candidate,
        measure: "answer, median",
        value: await medianMs(ask),
        unit: "ms",
        atMost: mostMs,
      });
    }
    return { benchmark: "explorer", at: new Date().toISOString(), node: process.version, figures };
  } finally {
    await embedded.close();
  }
}

async function medianMs(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? Infinity;
}
