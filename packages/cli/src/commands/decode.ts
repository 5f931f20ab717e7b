import { parseArgs } from "node:util";
import {
  createFrameDecoder,
  createSessionLogReader,
  encodeSessionLogEntry,
  type SessionRecord,
} from "@peerscope/schema";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { openFile } from "../input/open-file.ts";
import { unpack, type InputWarning } from "../input/read-input.ts";

/** `peerscope decode`: shows what a session log is made of. */
export const decodeCommand: Command = {
  usage: "decode <log> [--json]",
  summary: "Shows the frames of a session log.",
  help: [
    "  --json    every record as one JSON line instead of the list of frames",
    "",
    "Damaged parts are told on stderr with their code and byte offset; exit code 1 then.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new CliError("usage-invalid", "decode needs one session log");
    const warnings: InputWarning[] = [];
    const log = decodeLog(unpack(await openFile(path), path, warnings));
    if (log.header === null) {
      for (const { code, message } of log.damage) terminal.err(`peerscope: ${code}: ${path}: ${message}`);
      throw new CliError("format-unknown", path);
    }
    if (values.json) {
      for (const frame of log.frames)
        for (const record of frame.records) terminal.out(JSON.stringify(record));
    } else {
      const { sessionId, projectId, createdAt } = log.header;
      terminal.out(
        `session ${sessionId} · project ${projectId} · created ${new Date(createdAt).toISOString()}`,
      );
      terminal.out("    offset  sequence  keyframe     bytes  records");
      for (const frame of log.frames) terminal.out(frameLine(frame));
      const total = log.frames.reduce((sum, { records }) => sum + records.length, 0);
      terminal.out(`${log.frames.length} frames, ${total} records, ${log.bytes} bytes`);
    }
    for (const { code, message } of [...warnings, ...log.damage])
      terminal.err(`peerscope: ${code}: ${path}: ${message}`);
    return warnings.length + log.damage.length === 0 ? 0 : 1;
  },
};

interface LogFrame {
  /** Where its entry begins, in bytes. */
  readonly offset: number;
  readonly bytes: number;
  /** null for a frame that could not be decoded. */
  readonly sequence: number | null;
  readonly keyframe: boolean;
  readonly records: readonly SessionRecord[];
}

interface DecodedLog {
  readonly header: {
    readonly sessionId: string;
    readonly projectId: string;
    readonly createdAt: number;
  } | null;
  readonly frames: readonly LogFrame[];
  readonly damage: readonly InputWarning[];
  readonly bytes: number;
}

function decodeLog(bytes: Uint8Array): DecodedLog {
  const reader = createSessionLogReader();
  const chunk = reader.push(bytes);
  const damage: InputWarning[] = [];
  const decoder = createFrameDecoder();
  const entryBytes = chunk.frames.map((frame) => encodeSessionLogEntry(frame).byteLength);
  // Entries follow each other up to the last valid byte; before the first stands the header.
  let offset = chunk.validBytes - entryBytes.reduce((sum, size) => sum + size, 0);
  const frames = chunk.frames.map((frame, index): LogFrame => {
    const place = { offset, bytes: frame.byteLength };
    offset += entryBytes[index] ?? 0;
    const result = decoder.decode(frame);
    if (result.ok) return { ...place, ...result.frame };
    damage.push({ code: result.error.code, message: `at byte ${place.offset}: ${result.error.message}` });
    return { ...place, sequence: null, keyframe: false, records: [] };
  });
  if (chunk.error !== null) {
    const { code, message, offset: at } = chunk.error;
    damage.push({ code, message: `at byte ${at}: ${message}` });
  } else if (reader.pendingBytes > 0)
    damage.push({
      code: "log-truncated",
      message: `at byte ${chunk.validBytes}: the last entry is incomplete, ${reader.pendingBytes} bytes of it are there`,
    });
  return { header: reader.header, frames, damage, bytes: bytes.byteLength };
}

function frameLine({ offset, sequence, keyframe, bytes, records }: LogFrame): string {
  const cells = [
    String(offset).padStart(10),
    (sequence === null ? "damaged" : String(sequence)).padStart(8),
    (keyframe ? "yes" : "").padStart(8),
    String(bytes).padStart(8),
    String(records.length).padStart(7),
  ];
  return cells.join("  ");
}
