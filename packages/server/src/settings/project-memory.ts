import type { Transaction } from "kysely";
import { settingsLimits } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { SettingsDatabase } from "./database.ts";
import type { Guard } from "./guard.ts";
import { keyFromRow, keyToRow, projectFromRow, projectToRow } from "./project-rows.ts";
import type { IngestKey, ProjectSettings, Settings } from "./settings.ts";
import type { SettingsTables } from "./tables.ts";

/** The part of `Settings` that is also in memory. */
export type ProjectMemory = Pick<
  Settings,
  | "project"
  | "projects"
  | "ingestKey"
  | "ingestKeysOf"
  | "refresh"
  | "onChange"
  | "createProject"
  | "saveProject"
  | "changeProject"
  | "deleteProject"
  | "saveIngestKey"
  | "changeIngestKey"
>;

interface Content {
  /** `settingsChanges.counter` that goes with it. */
  readonly counter: number;
  readonly projects: ReadonlyMap<string, ProjectSettings>;
  readonly keys: ReadonlyMap<string, IngestKey>;
}

/** Holds projects and keys, and writes them. Resolves when they are read for the first time. */
export async function createProjectMemory(database: SettingsDatabase, guard: Guard): Promise<ProjectMemory> {
  const listeners: (() => void)[] = [];
  let content = await guard(() => read(database));
  let list: readonly ProjectSettings[] = [...content.projects.values()];
  let turn: Promise<unknown> = Promise.resolve();

  function take(fresh: Content): void {
    content = fresh;
    list = [...fresh.projects.values()];
    for (const listener of listeners) listener();
  }

  /** One after the other: a slow reading never puts back what a later change replaced. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(() => guard(work));
    turn = result.catch(() => {});
    return result;
  }

  /**
   * Writes, and reads what is there then, in one transaction. The counter is written first: it takes the lock of
   * SQLite, and in PostgreSQL it lets two servers change settings one after the other.
   */
  function change<Result>(
    write: (transaction: Transaction<SettingsTables>) => Promise<Result>,
  ): Promise<Result> {
    return inTurn(async () => {
      const { result, fresh } = await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("settingsChanges")
          .set(({ eb }) => ({ counter: eb("counter", "+", 1) }))
          .execute();
        return { result: await write(transaction), fresh: await read(transaction) };
      });
      take(fresh);
      return result;
    });
  }

  return {
    project: (projectId) => content.projects.get(projectId) ?? null,
    get projects() {
      return list;
    },
    ingestKey: (keyId) => content.keys.get(keyId) ?? null,
    ingestKeysOf: (projectId) =>
      [...content.keys.values()].filter((key) => key.projectId === projectId && key.revokedAt === null),
    onChange(listener) {
      listeners.push(listener);
    },
    refresh: () =>
      inTurn(async () => {
        if ((await readCounter(database)) !== content.counter) take(await read(database));
      }),
    createProject: (project, key) =>
      change(async (transaction) => {
        await transaction.insertInto("projects").values(projectToRow(project)).execute();
        if (key !== null) await transaction.insertInto("ingestKeys").values(keyToRow(key)).execute();
        await boundProjects(transaction);
      }),
    saveProject: (project) => change((transaction) => saveProject(transaction, project)),
    changeProject: (projectId, changed) =>
      change(async (transaction) => {
        const row = await transaction
          .selectFrom("projects")
          .selectAll()
          .where("projectId", "=", projectId)
          .executeTakeFirst();
        if (row === undefined) throw new RequestError("project-unknown");
        const project = changed(projectFromRow(row));
        await saveProject(transaction, project);
        return project;
      }),
    deleteProject: (projectId) =>
      change(async (transaction) => {
        await transaction.deleteFrom("projects").where("projectId", "=", projectId).execute();
        const left = await transaction.selectFrom("projects").select("projectId").limit(1).execute();
        if (left.length === 0) throw new RequestError("project-needed");
      }),
    saveIngestKey: (key) => change((transaction) => saveKey(transaction, key)),
    changeIngestKey: (projectId, keyId, changed) =>
      change(async (transaction) => {
        const row = await transaction
          .selectFrom("ingestKeys")
          .selectAll()
          .where("keyId", "=", keyId)
          .where("projectId", "=", projectId)
          .executeTakeFirst();
        if (row === undefined) throw new RequestError("ingest-key-unknown");
        const key = changed(keyFromRow(row));
        await saveKey(transaction, key);
        return key;
      }),
  };
}

async function saveProject(
  transaction: Transaction<SettingsTables>,
  project: ProjectSettings,
): Promise<void> {
  const { projectId, ...changed } = projectToRow(project);
  await transaction
    .insertInto("projects")
    .values({ projectId, ...changed })
    .onConflict((conflict) => conflict.column("projectId").doUpdateSet(changed))
    .execute();
  await boundProjects(transaction);
}

async function saveKey(transaction: Transaction<SettingsTables>, key: IngestKey): Promise<void> {
  const { keyId, projectId, ...changed } = keyToRow(key);
  const saved = await transaction
    .insertInto("ingestKeys")
    .values({ keyId, projectId, ...changed })
    .onConflict((conflict) =>
      conflict.column("keyId").doUpdateSet(changed).where("ingestKeys.projectId", "=", projectId),
    )
    .returning("keyId")
    .executeTakeFirst();
  // The key of another project: nothing was written.
  if (saved === undefined) throw new RequestError("settings-conflict");
  await boundKeys(transaction, projectId);
}

async function boundProjects(transaction: Transaction<SettingsTables>): Promise<void> {
  const projects = await transaction.selectFrom("projects").select("projectId").execute();
  if (projects.length > settingsLimits.projects) {
    throw new RequestError("settings-limit-reached", `There are ${settingsLimits.projects} projects.`);
  }
}

/** Refuses too many good keys, and forgets revoked ones that are too many. */
async function boundKeys(transaction: Transaction<SettingsTables>, projectId: string): Promise<void> {
  const most = settingsLimits.keysPerProject;
  const keys = await transaction
    .selectFrom("ingestKeys")
    .select(["keyId", "revokedAt"])
    .where("projectId", "=", projectId)
    .orderBy("revokedAt", "desc")
    .execute();
  const revoked = keys.filter(({ revokedAt }) => revokedAt !== null);
  if (keys.length - revoked.length > most) {
    throw new RequestError("settings-limit-reached", `The project has ${most} keys. Revoke one.`);
  }
  const forgotten = revoked.slice(most).map(({ keyId }) => keyId);
  if (forgotten.length > 0)
    await transaction.deleteFrom("ingestKeys").where("keyId", "in", forgotten).execute();
}

async function readCounter(database: SettingsDatabase): Promise<number> {
  const row = await database.selectFrom("settingsChanges").select("counter").executeTakeFirstOrThrow();
  return row.counter;
}

/** The counter first: what changes in between is read again at the next look. */
async function read(database: SettingsDatabase): Promise<Content> {
  const counter = await readCounter(database);
  const projects = await database
    .selectFrom("projects")
    .selectAll()
    .orderBy("createdAt")
    .orderBy("projectId")
    .execute();
  const keys = await database
    .selectFrom("ingestKeys")
    .selectAll()
    .orderBy("createdAt")
    .orderBy("keyId")
    .execute();
  return {
    counter,
    projects: new Map(projects.map((row) => [row.projectId, projectFromRow(row)])),
    keys: new Map(keys.map((row) => [row.keyId, keyFromRow(row)])),
  };
}
