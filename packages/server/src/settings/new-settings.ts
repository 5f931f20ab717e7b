import { randomBytes } from "node:crypto";
import type { IngestKey, ProjectSettings, Settings } from "./settings.ts";

/** A project as it begins: everything is kept, and what the SDK takes out in the page is taken out here too. */
export function newProject(projectId: string, name: string, createdAt: number): ProjectSettings {
  return {
    projectId,
    name,
    retention: { logDays: null, rowDays: null },
    privacy: { ipAddresses: "prefix", deviceLabels: "hash", userIds: "keep" },
    limits: { maxLiveSessions: null, maxBytesPerSecond: null, maxSessionHours: null },
    thresholds: {},
    salt: randomBytes(32).toString("base64url"),
    createdAt,
  };
}

export type PublicKey = Extract<IngestKey, { kind: "public" }>;

/** `keyId`: one that clients know already; otherwise a new one. */
export function newPublicKey(
  projectId: string,
  label: string,
  createdAt: number,
  keyId: string = `pk_${randomBytes(16).toString("hex")}`,
): PublicKey {
  return { kind: "public", keyId, projectId, label, allowedOrigins: [], createdAt, revokedAt: null };
}

/** The oldest good public key of a project: for snippets and the demo. Null: there is none. */
export function firstPublicKey(settings: Pick<Settings, "ingestKeysOf">, projectId: string): string | null {
  return settings.ingestKeysOf(projectId).find(({ kind }) => kind === "public")?.keyId ?? null;
}
