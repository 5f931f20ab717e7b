import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** The files of a recording. */
type RecordingName = "events" | "getstats";

/** Collects the lines of a recording in the format of the recorded calls. */
export interface Recorder {
  add(file: RecordingName, line: object): void;
  /** Something that the lab itself did or saw. */
  event(event: string, members?: object): void;
  /** Writes `<folder>/events.jsonl.gz` and `<folder>/getstats.jsonl.gz`. */
  write(folder: string): void;
}

export function createRecorder(now: () => number = () => Date.now()): Recorder {
  const lines: { readonly [Name in RecordingName]: string[] } = { events: [], getstats: [] };
  const add = (file: RecordingName, line: object): void => {
    lines[file].push(`${JSON.stringify({ t: now(), ...line })}\n`);
  };
  return {
    add,
    event: (event, members = {}) => add("events", { event, ...members }),
    write(folder) {
      mkdirSync(folder, { recursive: true });
      for (const [name, content] of Object.entries(lines))
        writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(content.join(""), { level: 9 }));
    },
  };
}
