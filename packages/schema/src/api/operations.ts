import { z } from "zod";

/**
 * How the server itself is.
 *
 *   GET /healthz   Health: it is alive, and what is wrong. Always 200, and cheap
 *   GET /readyz    Readiness: whether it can take sessions and keep them: 200, or 503
 *   GET /metrics   text of Prometheus; docs/reference/server.md lists the metrics
 */

/** What may be wrong. The first three stop recording; with the others it goes on. */
export const healthProblems = [
  /** The disk has no room for logs. */
  "disk-full",
  /** Logs could not be written within the last half minute, for another reason. */
  "log-writes-failing",
  /** The server is on its way out. */
  "stopping",
  /** The database of the settings does not answer: what is known of projects and keys counts on. */
  "settings-down",
  /** The store does not answer, or may not be used. */
  "store-down",
  /** What was recorded a minute ago is not analysed. */
  "analysis-behind",
  /** The archive does not answer: finished logs stay on the disk. */
  "archive-down",
] as const;
export type HealthProblem = (typeof healthProblems)[number];

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  /** The store answers. Ingest goes on without it. */
  store: z.enum(["ok", "starting", "down"]),
  liveSessions: z.number(),
  /** Empty when the status is ok. */
  problems: z.array(z.enum(healthProblems)),
});
export type Health = z.infer<typeof healthSchema>;

export const readinessSchema = z.object({
  /** Sessions are taken and kept. */
  ready: z.boolean(),
  problems: z.array(z.enum(healthProblems)),
  disk: z.object({
    /** Null when the system does not say. */
    freeBytes: z.number().nullable(),
    totalBytes: z.number().nullable(),
    /** So much is left free. */
    reserveBytes: z.number(),
  }),
  settings: z.object({ state: z.enum(["ok", "down"]) }),
  store: z.object({
    state: z.enum(["ok", "starting", "down"]),
    /** A code of docs/reference/errors.md; null while the store can be used. */
    problem: z.string().nullable(),
    /** Sessions whose newest rows are still to be written. */
    sessionsWaiting: z.number(),
  }),
  analysis: z.object({
    /** Bytes of logs that are not analysed. */
    lagBytes: z.number(),
    /** How long the oldest of them have waited, ms. */
    lagMs: z.number(),
  }),
  /** Null: logs stay where they are. */
  archive: z
    .object({
      state: z.enum(["ok", "down"]),
      /** Finished logs that should be there by now. */
      logsWaiting: z.number(),
      /** Since when it does not answer, Unix ms; null while it does. */
      downSince: z.number().nullable(),
    })
    .nullable(),
});
export type Readiness = z.infer<typeof readinessSchema>;
