import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  captureSessions,
  sampleCaptures,
  type CaptureName,
  type ImportableSession,
} from "@peerscope/scenarios";
import { cliErrors } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

/** Which recorded calls a data folder still has to get. */
export interface SamplePlan {
  readonly marker: string;
  readonly missing: readonly CaptureName[];
}

/** The part of a server that takes samples in. */
interface SampleSink {
  importSession(session: ImportableSession): Promise<void>;
}

/**
 * What to import into a data folder, before the server opens it: everything into a new one, the rest where an earlier
 * import was cut off, nothing where somebody worked already.
 */
export function planSamples(dataFolder: string): SamplePlan {
  const marker = join(dataFolder, "samples.json");
  if (existsSync(marker)) return { marker, missing: readMarker(marker) };
  // The server writes this file when it makes the folder.
  return { marker, missing: existsSync(join(dataFolder, "project.json")) ? [] : sampleCaptures };
}

/** Imports what is missing, noting each call that is complete, so that a kill in between loses and doubles nothing. */
export async function importSamples(
  { marker, missing }: SamplePlan,
  server: SampleSink,
  terminal: Terminal,
  isStopping: () => boolean,
): Promise<void> {
  if (missing.length === 0) return;
  const left = new Set(missing);
  writeMarker(marker, left);
  let imported = 0;
  for (const name of missing) {
    if (isStopping()) return;
    try {
      for (const session of captureSessions(name)) await server.importSession(session);
      imported += 1;
    } catch (error) {
      // A stop in the middle is not a failure: the next start goes on with this call.
      if (isStopping()) return;
      const why = error instanceof Error ? error.message : String(error);
      terminal.err(`peerscope: samples-failed: ${name}: ${why}: ${cliErrors["samples-failed"]}`);
    }
    left.delete(name);
    writeMarker(marker, left);
  }
  terminal.out(`Imported ${imported} recorded sample calls; --no-samples on the first start leaves them out`);
}

function readMarker(marker: string): CaptureName[] {
  try {
    const content: unknown = JSON.parse(readFileSync(marker, "utf8"));
    const names =
      typeof content === "object" &&
      content !== null &&
      "missing" in content &&
      Array.isArray(content.missing)
        ? content.missing
        : [];
    return sampleCaptures.filter((name) => names.includes(name));
  } catch {
    // Unreadable means somebody touched it: the folder is not new, so nothing is imported.
    return [];
  }
}

function writeMarker(marker: string, left: ReadonlySet<CaptureName>): void {
  writeFileSync(`${marker}.new`, `${JSON.stringify({ missing: [...left] })}\n`);
  renameSync(`${marker}.new`, marker);
}
