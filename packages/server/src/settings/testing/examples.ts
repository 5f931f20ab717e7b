import type { ApiToken, IngestKey, ProjectSettings, SavedView, SessionNote, User } from "../settings.ts";

/* Settings to test with: whole ones, of which a test names what it is about. */

type PublicKey = Extract<IngestKey, { kind: "public" }>;
type JwtKey = Extract<IngestKey, { kind: "jwt" }>;

export function project(about: Partial<ProjectSettings>): ProjectSettings {
  return {
    projectId: "default",
    name: "Default project",
    retention: { logDays: null, rowDays: null },
    privacy: { ipAddresses: "prefix", deviceLabels: "hash", userIds: "keep" },
    limits: { maxLiveSessions: null, maxBytesPerSecond: null, maxSessionHours: null },
    thresholds: {},
    salt: "c2FsdA",
    createdAt: 1_000,
    ...about,
  };
}

export function publicKey(about: Partial<PublicKey>): PublicKey {
  return {
    kind: "public",
    keyId: "pk_00000000000000000000000000000000",
    projectId: "default",
    label: "page",
    allowedOrigins: [],
    createdAt: 1_000,
    revokedAt: null,
    ...about,
  };
}

export function jwtKey(about: Partial<JwtKey>): JwtKey {
  return {
    kind: "jwt",
    keyId: "jwt_1",
    projectId: "default",
    label: "backend",
    algorithm: "HS256",
    key: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
    audience: null,
    createdAt: 1_000,
    revokedAt: null,
    ...about,
  };
}

export function user(about: Partial<User>): User {
  return {
    userId: "u_1",
    email: "somebody@example.org",
    name: "Somebody",
    passwordHash: "scrypt$…",
    isServerAdmin: false,
    roles: {},
    createdAt: 1_000,
    disabledAt: null,
    ...about,
  };
}

export function apiToken(about: Partial<ApiToken>): ApiToken {
  return {
    tokenId: "t_1",
    label: "nightly",
    tokenHash: "00",
    createdBy: "u_1",
    isServerAdmin: false,
    roles: {},
    createdAt: 1_000,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...about,
  };
}

export function view(about: Partial<SavedView>): SavedView {
  return {
    viewId: "v_1",
    projectId: "default",
    name: "Poor calls",
    url: "/sessions?scoreClass=poor",
    createdBy: "u_1",
    shared: false,
    createdAt: 1_000,
    ...about,
  };
}

export function note(about: Partial<SessionNote>): SessionNote {
  return {
    noteId: "n_1",
    projectId: "default",
    sessionId: "session-1",
    at: 5_000,
    text: "They said that it froze here.",
    createdBy: "u_1",
    createdByName: "somebody@example.org",
    createdAt: 6_000,
    ...about,
  };
}
