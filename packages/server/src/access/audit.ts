import type { AuditEntry, Settings } from "../settings/settings.ts";
import type { Principal } from "./principal.ts";

/** Who did it: the kind and id of a principal, or one that is none: "cli:", "nobody:". */
export interface Actor {
  readonly kind: Principal["kind"] | "cli" | "nobody";
  readonly id: string;
  readonly name: string;
}

export function actorOf({ kind, id }: Actor): string {
  return `${kind}:${id}`;
}

/** Writes down what somebody did to users, roles, tokens or logins. */
export type AuditWriter = (
  by: Actor,
  entry: Pick<AuditEntry, "action" | "subject"> & Partial<Pick<AuditEntry, "projectId" | "details">>,
) => Promise<void>;

export function createAuditWriter(settings: Pick<Settings, "audit">, now: () => number): AuditWriter {
  return (by, { action, subject, projectId = null, details = {} }) =>
    settings.audit({
      at: now(),
      actor: actorOf(by),
      actorName: by.name,
      action,
      projectId,
      subject,
      details,
    });
}
