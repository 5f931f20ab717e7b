import { z } from "zod";

/**
 * Erasure and export of data. Docs: docs/reference/privacy.md.
 *
 *   DELETE /api/projects/:projectId/data?user=|session=|call=[&dryRun=true]   ErasureReceipt; 202 while something is left to do
 *   GET    /api/projects/:projectId/erasures/:id                              ErasureReceipt
 *   GET    /api/projects/:projectId/data?user=|session=|call=                 a .tar.gz of everything that is kept
 *
 * All of them are for admins of the project.
 */

const selected = z.string().min(1).max(1_000).optional();

/** Whose data: exactly one of the three. */
export const dataQuerySchema = z
  .object({
    user: selected,
    session: selected,
    call: selected,
    dryRun: z.enum(["true", "false"]).optional(),
  })
  .refine(
    ({ user, session, call }) => [user, session, call].filter((one) => one !== undefined).length === 1,
    {
      error: "say exactly one of user, session and call",
      path: ["user"],
    },
  );
export type DataQuery = z.infer<typeof dataQuerySchema>;

/** What could not be reached yet. It is tried again until it can. */
export const unreachedSchema = z.object({
  /** `search`: finding the sessions. `archive`, `rows`: removing them from there. `logs`, `notes`: this machine's disk and the settings. */
  what: z.enum(["search", "logs", "notes", "archive", "rows"]),
  /** How many sessions it is about; null while they are not all known. */
  sessions: z.number().nullable(),
  reason: z.string(),
});

/** What was erased. It names nobody: what it was about can be checked by who knows it. */
export const erasureReceiptSchema = z.object({
  /** Null: nothing was erased, this is what would be (`dryRun`). */
  erasureId: z.string().nullable(),
  projectId: z.string(),
  selector: z.object({
    kind: z.enum(["user", "session", "call"]),
    /** SHA-256, hexadecimal, of the erasure's id, a line feed, and what was asked for. Empty for a `dryRun`. */
    sha256: z.string(),
  }),
  requestedAt: z.number(),
  /** Principal.kind and id. */
  requestedBy: z.string(),
  /** Unix ms; null while something is left to do. */
  finishedAt: z.number().nullable(),
  sessions: z.number(),
  /** SHA-256, hexadecimal, of each session id, sorted. */
  sessionHashes: z.array(z.string()),
  /** Bytes of session logs on the server's disk. */
  logBytes: z.number(),
  archiveBytes: z.number(),
  /** Rows of all tables. */
  rows: z.number(),
  notes: z.number(),
  unreached: z.array(unreachedSchema),
});
export type ErasureReceipt = z.infer<typeof erasureReceiptSchema>;
