import { isSessionId } from "@peerscope/schema";
import type { FinishedLog } from "../log/finished-catalogue.ts";
import { logDay } from "../log/log-path.ts";

/** Everything about a log that its name in the archive says. */
export interface ArchivedLog extends Omit<FinishedLog, "isLocal" | "sample" | "archivedAs"> {
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256: string;
}

/** All names of one session begin so. */
export function archivePrefix(log: Pick<FinishedLog, "projectId" | "sessionId" | "createdAt">): string {
  return `${log.projectId}/${logDay(log.createdAt)}/${log.sessionId}.`;
}

/**
 * Name of a log in the archive. It says what the catalogue has to know, so that a list of names is enough to make the catalogue again:
 * `project/day/session.createdAt.endedAt.lastSequence.bytes.sha256.pslog`. A session that came back has another name than before.
 */
export function archiveName(log: ArchivedLog): string {
  const { createdAt, endedAt, lastSequence, bytes, sha256 } = log;
  return `${archivePrefix(log)}${createdAt}.${endedAt}.${lastSequence}.${bytes}.${sha256}.pslog`;
}

const pattern =
  /^([a-z0-9-]{1,40})\/\d{4}-\d\d-\d\d\/([\w-]{1,64})\.(\d{1,15})\.(\d{1,15})\.(-1|\d{1,15})\.(\d{1,15})\.([0-9a-f]{64})\.pslog$/;

/** Reads such a name; null for one that is not of a log. */
export function parseArchiveName(name: string): ArchivedLog | null {
  const match = pattern.exec(name);
  if (match === null) return null;
  const [, projectId = "", sessionId = "", createdAt, endedAt, lastSequence, bytes, sha256 = ""] = match;
  const log = {
    projectId,
    sessionId,
    createdAt: Number(createdAt),
    endedAt: Number(endedAt),
    lastSequence: Number(lastSequence),
    bytes: Number(bytes),
    sha256,
  };
  // Days end where Date does, and a name that is not what we would write is not ours.
  const isDate = log.createdAt <= 8.64e15;
  return isSessionId(sessionId) && isDate && archiveName(log) === name ? log : null;
}
