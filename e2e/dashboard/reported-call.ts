import type { EventRecord, SessionRecord } from "@peerscope/schema";
import { recordedCapture, replay, type RecordedSession } from "./recorded-sessions.ts";

/** A recorded call in which "kim" reports something at 00:31 of her session, and gets a code. */
export function reportedCall(options: {
  readonly capture: string;
  readonly callId: string;
  readonly startAt: number;
  readonly code: string;
  readonly text: string;
}): RecordedSession[] {
  const { capture, callId, startAt, code, text } = options;
  const sessions = replay(recordedCapture(capture), { startAt, callId, users: { a: "kim", b: "lee" } });
  return sessions.map(({ sessionId, records }) => {
    if (!sessionId.endsWith("-a")) return { sessionId, records };
    const at = (records[0]?.at ?? startAt) + 31_000;
    const told: EventRecord = { kind: "event", at, name: "issue-reported", data: { code, text } };
    // The SDK keeps the code as a tag too: that is where the search looks.
    const tagged = records.map((record): SessionRecord =>
      record.kind === "context"
        ? { ...record, context: { ...record.context, tags: { ...record.context.tags, "issue-1": code } } }
        : record,
    );
    return { sessionId, records: [...tagged, told].toSorted((a, b) => a.at - b.at) };
  });
}
