import { z } from "zod";

/**
 * Who may use the server.
 *
 *   GET    /api/me                               Me: who asks, and how one can log in. For everybody
 *   POST   /api/login           PasswordLogin    Me, and a cookie
 *   POST   /api/logout                           204
 *   POST   /api/me/password     PasswordChange   204; ends the user's other logins
 *   GET    /api/login/oidc?next=                 redirect to the identity provider
 *   GET    /api/login/oidc/callback              redirect to `next`, with a cookie
 *   GET    /api/users                            UserList
 *   POST   /api/users           NewUser          UserView, 201
 *   PATCH  /api/users/:userId   UserChange       UserView
 *   DELETE /api/users/:userId                    204
 *   GET    /api/projects/:projectId/members                  MemberList
 *   PUT    /api/projects/:projectId/members  MemberChange    MemberList
 *   GET    /api/tokens                           ApiTokenList: one's own; all for server admins
 *   POST   /api/tokens          NewApiToken      CreatedApiToken, 201: the only time that the token is shown
 *   DELETE /api/tokens/:tokenId                  204
 */

export const roleSchema = z.enum(["viewer", "analyst", "admin"]);
const projectIdSchema = z.string().regex(/^[a-z0-9-]{1,40}$/, "is no project id");
/** Project ids with the role there. */
const rolesSchema = z.record(projectIdSchema, roleSchema);
const emailSchema = z
  .string()
  .trim()
  .max(254, "has more than 254 characters")
  .pipe(z.email("is no e-mail address"))
  .transform((email) => email.toLowerCase());
const labelSchema = z.string().trim().min(1, "is empty").max(100, "has more than 100 characters");
/** Longer than any that is taken, so that the server's own rule answers. */
const passwordSchema = z.string().max(1_000);

export const passwordLoginSchema = z.strictObject({
  email: z.string().max(254),
  password: passwordSchema,
});
export type PasswordLogin = z.infer<typeof passwordLoginSchema>;

export const passwordChangeSchema = z.strictObject({ current: passwordSchema, next: passwordSchema });
export type PasswordChange = z.infer<typeof passwordChangeSchema>;

export const meSchema = z.object({
  /** Null: nobody that the server knows. */
  principal: z
    .object({
      kind: z.enum(["local", "user", "api-token"]),
      id: z.string(),
      name: z.string(),
      isServerAdmin: z.boolean(),
    })
    .nullable(),
  /** Projects that one may see, with the role there. */
  projects: z.array(z.object({ projectId: z.string(), name: z.string(), role: roleSchema })),
  /** Ways to log in. */
  login: z.object({ password: z.boolean(), oidc: z.boolean() }),
});
export type Me = z.infer<typeof meSchema>;

export const userViewSchema = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  /** False: they log in through the identity provider only. */
  hasPassword: z.boolean(),
  isServerAdmin: z.boolean(),
  roles: rolesSchema,
  /** Unix ms. */
  createdAt: z.number(),
  disabledAt: z.number().nullable(),
});
export type UserView = z.infer<typeof userViewSchema>;
export const userListSchema = z.object({ users: z.array(userViewSchema) });
export type UserList = z.infer<typeof userListSchema>;

export const newUserSchema = z.strictObject({
  email: emailSchema,
  name: labelSchema,
  /** Without it they log in through the identity provider only. */
  password: passwordSchema.optional(),
  isServerAdmin: z.boolean().default(false),
  roles: rolesSchema.default({}),
});
export type NewUser = z.input<typeof newUserSchema>;

export const userChangeSchema = z.strictObject({
  name: labelSchema.optional(),
  /** Ends their logins. Null takes the password away. */
  password: passwordSchema.nullable().optional(),
  isServerAdmin: z.boolean().optional(),
  roles: rolesSchema.optional(),
  /** Ends their logins; their tokens do nothing as long as they are disabled. */
  disabled: z.boolean().optional(),
});
export type UserChange = z.infer<typeof userChangeSchema>;

export const memberListSchema = z.object({
  members: z.array(
    z.object({
      userId: z.string(),
      email: z.string(),
      name: z.string(),
      role: roleSchema,
      disabled: z.boolean(),
    }),
  ),
});
export type MemberList = z.infer<typeof memberListSchema>;

export const memberChangeSchema = z.strictObject({
  /** Of a user that the server knows. */
  email: emailSchema,
  /** Null takes the role away. */
  role: roleSchema.nullable(),
});
export type MemberChange = z.input<typeof memberChangeSchema>;

export const apiTokenViewSchema = z.object({
  tokenId: z.string(),
  label: z.string(),
  /** "user:" and the id of the user, "local:local" or "cli:". */
  createdBy: z.string(),
  isServerAdmin: z.boolean(),
  roles: rolesSchema,
  /** Unix ms. */
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  /** To the minute. */
  lastUsedAt: z.number().nullable(),
});
export type ApiTokenView = z.infer<typeof apiTokenViewSchema>;
export const apiTokenListSchema = z.object({ tokens: z.array(apiTokenViewSchema) });
export type ApiTokenList = z.infer<typeof apiTokenListSchema>;

export const newApiTokenSchema = z.strictObject({
  label: labelSchema,
  roles: rolesSchema.default({}),
  isServerAdmin: z.boolean().default(false),
  /** Days until it ends; null: never. */
  expiresInDays: z.number().int().min(1).max(3_650).nullable(),
});
export type NewApiToken = z.input<typeof newApiTokenSchema>;

export const createdApiTokenSchema = z.object({ token: z.string(), view: apiTokenViewSchema });
export type CreatedApiToken = z.infer<typeof createdApiTokenSchema>;
