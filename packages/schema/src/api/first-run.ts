import { z } from "zod";

/*
 * Whether anything arrives, and what was refused lately.
 *
 *   GET /api/projects/:projectId/first-sample   FirstSample; for viewers of the project
 */

/** Refusals of one code within the last ten minutes. */
const refusalSchema = z.object({
  /** Code of docs/reference/errors.md. */
  code: z.string(),
  message: z.string(),
  /** What to do about it; null when the message says it. */
  hint: z.string().nullable(),
  /** What the last of these clients was told beside the message; null when it did not show a key of the project. */
  detail: z.string().nullable(),
  count: z.number(),
  /** Unix ms. */
  lastAt: z.number(),
  /** False: the client did not say whose it is, so it may belong to another project of the server. */
  ofProject: z.boolean(),
});
export type RefusalSummary = z.infer<typeof refusalSchema>;

export const firstSampleSchema = z.object({
  /** The project has, or had, a session that does not ship with the product. Null: the store, which knows, does not answer. */
  hasOwn: z.boolean().nullable(),
  /** Unix ms of the newest frame of such a session; null when there is none, or it is not known. */
  newestAt: z.number().nullable(),
  /** The session of that frame. */
  newestSessionId: z.string().nullable(),
  /** Sessions that are open now, and the frames that came in them; the SDK sends one a second. */
  openSessions: z.number(),
  openFrames: z.number(),
  /** Unix ms of the server, for "4 s ago". */
  now: z.number(),
  refusals: z.array(refusalSchema),
});
export type FirstSample = z.infer<typeof firstSampleSchema>;
