/** What somebody may do in a project; each may do what the one before may. */
export const roles = ["viewer", "analyst", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who asks. */
export interface Principal {
  /** `local`: nobody has to log in on loopback while there is no user. */
  readonly kind: "local" | "user" | "api-token";
  /** User id, token id, or "local". Goes into the audit log. */
  readonly id: string;
  /** For people: an e-mail address or a label. */
  readonly name: string;
  /** May change users, projects and what belongs to the whole server. */
  readonly isServerAdmin: boolean;
  /** Null when the project is none of their business: then it does not exist for them. */
  roleIn(projectId: string): Role | null;
}

/** True when `role` includes what `needed` may do. */
export function includesRole(role: Role | null, needed: Role): boolean {
  return role !== null && roles.indexOf(role) >= roles.indexOf(needed);
}

/** The principal of a server on loopback without users: whoever sits at the machine owns it. */
export const localPrincipal: Principal = {
  kind: "local",
  id: "local",
  name: "this machine",
  isServerAdmin: true,
  roleIn: () => "admin",
};
