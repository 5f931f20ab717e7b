import { errorCatalog, type ForeignErrorCode, type IngestErrorCode } from "../errors.ts";

/** Why a client or a connection was refused. Closed: every code is in docs/reference/errors.md. */
export type RefusalCode = IngestErrorCode | ForeignErrorCode | "connection-evicted";

/** How often something was refused since the start, by code. */
export interface RefusalCounters {
  count(code: RefusalCode): void;
  /** Every code there is, also those that never happened. */
  readonly counts: ReadonlyMap<RefusalCode, number>;
}

export function createRefusalCounters(): RefusalCounters {
  const counts = new Map<RefusalCode, number>([["connection-evicted", 0]]);
  const { ingest, frames, foreign } = errorCatalog;
  for (const code of [...codesOf(ingest), ...codesOf(frames), ...codesOf(foreign)]) counts.set(code, 0);
  return { count: (code) => void counts.set(code, (counts.get(code) ?? 0) + 1), counts };
}

function codesOf<Code extends string>(area: Readonly<Record<Code, unknown>>): Code[] {
  return Object.keys(area) as Code[];
}
