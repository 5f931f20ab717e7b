import { z } from "zod";
import type { SessionQuery, SessionSummary } from "@peerscope/schema/api";

export type SessionSort = SessionQuery["sort"];

/** Where a page of the session list ended: the sort values of its last row. */
export interface SessionCursor {
  readonly sort: SessionSort;
  /** Ascending; for "newest" the negative of startedAt. */
  readonly rank: number;
  readonly sessionId: string;
}

const cursorSchema = z.tuple([
  z.enum(["newest", "worst", "longest", "impact"]),
  z.number(),
  z.string().max(64),
]);

/** Opaque text of a cursor. */
export function encodeCursor({ sort, rank, sessionId }: SessionCursor): string {
  return Buffer.from(JSON.stringify([sort, rank, sessionId])).toString("base64url");
}

/** Null for text that is not a cursor. */
export function decodeCursor(text: string): SessionCursor | null {
  try {
    const [sort, rank, sessionId] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, "base64url").toString("utf8")),
    );
    return { sort, rank, sessionId };
  } catch {
    return null;
  }
}

/**
 * What the list is sorted by, ascending, ties broken by session id. "worst": failed calls first, then by score; what
 * could not be measured is at the end, because it is unknown and not bad. "impact": what is missing to 100 points, times
 * the duration, largest first.
 */
export function rankOf(session: SessionSummary, sort: SessionSort): number {
  const { startedAt, lastAt, score, scoreClass } = session;
  const isFailed = scoreClass === "failed";
  switch (sort) {
    case "newest":
      return -startedAt;
    case "worst":
      return score ?? (isFailed ? -1 : 1_000);
    case "longest":
      return startedAt - lastAt;
    case "impact":
      return (score === null ? (isFailed ? 100 : 0) : 100 - score) * (startedAt - lastAt);
  }
}

const durationSql = "(toUnixTimestamp64Milli(startedAt) - toUnixTimestamp64Milli(lastAt))";

/** The same in SQL. */
export const rankSql: Readonly<Record<SessionSort, string>> = {
  newest: "-toUnixTimestamp64Milli(startedAt)",
  worst: "ifNull(score, if(scoreClass = 'failed', -1, 1000))",
  longest: durationSql,
  impact: `ifNull(100 - score, if(scoreClass = 'failed', 100, 0)) * ${durationSql}`,
};
