import { z } from "zod";
import { faultDomains } from "../analysis.ts";

export * from "./privacy.ts";
export * from "./access.ts";

export * from "./first-run.ts";

export * from "./reanalysis.ts";

export * from "./settings.ts";

/**
 * The query contract between the server and everything that reads from it.
 *
 *   GET /healthz                          Health
 *   GET /api/project                      Project (name and ingest key, for the snippet and the demo)
 *   GET /api/sessions?…                   SessionList, newest first
 *   GET /api/sessions/:id                 SessionSummary
 *   GET /api/sessions/:id/analysis        SessionAnalysis (see analysis.ts): the server's own, live or final
 *   GET /api/sessions/:id/log?from&waitMs bytes of the session log from an offset; waits up to waitMs for more.
 *                                         Headers: x-peerscope-log-bytes (size now), x-peerscope-live (true | false)
 *   GET /api/calls/:id                    CallSummary
 * Errors: ApiError with the status of its code.
 */

export const faultDomainSchema: z.ZodType<(typeof faultDomains)[number]> = z.enum(faultDomains);

/** Body of every answer that is not 2xx. */
export const apiErrorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** Path of the page that explains the code. */
    docs: z.string(),
  }),
});
export type ApiError = z.infer<typeof apiErrorSchema>;

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  /** The store answers. Ingest goes on without it. */
  store: z.enum(["ok", "starting", "down"]),
  liveSessions: z.number(),
});
export type Health = z.infer<typeof healthSchema>;

export const projectSchema = z.object({
  projectId: z.string(),
  name: z.string(),
  ingestKey: z.string(),
});
export type Project = z.infer<typeof projectSchema>;

/** Query of GET /api/sessions. `q` matches the start of session, user and call ids, and tag values. */
export const sessionQuerySchema = z.object({
  /** Whose sessions; default: the first project that one may see. */
  project: z.string().max(40).optional(),
  q: z.string().max(200).optional(),
  user: z.string().max(200).optional(),
  call: z.string().max(200).optional(),
  /** key:value, several separated by commas. */
  tag: z.string().max(400).optional(),
  live: z.enum(["true", "false"]).optional(),
  scoreClass: z.string().max(40).optional(),
  observation: z.string().max(80).optional(),
  sort: z.enum(["newest", "worst"]).default("newest"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(400).optional(),
});
export type SessionQuery = z.infer<typeof sessionQuerySchema>;

export const sessionSummarySchema = z.object({
  sessionId: z.string(),
  projectId: z.string(),
  callId: z.string().nullable(),
  userId: z.string().nullable(),
  startedAt: z.number(),
  /** Last record heard; the session may go on. */
  lastAt: z.number(),
  live: z.boolean(),
  /** True when the client said goodbye; false for one that was last heard at lastAt. */
  ended: z.boolean(),
  score: z.number().nullable(),
  scoreClass: z.enum(["good", "fair", "poor", "failed", "dropped", "not-measured"]),
  coverage: z.number(),
  faultDomain: faultDomainSchema,
  confidence: z.number(),
  statedCause: z.string().nullable(),
  /** Ids of its observations above info, causes first. */
  observationIds: z.array(z.string()),
  worstSeverity: z.enum(["none", "info", "minor", "major", "critical"]),
  browser: z.string().nullable(),
  os: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  /** Recorded call that ships with the product. */
  sample: z.boolean(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export const sessionListSchema = z.object({
  sessions: z.array(sessionSummarySchema),
  nextCursor: z.string().nullable(),
  /** Sessions that match the query, all pages. */
  total: z.number(),
});
export type SessionList = z.infer<typeof sessionListSchema>;

export const callSummarySchema = z.object({
  callId: z.string(),
  sessions: z.array(sessionSummarySchema),
  /** CallAnalysis of the sessions together; null while none is analysed. */
  analysis: z.unknown(),
});
export type CallSummary = z.infer<typeof callSummarySchema>;
