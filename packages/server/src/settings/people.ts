import type { Selectable } from "kysely";
import { settingsLimits } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { Role } from "../access/principal.ts";
import type { SettingsDatabase } from "./database.ts";
import type { Guard } from "./guard.ts";
import type { ApiToken, Settings, User } from "./settings.ts";
import type { SettingsTables } from "./tables.ts";

/** Users, tokens and logins: the part of `Settings` that access is decided with. */
export type People = Pick<
  Settings,
  | "users"
  | "userById"
  | "userByEmail"
  | "saveUser"
  | "deleteUser"
  | "apiTokens"
  | "apiTokenByHash"
  | "saveApiToken"
  | "touchApiToken"
  | "loginByHash"
  | "saveLogin"
  | "touchLogin"
  | "deleteLogin"
  | "deleteLoginsOf"
  | "deleteLoginsBefore"
>;

export function createPeople(database: SettingsDatabase, guard: Guard): People {
  type UserColumn = "userId" | "emailKey";
  async function userBy(column: UserColumn, value: string): Promise<User | null> {
    const row = await database.selectFrom("users").selectAll().where(column, "=", value).executeTakeFirst();
    if (row === undefined) return null;
    const roles = await database
      .selectFrom("userRoles")
      .selectAll()
      .where("userId", "=", row.userId)
      .execute();
    return userFromRow(row, rolesOf(roles));
  }

  return {
    users: () =>
      guard(async () => {
        const rows = await database
          .selectFrom("users")
          .selectAll()
          .orderBy("createdAt")
          .orderBy("userId")
          .execute();
        const roles = grouped(
          await database.selectFrom("userRoles").selectAll().execute(),
          ({ userId }) => userId,
        );
        return rows.map((row) => userFromRow(row, rolesOf(roles.get(row.userId) ?? [])));
      }),
    userById: (userId) => guard(() => userBy("userId", userId)),
    userByEmail: (email) => guard(() => userBy("emailKey", emailKey(email))),
    saveUser: ({ userId, email, isServerAdmin, roles, ...rest }) =>
      guard(() =>
        database.transaction().execute(async (transaction) => {
          const changed = { email, emailKey: emailKey(email), isServerAdmin: Number(isServerAdmin), ...rest };
          await transaction
            .insertInto("users")
            .values({ userId, ...changed })
            .onConflict((conflict) => conflict.column("userId").doUpdateSet(changed))
            .execute();
          await transaction.deleteFrom("userRoles").where("userId", "=", userId).execute();
          const rows = Object.entries(roles).map(([projectId, role]) => ({ userId, projectId, role }));
          if (rows.length > 0) await transaction.insertInto("userRoles").values(rows).execute();
          const all = await transaction.selectFrom("users").select("userId").execute();
          if (all.length > settingsLimits.users) {
            throw new RequestError("settings-limit-reached", `There are ${settingsLimits.users} users.`);
          }
        }),
      ),
    deleteUser: (userId) =>
      guard(() =>
        database.transaction().execute(async (transaction) => {
          await transaction.deleteFrom("users").where("userId", "=", userId).execute();
          // Nobody else ever saw them.
          await transaction
            .deleteFrom("savedViews")
            .where("createdBy", "=", userId)
            .where("shared", "=", 0)
            .execute();
        }),
      ),

    apiTokens: () =>
      guard(async () => {
        const rows = await database
          .selectFrom("apiTokens")
          .selectAll()
          .orderBy("createdAt")
          .orderBy("tokenId")
          .execute();
        const all = await database.selectFrom("apiTokenRoles").selectAll().execute();
        const roles = grouped(all, ({ tokenId }) => tokenId);
        return rows.map((row) => tokenFromRow(row, rolesOf(roles.get(row.tokenId) ?? [])));
      }),
    apiTokenByHash: (tokenHash) =>
      guard(async () => {
        const row = await database
          .selectFrom("apiTokens")
          .selectAll()
          .where("tokenHash", "=", tokenHash)
          .executeTakeFirst();
        if (row === undefined) return null;
        const roles = await database
          .selectFrom("apiTokenRoles")
          .selectAll()
          .where("tokenId", "=", row.tokenId)
          .execute();
        return tokenFromRow(row, rolesOf(roles));
      }),
    saveApiToken: ({ tokenId, isServerAdmin, roles, ...rest }) =>
      guard(() =>
        database.transaction().execute(async (transaction) => {
          const changed = { isServerAdmin: Number(isServerAdmin), ...rest };
          await transaction
            .insertInto("apiTokens")
            .values({ tokenId, ...changed })
            .onConflict((conflict) => conflict.column("tokenId").doUpdateSet(changed))
            .execute();
          await transaction.deleteFrom("apiTokenRoles").where("tokenId", "=", tokenId).execute();
          const rows = Object.entries(roles).map(([projectId, role]) => ({ tokenId, projectId, role }));
          if (rows.length > 0) await transaction.insertInto("apiTokenRoles").values(rows).execute();
          const all = await transaction.selectFrom("apiTokens").select(["tokenId", "revokedAt"]).execute();
          if (all.filter(({ revokedAt }) => revokedAt === null).length > settingsLimits.apiTokens) {
            throw new RequestError(
              "settings-limit-reached",
              `There are ${settingsLimits.apiTokens} API tokens.`,
            );
          }
        }),
      ),

    touchApiToken: (tokenId, lastUsedAt) =>
      guard(async () => {
        await database.updateTable("apiTokens").set({ lastUsedAt }).where("tokenId", "=", tokenId).execute();
      }),

    loginByHash: (loginHash) =>
      guard(async () => {
        const row = await database
          .selectFrom("logins")
          .selectAll()
          .where("loginHash", "=", loginHash)
          .executeTakeFirst();
        return row ?? null;
      }),
    saveLogin: ({ loginHash, ...changed }) =>
      guard(async () => {
        await database
          .insertInto("logins")
          .values({ loginHash, ...changed })
          .onConflict((conflict) => conflict.column("loginHash").doUpdateSet(changed))
          .execute();
      }),
    touchLogin: (loginHash, expiresAt) =>
      guard(async () => {
        await database.updateTable("logins").set({ expiresAt }).where("loginHash", "=", loginHash).execute();
      }),
    deleteLogin: (loginHash) =>
      guard(async () => {
        await database.deleteFrom("logins").where("loginHash", "=", loginHash).execute();
      }),
    deleteLoginsOf: (userId) =>
      guard(async () => {
        await database.deleteFrom("logins").where("userId", "=", userId).execute();
      }),
    deleteLoginsBefore: (at) =>
      guard(async () => {
        await database.deleteFrom("logins").where("expiresAt", "<", at).execute();
      }),
  };
}

function emailKey(email: string): string {
  return email.trim().toLowerCase();
}

function userFromRow(row: Selectable<SettingsTables["users"]>, roles: User["roles"]): User {
  const { userId, email, name, passwordHash, isServerAdmin, createdAt, disabledAt } = row;
  return {
    userId,
    email,
    name,
    passwordHash,
    isServerAdmin: isServerAdmin !== 0,
    roles,
    createdAt,
    disabledAt,
  };
}

function tokenFromRow(
  { isServerAdmin, ...row }: Selectable<SettingsTables["apiTokens"]>,
  roles: ApiToken["roles"],
): ApiToken {
  return { ...row, isServerAdmin: isServerAdmin !== 0, roles };
}

function rolesOf(rows: readonly { projectId: string; role: Role }[]): Record<string, Role> {
  return Object.fromEntries(rows.map(({ projectId, role }) => [projectId, role]));
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
