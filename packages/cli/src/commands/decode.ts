import { parseArgs } from "node:util";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { readLogFrames, type LogFrame } from "../input/log-frames.ts";
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
    const bytes = unpack(await openFile(path), path, warnings);
    const log = readLogFrames(bytes);
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
      terminal.out(`${log.frames.length} frames, ${total} records, ${bytes.byteLength} bytes`);
    }
    for (const { code, message } of [...warnings, ...log.damage])
      terminal.err(`peerscope: ${code}: ${path}: ${message}`);
    return warnings.length + log.damage.length === 0 ? 0 : 1;
  },
};

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
