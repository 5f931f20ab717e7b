import type { Me } from "@peerscope/schema/api";
import { includesRole, type CurrentProject, type Role } from "../access/me.ts";

/** Pages of the settings. */
export const sectionIds = [
  "keys",
  "thresholds",
  "retention",
  "people",
  "members",
  "audit",
  "projects",
  "users",
  "account",
  "health",
] as const;
export type SectionId = (typeof sectionIds)[number];

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly group: "This project" | "This server";
  /** Who may use it: a role in the project, somebody who administers the server, or anybody. */
  readonly needs: Role | "server-admin" | "anybody";
}

export const sections: readonly Section[] = [
  { id: "keys", title: "Keys and snippets", group: "This project", needs: "admin" },
  { id: "thresholds", title: "Thresholds", group: "This project", needs: "viewer" },
  { id: "retention", title: "Retention and privacy", group: "This project", needs: "admin" },
  { id: "people", title: "A person's data", group: "This project", needs: "admin" },
  { id: "members", title: "Members", group: "This project", needs: "admin" },
  { id: "audit", title: "Audit log", group: "This project", needs: "admin" },
  { id: "projects", title: "Projects", group: "This server", needs: "anybody" },
  { id: "users", title: "Users", group: "This server", needs: "server-admin" },
  { id: "account", title: "Account and API tokens", group: "This server", needs: "anybody" },
  { id: "health", title: "Health", group: "This server", needs: "viewer" },
];

/** Whether somebody may use a section. The server refuses anyway; this hides what would be refused. */
export function maySee(section: Section, me: Me, project: CurrentProject | null): boolean {
  if (me.principal === null) return false;
  if (section.needs === "anybody") return true;
  if (section.needs === "server-admin") return me.principal.isServerAdmin;
  return includesRole(project?.role, section.needs);
}
