import { z } from "zod";

/**
 *   POST   /api/projects/:projectId/reanalyze            ReanalysisRequest → 202 Reanalysis; 409 while one runs
 *   GET    /api/projects/:projectId/reanalyze?from&limit  the running or the last one: ReanalysisPage
 *   DELETE /api/projects/:projectId/reanalyze            ends it after the sessions it is at → ReanalysisPage without changes
 */

const idSchema = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "must be the id of a session");

/** Which finished sessions are analysed again; without a member, all of the project. */
export const reanalysisRequestSchema = z.strictObject({
  sessionId: idSchema.optional(),
  /** Unix ms: sessions that began at this time or later. */
  since: z.number().int().min(0).optional(),
  /** Unix ms: sessions that began before. */
  until: z.number().int().min(0).optional(),
  /** Nothing is written. */
  dryRun: z.boolean().default(false),
});
export type ReanalysisRequest = z.infer<typeof reanalysisRequestSchema>;

/** What the analysis says of a session in short, as it is compared. */
export const analysisDigestSchema = z.object({
  score: z.number().nullable(),
  scoreClass: z.string(),
  faultDomain: z.string(),
  statedCause: z.string().nullable(),
  /** Ids of its observations above info, sorted. */
  observationIds: z.array(z.string()),
  /** Catalogue (with a suffix for thresholds of the project) and score model, as `catalogue score`. */
  analysisVersion: z.string(),
});
export type AnalysisDigest = z.infer<typeof analysisDigestSchema>;

export const sessionChangeSchema = z.object({
  sessionId: z.string(),
  /** Null: the store had no rows of it. */
  before: analysisDigestSchema.nullable(),
  after: analysisDigestSchema,
  /** Members that differ. `analysisVersion` alone is no change. */
  changed: z.array(z.enum(["score", "scoreClass", "faultDomain", "statedCause", "observationIds", "rows"])),
});
export type SessionChange = z.infer<typeof sessionChangeSchema>;

export const reanalysisSchema = z.object({
  projectId: z.string(),
  request: reanalysisRequestSchema,
  state: z.enum(["running", "done", "cancelled", "failed"]),
  /** Why it failed; null otherwise. */
  problem: z.string().nullable(),
  /** Unix ms. */
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Sessions to look at, looked at, different, without rows before, and those whose analysis failed. */
  total: z.number(),
  done: z.number(),
  changed: z.number(),
  added: z.number(),
  failed: z.number(),
  /** Changes of the score's class, `poor → good`, and of the stated cause, `high-rtt → none`, each with how many. */
  byClass: z.record(z.string(), z.number()),
  byCause: z.record(z.string(), z.number()),
});
export type Reanalysis = z.infer<typeof reanalysisSchema>;

export const reanalysisPageSchema = z.object({
  /** Null while none ran since the server started. */
  reanalysis: reanalysisSchema.nullable(),
  /** Changes from `from` on, in the order in which they were found. At most 10,000 are kept. */
  changes: z.array(sessionChangeSchema),
});
export type ReanalysisPage = z.infer<typeof reanalysisPageSchema>;

export const reanalysisPageQuerySchema = z.object({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(1_000).default(100),
});
