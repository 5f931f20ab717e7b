import { z } from "zod";

/*
 * What people change while the server runs.
 *
 *   GET    /api/projects                              projects that one may see
 *   POST   /api/projects                              ProjectCreation; answers ProjectView
 *   GET    /api/projects/:projectId                   ProjectView
 *   PATCH  /api/projects/:projectId                   ProjectChange; answers ProjectView
 *   DELETE /api/projects/:projectId                   body ProjectDeletion
 *   GET    /api/projects/:projectId/keys              IngestKeyList
 *   POST   /api/projects/:projectId/keys              IngestKeyCreation; answers IngestKeyView
 *   PATCH  /api/projects/:projectId/keys/:keyId       IngestKeyChange; answers IngestKeyView
 *   DELETE /api/projects/:projectId/keys/:keyId       revokes it; answers IngestKeyView
 *   GET    /api/projects/:projectId/views             SavedViewList
 *   POST   /api/projects/:projectId/views             SavedViewCreation; answers SavedView
 *   PATCH  /api/projects/:projectId/views/:viewId     SavedViewChange; answers SavedView
 *   DELETE /api/projects/:projectId/views/:viewId
 *   GET    /api/sessions/:id/notes                    SessionNoteList
 *   POST   /api/sessions/:id/notes                    SessionNoteCreation; answers SessionNote
 *   PATCH  /api/sessions/:id/notes/:noteId            SessionNoteChange; answers SessionNote
 *   DELETE /api/sessions/:id/notes/:noteId
 *   GET    /api/audit                                 AuditQuery; AuditPage of the whole server
 *   GET    /api/projects/:projectId/audit             AuditQuery; AuditPage of the project
 * What is deleted is answered with 204.
 */

/** How many of each a server keeps, and how long texts may be. docs/reference/settings.md repeats them; a test compares. */
export const settingsLimits = {
  projects: 200,
  /** Good ones. As many revoked ones are remembered; the oldest are forgotten. */
  keysPerProject: 100,
  originsPerKey: 50,
  viewsPerProject: 500,
  notesPerSession: 500,
  users: 10_000,
  /** That are not revoked. */
  apiTokens: 1_000,
  nameLength: 100,
  originLength: 255,
  viewUrlLength: 4_000,
  noteLength: 4_000,
  thresholdsLength: 65_536,
  /** HS256: bytes of the secret. RFC 7518 §3.2 asks for at least as many as the hash has. */
  secretBytesLeast: 32,
  secretBytesMost: 256,
  publicKeyLength: 2_000,
  retentionDays: 3_650,
  auditPage: 500,
} as const;

const limits = settingsLimits;
// U+0000 is nothing that a person writes, and PostgreSQL has no place for it.
const control = /[^\P{Cc}\t\n\r]/u;
const line = (most: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(most, `must have at most ${most} characters`)
    .refine((text) => !control.test(text) && !/[\r\n]/.test(text), "must not have control characters");

export const projectIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, "must have 1 to 40 characters out of a-z, 0-9 and -");

const days = z.int().min(1).max(limits.retentionDays).nullable();
export const retentionSchema = z.strictObject({ logDays: days, rowDays: days });
export const privacySchema = z.strictObject({
  ipAddresses: z.enum(["prefix", "remove", "keep"]),
  deviceLabels: z.enum(["hash", "remove", "keep"]),
  userIds: z.enum(["keep", "hash"]),
});
export const projectLimitsSchema = z.strictObject({
  maxLiveSessions: z.int().min(1).max(1_000_000).nullable(),
  maxBytesPerSecond: z.int().min(1_000).max(10_000_000_000).nullable(),
  maxSessionHours: z.number().min(0.1).max(168).nullable(),
});
/** Checked in full by `parseThresholds` of the observer; docs/reference/extend.md says what goes in. */
const thresholdsSchema = z
  .record(z.string(), z.json())
  .refine(
    (value) => JSON.stringify(value).length <= limits.thresholdsLength,
    `must be at most ${limits.thresholdsLength} characters of JSON`,
  );

export const projectCreationSchema = z.strictObject({
  projectId: projectIdSchema,
  name: line(limits.nameLength),
});
export type ProjectCreation = z.infer<typeof projectCreationSchema>;

/** What is not named stays as it is. */
export const projectChangeSchema = z.strictObject({
  name: line(limits.nameLength).optional(),
  retention: retentionSchema.partial().optional(),
  privacy: privacySchema.partial().optional(),
  limits: projectLimitsSchema.partial().optional(),
  /** Replaces those there are. */
  thresholds: thresholdsSchema.optional(),
});
export type ProjectChange = z.infer<typeof projectChangeSchema>;

/** The id once more: nobody deletes a project by a slip. */
export const projectDeletionSchema = z.strictObject({ projectId: z.string() });
export type ProjectDeletion = z.infer<typeof projectDeletionSchema>;

export const projectViewSchema = z.object({
  projectId: z.string(),
  name: z.string(),
  retention: retentionSchema,
  privacy: privacySchema,
  limits: projectLimitsSchema,
  thresholds: z.record(z.string(), z.json()),
  createdAt: z.number(),
  /** What the one who asks may do in it. */
  role: z.enum(["viewer", "analyst", "admin"]),
});
export type ProjectView = z.infer<typeof projectViewSchema>;

export const projectListSchema = z.object({ projects: z.array(projectViewSchema) });
export type ProjectList = z.infer<typeof projectListSchema>;

/** `https://app.example`, with a port or not, or `https://*.example` for all names below one. */
const originSchema = z
  .string()
  .max(limits.originLength)
  .regex(
    /^https?:\/\/(\*\.)?([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
    "must be an origin such as https://app.example or https://*.example, in lower case, without a path",
  );
const originsSchema = z.array(originSchema).max(limits.originsPerKey);

export const ingestKeyCreationSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("public"),
    label: line(limits.nameLength),
    /** Empty: pages of every origin. */
    allowedOrigins: originsSchema.default([]),
  }),
  z.strictObject({
    kind: z.literal("jwt"),
    label: line(limits.nameLength),
    algorithm: z.enum(["HS256", "ES256", "EdDSA"]),
    /** HS256: the secret in base64url. Otherwise the public key as PEM. It is never shown again. */
    key: z.string().trim().min(1).max(limits.publicKeyLength),
    /** Has to be in `aud` of the tokens; null: they need none. */
    audience: line(limits.nameLength).nullable().default(null),
  }),
]);
export type IngestKeyCreation = z.input<typeof ingestKeyCreationSchema>;

export const ingestKeyChangeSchema = z.strictObject({
  label: line(limits.nameLength).optional(),
  /** Of a public key only. */
  allowedOrigins: originsSchema.optional(),
});
export type IngestKeyChange = z.infer<typeof ingestKeyChangeSchema>;

export const ingestKeyViewSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("public"),
    /** What clients send. */
    keyId: z.string(),
    projectId: z.string(),
    label: z.string(),
    allowedOrigins: z.array(z.string()),
    createdAt: z.number(),
    revokedAt: z.number().nullable(),
  }),
  z.object({
    kind: z.literal("jwt"),
    /** `kid` in the header of the tokens. */
    keyId: z.string(),
    projectId: z.string(),
    label: z.string(),
    algorithm: z.enum(["HS256", "ES256", "EdDSA"]),
    /** Null for HS256: a secret does not leave. */
    publicKey: z.string().nullable(),
    audience: z.string().nullable(),
    createdAt: z.number(),
    revokedAt: z.number().nullable(),
  }),
]);
export type IngestKeyView = z.infer<typeof ingestKeyViewSchema>;

/** Good ones; oldest first. */
export const ingestKeyListSchema = z.object({ keys: z.array(ingestKeyViewSchema) });
export type IngestKeyList = z.infer<typeof ingestKeyListSchema>;

/** Path and query of a page of the dashboard; never another server's. */
const viewUrl = z
  .string()
  .max(limits.viewUrlLength)
  .regex(/^\/(?![/\\])[!-[\]-~]*$/, "must be the path and query of a page, as in /sessions?live=true");

export const savedViewCreationSchema = z.strictObject({
  name: line(limits.nameLength),
  url: viewUrl,
  /** False: only the one who made it sees it. */
  shared: z.boolean().default(false),
});
export type SavedViewCreation = z.input<typeof savedViewCreationSchema>;
export const savedViewChangeSchema = z.strictObject({
  name: line(limits.nameLength).optional(),
  url: viewUrl.optional(),
  shared: z.boolean().optional(),
});
export type SavedViewChange = z.infer<typeof savedViewChangeSchema>;

export const savedViewSchema = z.object({
  viewId: z.string(),
  name: z.string(),
  url: z.string(),
  shared: z.boolean(),
  createdAt: z.number(),
  /** Made by the one who asks. */
  own: z.boolean(),
});
export type SavedView = z.infer<typeof savedViewSchema>;
export const savedViewListSchema = z.object({ views: z.array(savedViewSchema) });
export type SavedViewList = z.infer<typeof savedViewListSchema>;

const noteText = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(limits.noteLength, `must have at most ${limits.noteLength} characters`)
  .refine((text) => !control.test(text), "must not have control characters");

export const sessionNoteCreationSchema = z.strictObject({
  /** Unix ms of the moment in the session. */
  at: z.int().min(0).max(8.64e15),
  text: noteText,
});
export type SessionNoteCreation = z.infer<typeof sessionNoteCreationSchema>;
export const sessionNoteChangeSchema = z.strictObject({ text: noteText });
export type SessionNoteChange = z.infer<typeof sessionNoteChangeSchema>;

export const sessionNoteSchema = z.object({
  noteId: z.string(),
  at: z.number(),
  text: z.string(),
  createdByName: z.string(),
  createdAt: z.number(),
  own: z.boolean(),
});
export type SessionNote = z.infer<typeof sessionNoteSchema>;
/** By the moment they are about. */
export const sessionNoteListSchema = z.object({ notes: z.array(sessionNoteSchema) });
export type SessionNoteList = z.infer<typeof sessionNoteListSchema>;

export const auditQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(limits.auditPage).default(100),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^[0-9a-f]{1,40}$/, "must be the nextCursor of the page before")
    .optional(),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;

export const auditEntrySchema = z.object({
  entryId: z.string(),
  at: z.number(),
  actor: z.string(),
  actorName: z.string(),
  action: z.string(),
  projectId: z.string().nullable(),
  subject: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
/** Newest first. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;
