import { createFrameDecoder, createSessionLogReader, readFrameHeader } from "@peerscope/schema";
import type { PlayedSession } from "./load-client.ts";
import { framesUpTo } from "./prepared-session.ts";

/** How a check reads what the server has. */
export interface VerifySource {
  /** Bytes of the session log; null when there is none. */
  log(sessionId: string): Promise<Uint8Array | null>;
  /** Time of the last record in the rows of the store, Unix ms; null when it is not in them. */
  lastAt(sessionId: string): Promise<number | null>;
}

export interface VerifyResult {
  readonly sessions: number;
  readonly framesAcknowledged: number;
  readonly framesFound: number;
  /** Acknowledged frames that the logs do not have. Must be 0. */
  readonly framesMissing: number;
  /** Frames that are not what was sent. Must be 0. */
  readonly framesDifferent: number;
  /** Logs that cannot be read to their end. Must be 0. */
  readonly logsDamaged: number;
  /** Sessions with acknowledged frames that are not in the rows, or not up to their last acknowledged record. */
  readonly sessionsWithoutRows: number;
  /** What was wrong with the first of them. */
  readonly problems: readonly string[];
}

/** Sessions that are looked at side by side. */
const concurrency = 8;
const maxProblems = 20;

/** Compares what the server acknowledged with its logs, frame by frame, and with the rows of its store. */
export async function verifyLoad(
  sessions: readonly PlayedSession[],
  source: VerifySource,
): Promise<VerifyResult> {
  const result = {
    sessions: 0,
    framesAcknowledged: 0,
    framesFound: 0,
    framesMissing: 0,
    framesDifferent: 0,
    logsDamaged: 0,
    sessionsWithoutRows: 0,
    problems: [] as string[],
  };
  const problem = (text: string): void => {
    if (result.problems.length < maxProblems) result.problems.push(text);
  };

  async function verify(session: PlayedSession): Promise<void> {
    const { sessionId, acknowledged } = session;
    if (acknowledged < 0) return;
    result.sessions += 1;
    result.framesAcknowledged += acknowledged + 1;
    const log = await source.log(sessionId);
    if (log === null) {
      result.framesMissing += acknowledged + 1;
      problem(`${sessionId}: no log, ${acknowledged + 1} frames were acknowledged`);
      return;
    }
    const { frames, error } = createSessionLogReader().push(log);
    if (error !== null) {
      result.logsDamaged += 1;
      problem(`${sessionId}: ${error.code} at byte ${error.offset}`);
    }
    result.framesFound += frames.length;
    const bySequence = new Map(
      frames.map((frame) => {
        const header = readFrameHeader(frame);
        return [header.ok ? header.header.sequence : -1, frame] as const;
      }),
    );
    let lastAt = 0;
    const decoder = createFrameDecoder();
    const decodeSent = createFrameDecoder();
    let missing = 0;
    for (const [sequence, sent] of framesOf(session).entries()) {
      const found = bySequence.get(sequence);
      const records = decodeSent.decode(sent);
      if (sequence <= acknowledged && records.ok)
        lastAt = Math.max(lastAt, ...records.frame.records.map(({ at }) => at));
      if (found === undefined) {
        if (sequence <= acknowledged) missing += 1;
        continue;
      }
      const decoded = decoder.decode(found);
      // A server may take out of records what its privacy rules do not want: the times stay.
      const isSame =
        Buffer.compare(sent, found) === 0 ||
        (decoded.ok &&
          records.ok &&
          decoded.frame.records.map(({ at, kind }) => `${kind}${at}`).join() ===
            records.frame.records.map(({ at, kind }) => `${kind}${at}`).join());
      if (!isSame) {
        result.framesDifferent += 1;
        problem(`${sessionId}: frame ${sequence} is not what was sent`);
      }
    }
    if (missing > 0) {
      result.framesMissing += missing;
      problem(`${sessionId}: ${missing} of ${acknowledged + 1} acknowledged frames are not in the log`);
    }
    const stored = await source.lastAt(sessionId);
    if (stored === null || stored < Math.floor(lastAt)) {
      result.sessionsWithoutRows += 1;
      problem(`${sessionId}: acknowledged up to ${lastAt}, in the rows up to ${String(stored)}`);
    }
  }

  const waiting = sessions.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const session of waiting) await verify(session);
    }),
  );
  return result;
}

/** The frames of a session as they were sent, made again. */
export function framesOf({ prepared, player, made, isEnded }: PlayedSession): Uint8Array[] {
  if (!isEnded) return framesUpTo(prepared, player, made);
  return [...framesUpTo(prepared, player, made - 1), prepared.last(made - 1, player)];
}
