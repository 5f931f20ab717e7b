import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import type { Analyser } from "../analyse/analyser.ts";
import type { LogAccess } from "../archive/log-access.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { Settings } from "../settings/settings.ts";
import type { FoundSession, Subject } from "./subject-search.ts";

export interface PersonExportOptions {
  readonly registry: Pick<SessionRegistry, "get" | "reference">;
  readonly logs: Pick<LogAccess, "use">;
  readonly analyser: Pick<Analyser, "ask">;
  readonly settings: Pick<Settings, "notes">;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
}

/** What is written about one session. */
interface ExportedSession {
  readonly sessionId: string;
  /** Unix ms; null when the log is gone. */
  readonly startedAt: number | null;
  readonly logBytes: number;
  /** Files of the archive that could not be made, and why. */
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * Everything that is kept of these sessions, as a stream of a .tar.gz: for each its log, its analysis and its notes, and at the end
 * `export.json`, which says what is there. Nothing is read before somebody takes it; one session at a time is.
 */
export function exportSessions(
  options: PersonExportOptions,
  projectId: string,
  subject: Subject,
  sessions: readonly FoundSession[],
): Readable {
  const tar = pack();
  const gzip = createGzip();
  void pipeline(tar, gzip).catch(() => {});
  writeAll(options, tar, projectId, subject, sessions).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return gzip;
}

async function writeAll(
  options: PersonExportOptions,
  tar: Pack,
  projectId: string,
  subject: Subject,
  found: readonly FoundSession[],
): Promise<void> {
  const sessions: ExportedSession[] = [];
  for (const { sessionId } of found) {
    if (tar.destroyed) return;
    sessions.push(await writeSession(options, tar, sessionId, options.registry.get(sessionId) ?? null));
  }
  const about = { format: 1, projectId, [subject.kind]: subject.value, exportedAt: options.now(), sessions };
  await writeText(tar, "export.json", JSON.stringify(about, null, 2));
}

async function writeSession(
  { registry, logs, analyser, settings }: PersonExportOptions,
  tar: Pack,
  sessionId: string,
  entry: SessionEntry | null,
): Promise<ExportedSession> {
  const missing: Record<string, string> = {};
  const attempt = async (name: string, act: () => Promise<void>): Promise<void> => {
    await act().catch((error: unknown) => {
      if (tar.destroyed) throw error;
      missing[name] = error instanceof Error ? error.message : String(error);
    });
  };
  let logBytes = 0;
  if (entry !== null && entry.bytes > 0) {
    await attempt("log.pslog", () =>
      logs.use(registry.reference(entry), async ({ path, bytes, createdAt }) => {
        const file = createReadStream(path, { end: bytes - 1 });
        const name = `sessions/${sessionId}/log.pslog`;
        await pipeline(file, tar.entry({ name, size: bytes, mtime: new Date(createdAt) }));
        logBytes = bytes;
      }),
    );
    await attempt("analysis.json", async () => {
      const analysis = await analyser.ask({ kind: "analysis", log: registry.reference(entry) });
      await writeText(tar, `sessions/${sessionId}/analysis.json`, analysis);
    });
  }
  await attempt("notes.json", async () => {
    const notes = await settings.notes(sessionId);
    if (notes.length > 0)
      await writeText(tar, `sessions/${sessionId}/notes.json`, JSON.stringify(notes, null, 2));
  });
  return { sessionId, startedAt: entry?.createdAt ?? null, logBytes, missing };
}

function writeText(tar: Pack, name: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ name }, text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
