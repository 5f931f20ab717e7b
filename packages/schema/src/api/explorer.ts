import { z } from "zod";
import { facetNames } from "../session-filter.ts";

/**
 * Looking for sessions among many.
 *
 *   GET /api/sessions/facets?facets=…&find=…&<filters>   FacetList: how many sessions have each value
 *   GET /api/sessions/export?format=csv|ndjson&<filters> all sessions that match, newest first
 *   GET /api/calls?<filters>                             CallList: calls of the sessions that match
 * Filters are those of GET /api/sessions.
 */

/** Members of a query that say which sessions are meant. */
export const sessionFilterShape = {
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
  /** Terms as `parseSessionFilter` reads them; its words are more to look for. */
  filter: z.string().max(2_000).optional(),
  /** Began at this time or later, and before that time; Unix ms. */
  from: z.coerce.number().int().min(0).max(9_999_999_999_999).optional(),
  to: z.coerce.number().int().min(0).max(9_999_999_999_999).optional(),
} as const;

const filterSchema = z.object(sessionFilterShape);
/** Which sessions are meant. */
export type SessionFilterQuery = z.infer<typeof filterSchema>;

/** What can be counted: values, and how the two numbers are spread. */
export const countedNames = [...facetNames, "score", "duration"] as const;
export type CountedName = (typeof countedNames)[number];

export const facetQuerySchema = z.object({
  ...sessionFilterShape,
  /** Names of facets, separated by commas. */
  facets: z
    .string()
    .max(400)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(countedNames)).min(1).max(countedNames.length)),
  /** Only values that contain this. */
  find: z.string().max(100).optional(),
});
export type FacetQuery = z.infer<typeof facetQuerySchema>;

export const facetSchema = z.object({
  name: z.enum(countedNames),
  /**
   * How many sessions have a value, among those that all other filters let through; most first. Of numbers: by the lower
   * end of each range, ascending. Null: could not be counted in time.
   */
  values: z.array(z.object({ value: z.string(), sessions: z.number() })).nullable(),
  /** There are more values than these. */
  isCut: z.boolean(),
});
export type Facet = z.infer<typeof facetSchema>;

export const facetListSchema = z.object({ facets: z.array(facetSchema) });
export type FacetList = z.infer<typeof facetListSchema>;

export const exportQuerySchema = z.object({
  ...sessionFilterShape,
  format: z.enum(["csv", "ndjson"]).default("csv"),
});

export const callQuerySchema = z.object({
  ...sessionFilterShape,
  sort: z.enum(["newest", "worst"]).default("newest"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** `nextOffset` of the page before. */
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
});
export type CallQuery = z.infer<typeof callQuerySchema>;

/** One call, of those of its sessions that match. */
export const callRowSchema = z.object({
  callId: z.string(),
  sessions: z.number(),
  /** Of them: without any connection, or with a score below 60. */
  bad: z.number(),
  /** Unix ms: the first begin and the last sign of life. */
  startedAt: z.number(),
  lastAt: z.number(),
  live: z.boolean(),
  worstScore: z.number().nullable(),
  meanScore: z.number().nullable(),
  /** Of the worst session. */
  scoreClass: z.enum(["good", "fair", "poor", "failed", "dropped", "not-measured"]),
  statedCause: z.string().nullable(),
  faultDomain: z.string(),
});
export type CallRow = z.infer<typeof callRowSchema>;

export const callListSchema = z.object({
  calls: z.array(callRowSchema),
  nextOffset: z.number().nullable(),
});
export type CallList = z.infer<typeof callListSchema>;
