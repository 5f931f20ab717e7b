import { z } from "zod";
import { faultDomains } from "../analysis.ts";
import { sessionFilterShape } from "./explorer.ts";

export * from "./privacy.ts";
export * from "./access.ts";

export * from "./first-run.ts";

export * from "./reanalysis.ts";

export * from "./settings.ts";

export * from "./operations.ts";

export * from "./explorer.ts";

export * from "./live.ts";

/**
 * The query contract between the server and everything that reads from it.
 *
 *   GET /api/project                      Project (name and ingest key, for the snippet and the demo)
 *   GET /api/sessions?…                   SessionList, newest first; facets, export and calls: explorer.ts
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

export const projectSchema = z.object({
  projectId: z.string(),
  name: z.string(),
  ingestKey: z.string(),
});
export type Project = z.infer<typeof projectSchema>;

/** Query of GET /api/sessions. `q` matches the start of session, user and call ids, and tag values. */
export const sessionQuerySchema = z.object({
  ...sessionFilterShape,
  /** "impact": most bad minutes first. */
  sort: z.enum(["newest", "worst", "longest", "impact"]).default("newest"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(400).optional(),
});
export type SessionQuery = z.infer<typeof sessionQuerySchema>;

/** What is known of the machine and of how the media travelled. */
export const sessionTraitsSchema = z.object({
  /** "Chromium", and "Chromium 157". */
  browserName: z.string().nullable(),
  browserVersion: z.string().nullable(),
  osName: z.string().nullable(),
  device: z.enum(["desktop", "mobile"]).nullable(),
  /** ISO 3166-1 alpha-2, of the address the client came from. */
  country: z.string().nullable(),
  /** What the browser says of its own network: "wifi", "cellular", "ethernet", "vpn". */
  network: z.string().nullable(),
  sdkVersion: z.string().nullable(),
  /** Tag `appVersion` of the app. */
  appVersion: z.string().nullable(),
  /** How media travelled: "direct/udp", "relay/tls"; in the order in which they were in use. */
  paths: z.array(z.string()),
  /** "opus", "vp8". */
  codecs: z.array(z.string()),
});
export type SessionTraits = z.infer<typeof sessionTraitsSchema>;

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
  traits: sessionTraitsSchema,
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
