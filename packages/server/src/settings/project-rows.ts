import type { Selectable } from "kysely";
import { z } from "zod";
import { privacySchema, projectLimitsSchema, retentionSchema } from "@peerscope/schema/api";
import type { IngestKey, ProjectSettings } from "./settings.ts";
import type { SettingsTables } from "./tables.ts";

type ProjectRow = Selectable<SettingsTables["projects"]>;
type KeyRow = Selectable<SettingsTables["ingestKeys"]>;

const thresholds = z.record(z.string(), z.json());
const keyKind = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("public"), allowedOrigins: z.array(z.string()) }),
  z.object({
    kind: z.literal("jwt"),
    algorithm: z.enum(["HS256", "ES256", "EdDSA"]),
    key: z.string(),
    audience: z.string().nullable(),
  }),
]);

export function projectToRow(project: ProjectSettings): ProjectRow {
  const { projectId, name, salt, createdAt } = project;
  return {
    projectId,
    name,
    retentionJson: JSON.stringify(project.retention),
    privacyJson: JSON.stringify(project.privacy),
    limitsJson: JSON.stringify(project.limits),
    thresholdsJson: JSON.stringify(project.thresholds),
    salt,
    createdAt,
  };
}

/** @throws ZodError or SyntaxError for a row that was changed by hand. */
export function projectFromRow(row: ProjectRow): ProjectSettings {
  const { projectId, name, salt, createdAt } = row;
  return {
    projectId,
    name,
    retention: retentionSchema.parse(JSON.parse(row.retentionJson)),
    privacy: privacySchema.parse(JSON.parse(row.privacyJson)),
    limits: projectLimitsSchema.parse(JSON.parse(row.limitsJson)),
    thresholds: thresholds.parse(JSON.parse(row.thresholdsJson)),
    salt,
    createdAt,
  };
}

export function keyToRow({ keyId, projectId, label, createdAt, revokedAt, ...kind }: IngestKey): KeyRow {
  return { keyId, projectId, label, keyJson: JSON.stringify(kind), createdAt, revokedAt };
}

/** @throws ZodError or SyntaxError for a row that was changed by hand. */
export function keyFromRow({ keyJson, ...row }: KeyRow): IngestKey {
  return { ...row, ...keyKind.parse(JSON.parse(keyJson)) };
}
