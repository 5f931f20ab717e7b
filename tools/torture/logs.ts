import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createSessionLogReader, readFrameHeader } from "@peerscope/schema";
import type { PlayedSession } from "../../packages/cli/src/load/load-client.ts";
import { framesOf } from "../../packages/cli/src/load/verify-load.ts";

/** What the logs say of what was acknowledged. What is missing, different, out of order or unreadable must be 0. */
export interface LogFindings {
  readonly sessions: number;
  readonly framesAcknowledged: number;
  readonly framesMissing: number;
  /** Frames that are not the bytes that were sent. */
  readonly framesDifferent: number;
  /** Frames that are in a log twice, or before an earlier one. */
  readonly framesOutOfOrder: number;
  /** Logs that cannot be read to their last byte. */
  readonly logsUnreadable: number;
  /** What recovery found behind the last whole entry and kept beside the log: after a power cut, bytes that nobody wrote. */
  readonly partsSetAside: number;
  readonly problems: readonly string[];
}

/** Reads all logs of a stopped server, byte by byte, and compares them with what was acknowledged. */
export function checkLogs(dataFolder: string, sessions: readonly PlayedSession[]): LogFindings {
  const findings = {
    sessions: 0,
    framesAcknowledged: 0,
    framesMissing: 0,
    framesDifferent: 0,
    framesOutOfOrder: 0,
    logsUnreadable: 0,
    partsSetAside: 0,
    problems: [] as string[],
  };
  const logs = new Map<string, Map<number, Uint8Array>>();
  for (const file of readdirSync(join(dataFolder, "logs"), { recursive: true, encoding: "utf8" })) {
    if (file.includes(".pslog.damaged-")) findings.partsSetAside += 1;
    if (!file.endsWith(".pslog")) continue;
    const reader = createSessionLogReader();
    const { frames, error } = reader.push(readFileSync(join(dataFolder, "logs", file)));
    if (error !== null || reader.pendingBytes > 0 || reader.header === null) {
      findings.logsUnreadable += 1;
      findings.problems.push(`${file}: ${error?.code ?? "torn"} at byte ${String(error?.offset)}`);
    }
    const bySequence = new Map<number, Uint8Array>();
    for (const frame of frames) {
      const header = readFrameHeader(frame);
      const sequence = header.ok ? header.header.sequence : -1;
      if (sequence !== bySequence.size) findings.framesOutOfOrder += 1;
      bySequence.set(sequence, frame);
    }
    logs.set(basename(file, ".pslog"), bySequence);
  }
  for (const session of sessions) {
    if (session.acknowledged < 0) continue;
    findings.sessions += 1;
    findings.framesAcknowledged += session.acknowledged + 1;
    const found = logs.get(session.sessionId);
    let missing = 0;
    for (const [sequence, sent] of framesOf(session).entries()) {
      const kept = found?.get(sequence);
      if (kept === undefined) missing += sequence <= session.acknowledged ? 1 : 0;
      else if (Buffer.compare(kept, sent) !== 0) findings.framesDifferent += 1;
    }
    findings.framesMissing += missing;
    if (missing > 0)
      findings.problems.push(
        `${session.sessionId}: ${missing} of ${session.acknowledged + 1} acknowledged frames missing`,
      );
  }
  return findings;
}
