import type { Connection } from "./model/connection.ts";
import type { SessionModel } from "./model/session.ts";
import type { SessionOutcome } from "./score/inputs.ts";

/** Who does not come back within it was dropped, even while the session is still recorded. Scoring reference 6.2. */
const rejoinMs = 60_000;

/** So long without a packet or an answer is an outage and no hiccup: the critical level of `downlink-outage`. */
const outageMs = 3000;

/** What is known when the score is asked for. */
export interface OutcomeInput {
  readonly model: SessionModel;
  /** Unix ms up to which the session is known. */
  readonly end: number;
  /** Nothing follows: the log is complete. */
  readonly over: boolean;
  /** Nothing connected, and that was found to be a failure. */
  readonly neverConnected: boolean;
}

/**
 * How the session went as a whole. Dropped: it ended on a broken path and nobody came back. A recording that just stops while its
 * path worked, and a person who leaves while the browser still tries, are not dropped.
 */
export function sessionOutcome({ model, end, over, neverConnected }: OutcomeInput): SessionOutcome {
  const lostAt = lostSince(model, end);
  const final = over || model.ended || (lostAt !== null && end - lostAt >= rejoinMs);
  return { neverConnected, dropped: lostAt !== null && final };
}

/** Unix ms since when no path is left; null while one works, ended as intended after the loss, or none ever worked. */
export function lostSince(model: SessionModel, end: number): number | null {
  const used = [...model.connections.values()].filter(({ connectedAt }) => connectedAt !== null);
  let lostAt: number | null = null;
  for (const connection of used) {
    const broken = brokenSince(connection, model.ended, end);
    if (broken !== null) lostAt = Math.max(lostAt ?? broken, broken);
  }
  if (lostAt === null) return null;
  for (const connection of used) {
    if (brokenSince(connection, model.ended, end) !== null) continue;
    if (connection.closedAt === null || connection.closedAt > lostAt) return null;
  }
  return lostAt;
}

function brokenSince(connection: Connection, personLeft: boolean, end: number): number | null {
  const { state, stateSince, failedAt, lastConnectedAt, transportSilentSince, unansweredSince } = connection;
  if (state === "failed") return stateSince;
  // Applications close what has failed; that does not make the end an intended one.
  if (state === "closed") return failedAt !== null && failedAt > (lastConnectedAt ?? 0) ? failedAt : null;
  if (personLeft) return null;
  if (state === "disconnected") return stateSince;
  const silent = transportSilentSince !== null && unansweredSince !== null;
  return silent && end - transportSilentSince >= outageMs ? transportSilentSince : null;
}
