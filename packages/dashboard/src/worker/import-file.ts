import {
  createRecordingReader,
  describeSkipped,
  sendSession,
  toImportSessions,
  type ImportServer,
} from "@peerscope/interop";
import { plural } from "../words/numbers.ts";
import { FileTooLarge, openFilePieces } from "./file-pieces.ts";
import type { ImportedFile } from "./import-messages.ts";

/** Share of the whole that reading is; the rest is sending. */
const readingShare = 0.5;

const failed = (failure: string): ImportedFile => ({ sessionIds: [], added: 0, notes: [], failure });

/** Reads a recording of any format and sends its sessions, as `peerscope import` does. */
export async function importFile(
  file: File,
  server: ImportServer,
  onProgress: (share: number) => void,
): Promise<ImportedFile> {
  const reader = createRecordingReader(file.name);
  const notes: string[] = [];
  try {
    const pieces = await openFilePieces(file);
    for await (const piece of pieces) {
      reader.push(piece);
      onProgress((pieces.readBytes / file.size) * readingShare);
    }
    if (pieces.damage !== null) notes.push(pieces.damage);
  } catch (error) {
    return failed(
      error instanceof FileTooLarge ? error.message : "The file could not be read, or is damaged",
    );
  }
  const recording = reader.end();
  if (recording.format === null) return failed("This is no recording that is known here");
  const sessions = toImportSessions(recording, file.name);
  if (sessions.length === 0) return failed("Nothing of this file could be read");
  notes.push(...describeSkipped(recording.skipped));
  if (recording.damage.length > 0)
    notes.push(`${plural(recording.damage.length, "part")} of the log unreadable`);

  const bytes = (frames: readonly Uint8Array[]): number =>
    frames.reduce((sum, { length }) => sum + length, 0);
  const total = sessions.reduce((sum, { frames }) => sum + bytes(frames), 0);
  const sessionIds: string[] = [];
  let added = 0;
  let before = 0;
  for (const session of sessions) {
    const result = await sendSession(session, server, (sent) =>
      onProgress(readingShare + ((before + sent) / total) * (1 - readingShare)),
    );
    before += bytes(session.frames);
    if (result.outcome === "refused") notes.push(`${result.message} (${result.code})`);
    else if (result.outcome === "taken") notes.push(`The server has another session ${session.sessionId}`);
    else {
      sessionIds.push(session.sessionId);
      if (result.outcome === "sent") added += 1;
    }
    if (session.lostRecords > 0) notes.push(`${plural(session.lostRecords, "record")} too large to be kept`);
  }
  if (sessionIds.length === 0) return failed(notes.at(-1) ?? "The server took nothing of it");
  return { sessionIds, added, notes, failure: null };
}
