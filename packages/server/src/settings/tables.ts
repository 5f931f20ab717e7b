import type { Role } from "../access/principal.ts";

/*
 * Tables as rows come out of both databases. Times are Unix ms, booleans 0 or 1, members ending in `Json` hold JSON as
 * text. docs/reference/settings.md describes them for people.
 */

interface ProjectsTable {
  projectId: string;
  name: string;
  retentionJson: string;
  privacyJson: string;
  limitsJson: string;
  thresholdsJson: string;
  salt: string;
  createdAt: number;
}

interface IngestKeysTable {
  keyId: string;
  projectId: string;
  label: string;
  /** What only its kind has: `kind`, and origins or algorithm and key. */
  keyJson: string;
  createdAt: number;
  revokedAt: number | null;
}

interface UsersTable {
  userId: string;
  email: string;
  /** The address in lower case: nobody has two accounts for one mailbox. */
  emailKey: string;
  name: string;
  passwordHash: string | null;
  isServerAdmin: number;
  createdAt: number;
  disabledAt: number | null;
}

interface UserRolesTable {
  userId: string;
  projectId: string;
  role: Role;
}

interface ApiTokensTable {
  tokenId: string;
  label: string;
  tokenHash: string;
  createdBy: string;
  isServerAdmin: number;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

interface ApiTokenRolesTable {
  tokenId: string;
  projectId: string;
  role: Role;
}

interface LoginsTable {
  loginHash: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
}

interface SavedViewsTable {
  viewId: string;
  projectId: string;
  name: string;
  url: string;
  createdBy: string;
  shared: number;
  createdAt: number;
}

interface SessionNotesTable {
  noteId: string;
  projectId: string;
  sessionId: string;
  at: number;
  text: string;
  createdBy: string;
  createdByName: string;
  createdAt: number;
}

interface AuditEntriesTable {
  /** Sorts by time. */
  entryId: string;
  at: number;
  actor: string;
  actorName: string;
  action: string;
  projectId: string | null;
  subject: string;
  detailsJson: string;
}

/** One row: how often projects or keys were changed. Servers look at it instead of at everything. */
interface SettingsChangesTable {
  id: number;
  counter: number;
}

export interface SettingsTables {
  projects: ProjectsTable;
  ingestKeys: IngestKeysTable;
  users: UsersTable;
  userRoles: UserRolesTable;
  apiTokens: ApiTokensTable;
  apiTokenRoles: ApiTokenRolesTable;
  logins: LoginsTable;
  savedViews: SavedViewsTable;
  sessionNotes: SessionNotesTable;
  auditEntries: AuditEntriesTable;
  settingsChanges: SettingsChangesTable;
}
