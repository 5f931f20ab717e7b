import { z } from "zod";
import { faultDomains } from "../analysis.ts";

/**
 * What is happening now.
 *
 *   GET /api/live?project=…   LiveSnapshot. With `accept: text/event-stream` a stream of server-sent events instead:
 *                             `now` with a LiveSnapshot at once and whenever it changed, at most every two seconds;
 *                             `still` with { at } while nothing changes; `end` with { code } when the server ends the stream
 */

const severities = ["info", "minor", "major", "critical"] as const;
const scoreClasses = ["good", "fair", "poor", "failed", "dropped", "not-measured"] as const;

/** An observation that is open, or that opened or cleared a moment ago. */
export const liveObservationSchema = z.object({
  id: z.string(),
  /** Links into the session name it. */
  key: z.string(),
  severity: z.enum(severities),
  /** Unix ms. */
  startedAt: z.number(),
});
export type LiveObservation = z.infer<typeof liveObservationSchema>;

export const liveSessionSchema = z.object({
  sessionId: z.string(),
  callId: z.string().nullable(),
  userId: z.string().nullable(),
  startedAt: z.number(),
  /** How it is now: of the last seconds, not of the whole session. */
  class: z.enum(scoreClasses),
  /** Unix ms since when something has been wrong without a pause; null when nothing is. */
  since: z.number().nullable(),
  faultDomain: z.enum(faultDomains),
  /** Open observations above info, worst first. */
  observations: z.array(liveObservationSchema),
  browser: z.string().nullable(),
  os: z.string().nullable(),
});
export type LiveSession = z.infer<typeof liveSessionSchema>;

export const liveCallSchema = z.object({
  /** Null: one session that names no call. */
  callId: z.string().nullable(),
  /** One of its sessions, the worst. */
  sessionId: z.string(),
  sessions: z.number(),
  /** Sessions in which something is wrong. */
  affected: z.number(),
  /** Of its worst session, now. */
  class: z.enum(scoreClasses),
  /**
   * Class of the worst session in each of the last 30 minutes, the present one last; null where nobody was there or nobody
   * looked. Watched since the start of the server.
   */
  minutes: z.array(z.enum(scoreClasses).nullable()),
});
export type LiveCall = z.infer<typeof liveCallSchema>;

/** Something that many of those who suffer share, and others do not. */
export const liveFactorSchema = z.object({
  /** "browser", "os", "network", "path", "country", "app-version", or "tag:<key>". */
  dimension: z.string(),
  value: z.string(),
  /** Live clients with the value, and those of them in whose session something is wrong. */
  clients: z.number(),
  affected: z.number(),
  /** The same of those without the value. */
  controlClients: z.number(),
  controlAffected: z.number(),
  /** How many times as often it goes wrong with the value; null when it never goes wrong without. */
  ratio: z.number().nullable(),
  /** Chance to see so large a difference if there were none; corrected for the number of values that were tried. */
  p: z.number(),
});
export type LiveFactor = z.infer<typeof liveFactorSchema>;

export const liveChangeSchema = z.object({
  /** Unix ms at which the server heard of it. */
  at: z.number(),
  change: z.enum(["opened", "cleared"]),
  sessionId: z.string(),
  userId: z.string().nullable(),
  observation: liveObservationSchema,
});
export type LiveChange = z.infer<typeof liveChangeSchema>;

export const liveSnapshotSchema = z.object({
  /** Unix ms. */
  at: z.number(),
  /** Live sessions and calls, all of them; a session that names no call is one of its own. */
  clients: z.number(),
  calls: z.number(),
  /** Clients by how it is for them now. */
  classes: z.record(z.enum(scoreClasses), z.number()),
  /** Clients in whose session something is wrong. */
  affected: z.number(),
  /** Those, and some of the others: worst first, at most 200. */
  sessions: z.array(liveSessionSchema),
  /** Worst first, at most 60. */
  worstCalls: z.array(liveCallSchema),
  /** Values that were tried: 0 says that there are too few clients to compare. */
  factorsTried: z.number(),
  /** Strongest first. */
  factors: z.array(liveFactorSchema),
  /** Newest first, at most 40. */
  changes: z.array(liveChangeSchema),
});
export type LiveSnapshot = z.infer<typeof liveSnapshotSchema>;

/** Why a stream of GET /api/live was ended by the server. */
export const liveEndSchema = z.object({ code: z.string() });
export type LiveEnd = z.infer<typeof liveEndSchema>;
