import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import type { Board } from "../board.ts";
import { evidence, type OpenRecord } from "../open-record.ts";

/** A try that failed, and how close to it another one has to connect. */
interface Try {
  readonly retryWithinSeconds: number;
  /** Unix ms at which it was given up; when it failed where nothing is given. */
  readonly until?: number;
}

/** Another connection of the same client that came up around the time when this one failed: then it was a retry. */
export function otherConnects(model: SessionModel, connection: Connection, attempt: Try): Connection | null {
  const failedAt = connection.failedAt ?? attempt.until;
  if (failedAt === undefined) return null;
  for (const other of model.connections.values()) {
    if (other === connection || other.connectedAt === null) continue;
    if (Math.abs(other.connectedAt - failedAt) <= attempt.retryWithinSeconds * 1000) return other;
  }
  return null;
}

/** A connection has just come up: states are looked at the moment they change, and twice a second. */
export function hasJustConnected({ connectedAt }: Connection, at: number): boolean {
  return connectedAt !== null && at - connectedAt < 1000;
}

/** What was said of tries before, open or closed, is said more mildly once another one succeeds. */
export function excuseTries(
  board: Board,
  id: string,
  connected: Connection,
  rule: {
    readonly retryWithinSeconds: number;
    readonly severity: "minor" | "major";
    readonly model: SessionModel;
  },
): void {
  const { connectedAt } = connected;
  if (connectedAt === null) return;
  for (const record of board.records) {
    if (record.definition.id !== id || record.severity !== "critical") continue;
    const { pcId } = record.scope;
    const failed = pcId === undefined ? undefined : rule.model.connections.get(pcId);
    if (failed === undefined || failed === connected) continue;
    const failedAt = failed.failedAt ?? failed.closedAt ?? record.clearedAt ?? connectedAt;
    if (Math.abs(connectedAt - failedAt) > rule.retryWithinSeconds * 1000) continue;
    excuse(record, rule.severity, connectedAt);
  }
}

function excuse(record: OpenRecord, severity: "minor" | "major", connectedAt: number): void {
  record.severity = severity;
  record.counter = [
    evidence("peer-connection", "connectionState", "connected", "", connectedAt, connectedAt),
  ];
}
