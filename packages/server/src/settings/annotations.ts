import { settingsLimits } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { SettingsDatabase } from "./database.ts";
import type { Guard } from "./guard.ts";
import type { Settings } from "./settings.ts";

/** Saved views and notes: the part of `Settings` that people write while they look at sessions. */
export type Annotations = Pick<
  Settings,
  "savedViews" | "saveView" | "deleteView" | "notes" | "saveNote" | "deleteNote" | "deleteNotesOf"
>;

/** Ids in one statement; both databases have an upper limit of parameters. */
const idsPerStatement = 500;

/** `purge`: see `OpenedDatabase`. */
export function createAnnotations(database: SettingsDatabase, guard: Guard, purge: () => void): Annotations {
  return {
    savedViews: (projectId) =>
      guard(async () => {
        const rows = await database
          .selectFrom("savedViews")
          .selectAll()
          .where("projectId", "=", projectId)
          .orderBy("createdAt")
          .orderBy("viewId")
          .execute();
        return rows.map((row) => ({ ...row, shared: row.shared !== 0 }));
      }),
    saveView: ({ viewId, projectId, name, url, createdBy, shared, createdAt }) =>
      guard(() =>
        database.transaction().execute(async (transaction) => {
          const changed = { name, url, shared: Number(shared) };
          await transaction
            .insertInto("savedViews")
            .values({ viewId, projectId, createdBy, createdAt, ...changed })
            .onConflict((conflict) => conflict.column("viewId").doUpdateSet(changed))
            .execute();
          const { count } = await transaction
            .selectFrom("savedViews")
            .select(({ fn }) => fn.countAll<number>().as("count"))
            .where("projectId", "=", projectId)
            .executeTakeFirstOrThrow();
          if (count > settingsLimits.viewsPerProject) {
            const detail = `The project has ${settingsLimits.viewsPerProject} saved views.`;
            throw new RequestError("settings-limit-reached", detail);
          }
        }),
      ),
    deleteView: (viewId) =>
      guard(async () => {
        await database.deleteFrom("savedViews").where("viewId", "=", viewId).execute();
      }),

    notes: (sessionId) =>
      guard(() =>
        database
          .selectFrom("sessionNotes")
          .selectAll()
          .where("sessionId", "=", sessionId)
          .orderBy("at")
          .orderBy("createdAt")
          .orderBy("noteId")
          .execute(),
      ),
    saveNote: ({ noteId, text, ...rest }) =>
      guard(() =>
        database.transaction().execute(async (transaction) => {
          await transaction
            .insertInto("sessionNotes")
            .values({ noteId, text, ...rest })
            .onConflict((conflict) => conflict.column("noteId").doUpdateSet({ text }))
            .execute();
          const { count } = await transaction
            .selectFrom("sessionNotes")
            .select(({ fn }) => fn.countAll<number>().as("count"))
            .where("sessionId", "=", rest.sessionId)
            .executeTakeFirstOrThrow();
          if (count > settingsLimits.notesPerSession) {
            const detail = `The session has ${settingsLimits.notesPerSession} notes.`;
            throw new RequestError("settings-limit-reached", detail);
          }
        }),
      ),
    deleteNote: (noteId) =>
      guard(async () => {
        await database.deleteFrom("sessionNotes").where("noteId", "=", noteId).execute();
      }),
    deleteNotesOf: (sessionIds) =>
      guard(async () => {
        for (let from = 0; from < sessionIds.length; from += idsPerStatement) {
          const ids = sessionIds.slice(from, from + idsPerStatement);
          await database.deleteFrom("sessionNotes").where("sessionId", "in", ids).execute();
        }
        if (sessionIds.length > 0) purge();
      }),
  };
}
