import {
  createFrameEncoder,
  isSessionId,
  type ContextRecord,
  type SessionContext,
  type SessionRecord,
} from "@peerscope/schema";
import { createRecordRule } from "../record-rule.ts";
import type { Recording, RecordedSession } from "../recording/recording-reader.ts";
import { createDigest } from "./digest.ts";

/** A session of a recording as the frames that a server takes. */
export interface ImportSession {
  /** A session log keeps its id. Others get one from what they hold: the same recording makes the same session, once. */
  readonly sessionId: string;
  readonly frames: readonly Uint8Array[];
  /** A session log of another project may hold more than this one wants. */
  readonly privacy: "reduced" | "whole";
  /** Records that the frames hold. */
  readonly records: number;
  /** Records that are too large for a frame. */
  readonly lostRecords: number;
}

/** Records in one frame: far below the size of a frame, and a few seconds of a call. */
const recordsPerFrame = 20;
/** Every so many frames a reader can start. */
const framesPerKeyframe = 60;

/**
 * Encodes what a recording holds, under the SDK's rule for what leaves a page: addresses are cut to their networks. Times stay as they
 * are; a tag `imported` names the format. The participants of a recording that names no call are in one of their own, so that they are
 * judged together.
 */
export function toImportSessions(
  { format, sessions }: Pick<Recording, "format" | "sessions">,
  name: string,
): ImportSession[] {
  if (format === null) return [];
  // What Peerscope recorded itself has been reduced by the rules of its own project; the server looks at it by those of the new one.
  const reduce = format === "session-log" ? (record: SessionRecord) => record : createRecordRule();
  const encoded = sessions.map((session) => ({ session, body: encodeBody(session.records, reduce) }));
  const together = createDigest();
  for (const { body } of encoded) together.add(body.digest);
  const callId = sessions.length > 1 ? `${name.slice(0, 100)} ${together.text().slice(0, 8)}` : null;
  return encoded.map(({ session, body }) => {
    const isOurs = format === "session-log" && isSessionId(session.sessionId);
    const first: ContextRecord = {
      kind: "context",
      at: session.records[0]?.at ?? 0,
      context: { ...contextOf(session, callId), tags: { imported: format }, importDigest: body.text },
    };
    return {
      sessionId: isOurs ? session.sessionId : `import-${body.text}`,
      frames: [createFrameEncoder({ isExact: true }).encode([first]), ...body.frames],
      privacy: format === "session-log" ? "whole" : "reduced",
      records: session.records.length + 1 - body.lostRecords,
      lostRecords: body.lostRecords,
    };
  });
}

/** Who it was, as far as the source names it beside its records. */
function contextOf(session: RecordedSession, callId: string | null): SessionContext {
  const userId = session.userId ?? (session.peer === "" ? null : session.peer);
  const call = session.callId ?? callId;
  return { ...(userId === null ? {} : { userId }), ...(call === null ? {} : { callId: call }) };
}

interface Body {
  readonly frames: readonly Uint8Array[];
  readonly digest: Uint8Array;
  readonly text: string;
  readonly lostRecords: number;
}

/** The frames behind the first one, which names their digest. */
function encodeBody(
  records: readonly SessionRecord[],
  reduce: (record: SessionRecord) => SessionRecord,
): Body {
  let lostRecords = 0;
  const encoder = createFrameEncoder({
    firstSequence: 1,
    isExact: true,
    onLost: () => {
      lostRecords += 1;
    },
  });
  const digest = createDigest();
  const frames: Uint8Array[] = [];
  for (let start = 0; start < records.length; start += recordsPerFrame) {
    const keyframe = frames.length % framesPerKeyframe === 0;
    const frame = encoder.encode(records.slice(start, start + recordsPerFrame).map(reduce), { keyframe });
    digest.add(frame);
    frames.push(frame);
  }
  return { frames, digest: digest.bytes(), text: digest.text(), lostRecords };
}
