import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { SettingsDatabase } from "./database.ts";
import type { Guard } from "./guard.ts";
import type { Settings } from "./settings.ts";

export type AuditLog = Pick<Settings, "audit" | "auditEntries"> & {
  /** Removes entries whose age is over. */
  prune(now: number): Promise<void>;
};

/** Age at which entries go, in days. Ours: a year, and a month to look at it. */
export const auditDays = 400;
const dayMs = 86_400_000;
/** A text that somebody sent, such as the name of a failed login, must not fill the table. */
const textLength = 300;

const detailsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export function createAuditLog(database: SettingsDatabase, guard: Guard): AuditLog {
  let entries = 0;

  /** Same length and order as the times: 12 digits of the time, 4 that count within it, 8 against other servers. */
  function entryIdOf(at: number): string {
    entries = (entries + 1) % 0x1_0000;
    const counter = entries.toString(16).padStart(4, "0");
    return `${timeDigits(at)}${counter}${randomBytes(4).toString("hex")}`;
  }

  return {
    audit: ({ at, actor, actorName, action, projectId, subject, details }) =>
      guard(async () => {
        await database
          .insertInto("auditEntries")
          .values({
            entryId: entryIdOf(at),
            at,
            actor: cut(actor),
            actorName: cut(actorName),
            action: cut(action),
            projectId: projectId === null ? null : cut(projectId),
            subject: cut(subject),
            detailsJson: JSON.stringify(details, (_key, value: unknown) =>
              typeof value === "string" ? cut(value) : value,
            ),
          })
          .execute();
      }),
    auditEntries: ({ projectId, before, limit }) =>
      guard(async () => {
        let query = database.selectFrom("auditEntries").selectAll().orderBy("entryId", "desc").limit(limit);
        if (projectId !== null) query = query.where("projectId", "=", projectId);
        if (before !== null) query = query.where("entryId", "<", before);
        const rows = await query.execute();
        return rows.map(({ detailsJson, ...row }) => ({
          ...row,
          details: detailsSchema.parse(JSON.parse(detailsJson)),
        }));
      }),
    prune: (now) =>
      guard(async () => {
        const oldest = timeDigits(Math.max(0, now - auditDays * dayMs));
        await database.deleteFrom("auditEntries").where("entryId", "<", oldest).execute();
      }),
  };
}

function timeDigits(at: number): string {
  return Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
}

function cut(text: string): string {
  return text.length > textLength ? `${text.slice(0, textLength)}…` : text;
}
