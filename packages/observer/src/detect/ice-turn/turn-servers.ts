import type { Evidence, Severity } from "@peerscope/schema";
import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import type { IceServerAnswer, IceServerError } from "../../model/ice.ts";
import { evidence } from "../open-record.ts";
import { excuseTries, hasJustConnected, otherConnects } from "../setup/retry.ts";
import type { Moment } from "../view.ts";

/** Evidence that every refusal of a TURN server has. */
export const serverErrorEvidence = [
  "icecandidateerror.errorCode",
  "icecandidateerror.errorText",
  "icecandidateerror.url",
] as const;

/** What a server answered, as evidence. */
export function describeError({ errorCode, errorText, url, at }: IceServerError, to: number): Evidence[] {
  return [
    evidence("icecandidateerror", "errorCode", errorCode, "", at, to),
    ...(errorText === null ? [] : [evidence("icecandidateerror", "errorText", errorText, "", at, to)]),
    evidence("icecandidateerror", "url", url, "", at, to),
  ];
}

/** Servers that refused with one of the codes, and gave no relay candidate within the time that other interfaces need. */
export function refusals(
  { ice }: Connection,
  codes: readonly number[],
  { at, settleMs }: { readonly at: number; readonly settleMs: number },
): IceServerError[] {
  const found: IceServerError[] = [];
  for (const { server, relayed, lastError } of ice.answers.values()) {
    if (relayed || lastError === null || server?.turn !== true) continue;
    if (codes.includes(lastError.errorCode) && at - lastError.at >= settleMs) found.push(lastError);
  }
  return found;
}

/** Did any TURN server give a candidate, as events or statistics tell? */
export function hasRelay({ ice, localCandidateTypes }: Connection): boolean {
  if (localCandidateTypes.has("relay")) return true;
  for (const { relayed } of ice.answers.values()) if (relayed) return true;
  return false;
}

/** It failed without a relay that was configured, and nothing told why: the browser may not have the event. */
export function isUntold(connection: Connection): boolean {
  const { failedAt, connectedAt, ice } = connection;
  if (failedAt === null || connectedAt !== null || ice.failedAt !== null) return false;
  return ice.configuration?.servers.some(({ turn }) => turn) === true && !hasRelay(connection);
}

/** Did a server that is not the given one give a relay candidate? */
export function isServedByAnother({ ice }: Connection, url: string): boolean {
  for (const { relayed, lastError } of ice.answers.values()) {
    if (relayed && lastError?.url !== url) return true;
  }
  return false;
}

/** Servers by what they answered, for those that were configured or, where nobody said, asked. */
export function turnAnswers({ ice }: Connection): (IceServerAnswer | null)[] {
  const configured = ice.configuration?.servers.filter(({ turn }) => turn) ?? [];
  if (configured.length > 0) return configured.map(({ key }) => ice.answers.get(key) ?? null);
  return [...ice.answers.values()].filter(({ server }) => server?.turn === true);
}

/** Connecting for longer than this is failing. Catalogue 2.1, `connection-never-established`. */
const connectingTooLongMs = 20_000;

/**
 * How bad it is that a relay is not to be had. The catalogue says "critical if no connection": while it is still connecting nobody
 * knows, so it becomes critical when the connection failed or tried for too long, and is major for one that does without, and for a
 * try that another connection of the session made good.
 */
export function severityWithoutRelay({
  model,
  connection,
  at,
}: Pick<Moment, "model" | "connection" | "at">): Severity {
  const { connectedAt, attemptedAt, failedAt } = connection;
  if (connectedAt !== null) return "major";
  if (failedAt !== null) return isRetried(model, connection) ? "major" : "critical";
  return attemptedAt !== null && at - attemptedAt > connectingTooLongMs ? "critical" : "major";
}

/** Another connection that came up this long before or after is a retry. Catalogue 2.1, `connection-never-established`. */
const retryWithinSeconds = 15;

/** Did another connection of the session come up when this one failed? */
export function isRetried(model: SessionModel, connection: Connection): boolean {
  return otherConnects(model, connection, { retryWithinSeconds }) !== null;
}

/** A connection that has just come up makes what tries before it lacked less bad. */
export function excuseTriesBefore({ model, connection, at, board }: Moment, id: string): void {
  if (!hasJustConnected(connection, at)) return;
  excuseTries(board, id, connection, { model, retryWithinSeconds, severity: "major" });
}
