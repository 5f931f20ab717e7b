import type { JsonObject } from "@peerscope/schema";
import type { Role } from "../access/principal.ts";

/** How long data of a project is kept, in days. Null: until somebody erases it. */
export interface Retention {
  readonly logDays: number | null;
  readonly rowDays: number | null;
}

/** What the server takes out of records of clients that did not (docs/reference/server.md). */
export interface PrivacyRules {
  /** `prefix`: IPv4 /24, IPv6 /48. `remove`: nothing of an address. `keep`: as the client sent it. */
  readonly ipAddresses: "prefix" | "remove" | "keep";
  /** `hash`: with the salt of the project. */
  readonly deviceLabels: "hash" | "remove" | "keep";
  /** `hash`: user ids become pseudonyms before anything is written. */
  readonly userIds: "keep" | "hash";
}

/** Limits of one project; null takes the default of the server. */
export interface ProjectLimits {
  readonly maxLiveSessions: number | null;
  readonly maxBytesPerSecond: number | null;
  readonly maxSessionHours: number | null;
}

/** A tenant: its keys, rules and data are nobody else's. */
export interface ProjectSettings {
  /** 1 to 40 characters out of a-z, 0-9 and -. */
  readonly projectId: string;
  readonly name: string;
  readonly retention: Retention;
  readonly privacy: PrivacyRules;
  readonly limits: ProjectLimits;
  /** Thresholds that differ from the catalogue's, as `parseThresholds` reads them. */
  readonly thresholds: JsonObject;
  /** Secret of pseudonyms (hashed labels and user ids): 32 bytes in base64url. Never leaves the server. */
  readonly salt: string;
  /** Unix ms. */
  readonly createdAt: number;
}

/** What a client shows to be let in. */
export type IngestKey = {
  readonly projectId: string;
  readonly label: string;
  readonly createdAt: number;
  /** From here on it lets nobody in; null while it is good. */
  readonly revokedAt: number | null;
} & (
  | {
      readonly kind: "public";
      /** The key itself, "pk_" and 32 hexadecimal digits: it stands in the page, so it is no secret. */
      readonly keyId: string;
      /** Origins that may use it (`https://app.example`, `https://*.example`); empty: any. */
      readonly allowedOrigins: readonly string[];
    }
  | {
      readonly kind: "jwt";
      /** `kid` in the header of the tokens. */
      readonly keyId: string;
      readonly algorithm: "HS256" | "ES256" | "EdDSA";
      /** HS256: the secret, base64url. Otherwise the public key as SPKI PEM. */
      readonly key: string;
      /** Has to be in `aud` of the tokens; null: they need none. */
      readonly audience: string | null;
    }
);

export interface User {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  /** Null: they log in through OIDC only. */
  readonly passwordHash: string | null;
  readonly isServerAdmin: boolean;
  readonly roles: Readonly<Record<string, Role>>;
  readonly createdAt: number;
  /** Set: they can do nothing any more. */
  readonly disabledAt: number | null;
}

/** A key for programs. Only a hash of it is kept. */
export interface ApiToken {
  readonly tokenId: string;
  readonly label: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  readonly createdBy: string;
  readonly isServerAdmin: boolean;
  readonly roles: Readonly<Record<string, Role>>;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A browser that is logged in. Only a hash of its cookie is kept. */
export interface Login {
  readonly loginHash: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** One thing that somebody changed or erased. Nothing ever removes one but its age. */
export interface AuditEntry {
  readonly at: number;
  /** Principal.kind and id: "user:u_…", "api-token:t_…", "local:local", "cli:". */
  readonly actor: string;
  readonly actorName: string;
  /** `thing-done`: "project-created", "key-revoked", "login-failed", "data-erased". */
  readonly action: string;
  readonly projectId: string | null;
  /** What it was done to. */
  readonly subject: string;
  /** Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** An entry as it was kept. */
export interface StoredAuditEntry extends AuditEntry {
  /** Sorts by time; two entries of one millisecond have different ones. */
  readonly entryId: string;
}

/** A filter with a name: nothing but a URL. */
export interface SavedView {
  readonly viewId: string;
  readonly projectId: string;
  readonly name: string;
  /** Path and query of the page. */
  readonly url: string;
  readonly createdBy: string;
  readonly shared: boolean;
  readonly createdAt: number;
}

/** What somebody wrote about a moment of a session. */
export interface SessionNote {
  readonly noteId: string;
  readonly projectId: string;
  readonly sessionId: string;
  /** Unix ms of the moment. */
  readonly at: number;
  readonly text: string;
  readonly createdBy: string;
  readonly createdByName: string;
  readonly createdAt: number;
}

/**
 * What people change while the server runs, in SQLite or PostgreSQL. Projects and ingest keys are also held in
 * memory, because every hello needs them at once; other servers' changes arrive within `refreshMs`.
 *
 * Everything that returns a promise rejects with a RequestError: `settings-unavailable` when the database does not
 * answer, `settings-conflict` when what is written contradicts what is there (an e-mail address of somebody else, a
 * role in a project that is gone), `settings-limit-reached` when there are as many as a server keeps.
 */
export interface Settings {
  /** From memory. */
  project(projectId: string): ProjectSettings | null;
  /** From memory, oldest first. */
  readonly projects: readonly ProjectSettings[];
  /** From memory; also a revoked one. */
  ingestKey(keyId: string): IngestKey | null;
  /** From memory, oldest first, without those revoked. */
  ingestKeysOf(projectId: string): readonly IngestKey[];
  /** Reads what other servers changed, now. */
  refresh(): Promise<void>;
  /** Called after projects or keys changed, here or elsewhere. */
  onChange(listener: () => void): void;

  /** With a first key, or without. Rejects with `settings-conflict` when there is a project or key with the id. */
  createProject(project: ProjectSettings, key: IngestKey | null): Promise<void>;
  /** Creates or replaces. */
  saveProject(project: ProjectSettings): Promise<void>;
  /**
   * Changes what is saved at that moment, whichever server changed it last; resolves with the result. Rejects with
   * `project-unknown`, and with what `change` throws: nothing is saved then.
   */
  changeProject(
    projectId: string,
    change: (project: ProjectSettings) => ProjectSettings,
  ): Promise<ProjectSettings>;
  /**
   * With its keys, views, notes and roles. Its data is somebody else's work. Rejects with `project-needed` for the
   * last one.
   */
  deleteProject(projectId: string): Promise<void>;
  /** Creates or replaces. */
  saveIngestKey(key: IngestKey): Promise<void>;
  /** As `changeProject`; rejects with `ingest-key-unknown` also for the key of another project. */
  changeIngestKey(
    projectId: string,
    keyId: string,
    change: (key: IngestKey) => IngestKey,
  ): Promise<IngestKey>;

  users(): Promise<readonly User[]>;
  userById(userId: string): Promise<User | null>;
  /** In whatever case it is written. */
  userByEmail(email: string): Promise<User | null>;
  /** With the roles as given. Whoever is disabled loses no login by it: see `deleteLoginsOf`. */
  saveUser(user: User): Promise<void>;
  /** With roles, logins and private views. Notes and shared views stay. */
  deleteUser(userId: string): Promise<void>;

  apiTokens(): Promise<readonly ApiToken[]>;
  apiTokenByHash(tokenHash: string): Promise<ApiToken | null>;
  saveApiToken(token: ApiToken): Promise<void>;
  /** Changes nothing but `lastUsedAt`, so that a use cannot undo a revocation. */
  touchApiToken(tokenId: string, lastUsedAt: number): Promise<void>;

  loginByHash(loginHash: string): Promise<Login | null>;
  saveLogin(login: Login): Promise<void>;
  /** Moves the end of one that is there: a use cannot bring a deleted one back. */
  touchLogin(loginHash: string, expiresAt: number): Promise<void>;
  deleteLogin(loginHash: string): Promise<void>;
  deleteLoginsOf(userId: string): Promise<void>;
  deleteLoginsBefore(at: number): Promise<void>;

  savedViews(projectId: string): Promise<readonly SavedView[]>;
  saveView(view: SavedView): Promise<void>;
  deleteView(viewId: string): Promise<void>;

  notes(sessionId: string): Promise<readonly SessionNote[]>;
  saveNote(note: SessionNote): Promise<void>;
  deleteNote(noteId: string): Promise<void>;
  /** Notes of erased sessions go with them. */
  deleteNotesOf(sessionIds: readonly string[]): Promise<void>;

  audit(entry: AuditEntry): Promise<void>;
  /** Newest first. `projectId` null: of all. `before`: the entryId of the last one seen. */
  auditEntries(query: {
    readonly projectId: string | null;
    readonly before: string | null;
    readonly limit: number;
  }): Promise<readonly StoredAuditEntry[]>;

  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
