import { noValue, type FacetName, type FacetNumber } from "@peerscope/schema";
import type { SessionSummary } from "@peerscope/schema/api";

/** A value of sessions, in SQL and of a summary in memory. */
export interface FacetSource {
  /** A text, empty when not known; with `isList` an array of texts. */
  readonly sql: string;
  readonly isList: boolean;
  readonly of: (session: SessionSummary) => readonly string[];
  /** More that is asked for by the same name, but not counted: an expression of the same form. */
  readonly also?: { readonly sql: string; readonly of: (session: SessionSummary) => readonly string[] };
}

function one(sql: string, of: (session: SessionSummary) => string | null): FacetSource {
  return { sql, isList: false, of: (session) => [of(session) ?? ""] };
}

function many(sql: string, of: (session: SessionSummary) => readonly string[]): FacetSource {
  return { sql, isList: true, of };
}

export const facetSources: Readonly<Record<FacetName, FacetSource>> = {
  class: one("scoreClass", (session) => session.scoreClass),
  cause: {
    ...one("ifNull(statedCause, '')", (session) => session.statedCause),
    also: { sql: "faultDomain", of: (session) => [session.faultDomain] },
  },
  domain: one("faultDomain", (session) => session.faultDomain),
  observation: many("observationIds", (session) => session.observationIds),
  browser: one("browserName", ({ traits }) => traits.browserName),
  version: one("browserVersion", ({ traits }) => traits.browserVersion),
  os: one("osName", ({ traits }) => traits.osName),
  device: one("device", ({ traits }) => traits.device),
  country: one("country", ({ traits }) => traits.country),
  network: one("network", ({ traits }) => traits.network),
  path: {
    ...many("paths", ({ traits }) => traits.paths),
    // `path:relay` is every relay, whatever its protocol.
    also: {
      sql: "arrayMap(path -> splitByChar('/', path)[1], paths)",
      of: ({ traits }) => traits.paths.map((path) => path.split("/", 1)[0] ?? ""),
    },
  },
  codec: many("codecs", ({ traits }) => traits.codecs),
  app: one("appVersion", ({ traits }) => traits.appVersion),
  sdk: one("ifNull(sdkVersion, '')", ({ traits }) => traits.sdkVersion),
  tag: many("arrayMap((key, value) -> concat(key, '=', value), mapKeys(tags), mapValues(tags))", ({ tags }) =>
    Object.entries(tags).map(([key, value]) => `${key}=${value}`),
  ),
  user: one("ifNull(userId, '')", (session) => session.userId),
  call: one("ifNull(callId, '')", (session) => session.callId),
};

/** A number of sessions: its value, and the lower ends of the ranges that are counted. */
export interface NumberSource {
  /** Null when not known. */
  readonly sql: string;
  readonly of: (session: SessionSummary) => number | null;
  readonly ranges: readonly number[];
}

export const numberSources: Readonly<Record<FacetNumber, NumberSource>> = {
  score: {
    sql: "score",
    of: (session) => session.score,
    ranges: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
  },
  duration: {
    sql: "(toUnixTimestamp64Milli(lastAt) - toUnixTimestamp64Milli(startedAt)) / 1000",
    of: ({ startedAt, lastAt }) => (lastAt - startedAt) / 1_000,
    ranges: [0, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400],
  },
};

/** The lower end of the range of a number, as text; empty when it is not known. */
export function rangeOf({ of, ranges }: NumberSource, session: SessionSummary): string {
  const value = of(session);
  if (value === null) return "";
  return String(ranges.findLast((range) => value >= range) ?? ranges[0]);
}

/** The same in SQL. */
export function rangeSql({ sql, ranges }: NumberSource): string {
  const steps = ranges.toReversed().map((range) => `${sql} >= ${range}, '${range}'`);
  return `multiIf(isNull(${sql}), '', ${steps.join(", ")}, '${ranges[0] ?? 0}')`;
}

/** Values as they are in rows: the word for "not known" means the empty text too. */
export function storedValues(values: readonly string[]): string[] {
  return values.includes(noValue) ? [...values, ""] : [...values];
}
