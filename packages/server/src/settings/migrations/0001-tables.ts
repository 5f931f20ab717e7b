import { sql, type CreateTableBuilder, type Kysely, type Migration } from "kysely";

const foreign = (table: string, column: string): readonly [string, string] => [table, column];

/** The tables of the first version with settings that people change. */
export const tables: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    const project = foreign("projects", "projectId");
    const user = foreign("users", "userId");

    await schema
      .createTable("projects")
      .addColumn("projectId", "text", (column) => column.primaryKey())
      .$call(texts("name", "retentionJson", "privacyJson", "limitsJson", "thresholdsJson", "salt"))
      .$call(times("createdAt"))
      .execute();
    await schema
      .createTable("ingestKeys")
      .addColumn("keyId", "text", (column) => column.primaryKey())
      .$call(owned("projectId", project))
      .$call(texts("label", "keyJson"))
      .$call(times("createdAt"))
      .$call(optionalTimes("revokedAt"))
      .execute();
    await schema
      .createTable("users")
      .addColumn("userId", "text", (column) => column.primaryKey())
      .addColumn("emailKey", "text", (column) => column.notNull().unique())
      .$call(texts("email", "name"))
      .addColumn("passwordHash", "text")
      .$call(flags("isServerAdmin"))
      .$call(times("createdAt"))
      .$call(optionalTimes("disabledAt"))
      .execute();
    await schema
      .createTable("userRoles")
      .$call(owned("userId", user))
      .$call(owned("projectId", project))
      .$call(texts("role"))
      .addPrimaryKeyConstraint("userRolesKey", ["userId", "projectId"])
      .execute();
    await schema
      .createTable("apiTokens")
      .addColumn("tokenId", "text", (column) => column.primaryKey())
      .addColumn("tokenHash", "text", (column) => column.notNull().unique())
      .$call(texts("label", "createdBy"))
      .$call(flags("isServerAdmin"))
      .$call(times("createdAt"))
      .$call(optionalTimes("expiresAt", "revokedAt", "lastUsedAt"))
      .execute();
    await schema
      .createTable("apiTokenRoles")
      .$call(owned("tokenId", foreign("apiTokens", "tokenId")))
      .$call(owned("projectId", project))
      .$call(texts("role"))
      .addPrimaryKeyConstraint("apiTokenRolesKey", ["tokenId", "projectId"])
      .execute();
    await schema
      .createTable("logins")
      .addColumn("loginHash", "text", (column) => column.primaryKey())
      .$call(owned("userId", user))
      .$call(times("createdAt", "expiresAt"))
      .execute();
    await schema
      .createTable("savedViews")
      .addColumn("viewId", "text", (column) => column.primaryKey())
      .$call(owned("projectId", project))
      .$call(texts("name", "url", "createdBy"))
      .$call(flags("shared"))
      .$call(times("createdAt"))
      .execute();
    await schema
      .createTable("sessionNotes")
      .addColumn("noteId", "text", (column) => column.primaryKey())
      .$call(owned("projectId", project))
      .$call(texts("sessionId", "text", "createdBy", "createdByName"))
      .$call(times("at", "createdAt"))
      .execute();
    await schema
      .createTable("auditEntries")
      .addColumn("entryId", "text", (column) => column.primaryKey())
      .$call(times("at"))
      .$call(texts("actor", "actorName", "action", "subject", "detailsJson"))
      .addColumn("projectId", "text")
      .execute();
    await schema
      .createTable("settingsChanges")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .$call(times("counter"))
      .execute();
    await sql`INSERT INTO "settingsChanges" ("id", "counter") VALUES (1, 0)`.execute(database);

    for (const [table, column] of [
      ["ingestKeys", "projectId"],
      ["userRoles", "projectId"],
      ["apiTokenRoles", "projectId"],
      ["logins", "userId"],
      ["logins", "expiresAt"],
      ["savedViews", "projectId"],
      ["sessionNotes", "sessionId"],
      ["sessionNotes", "projectId"],
    ] as const) {
      await schema.createIndex(`${table}By_${column}`).on(table).column(column).execute();
    }
    await schema
      .createIndex("auditEntriesByProject")
      .on("auditEntries")
      .columns(["projectId", "entryId"])
      .execute();
  },
};

type Table = CreateTableBuilder<string, string>;

function texts(...names: string[]): (table: Table) => Table {
  return (table) =>
    names.reduce((built, name) => built.addColumn(name, "text", (column) => column.notNull()), table);
}
function times(...names: string[]): (table: Table) => Table {
  return (table) =>
    names.reduce((built, name) => built.addColumn(name, "bigint", (column) => column.notNull()), table);
}
function optionalTimes(...names: string[]): (table: Table) => Table {
  return (table) => names.reduce((built, name) => built.addColumn(name, "bigint"), table);
}
function flags(...names: string[]): (table: Table) => Table {
  return (table) =>
    names.reduce((built, name) => built.addColumn(name, "integer", (column) => column.notNull()), table);
}
/** A column whose row goes when the other one goes. */
function owned(name: string, [table, column]: readonly [string, string]): (table: Table) => Table {
  return (built) =>
    built.addColumn(name, "text", (definition) =>
      definition.notNull().references(`${table}.${column}`).onDelete("cascade"),
    );
}
