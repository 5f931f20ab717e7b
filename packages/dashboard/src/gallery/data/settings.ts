import type {
  ApiTokenList,
  AuditPage,
  IngestKeyList,
  MemberList,
  ProjectList,
  ProjectView,
  Readiness,
  UserList,
} from "@peerscope/schema/api";
import { hostile, minuteMs, noon } from "./people.ts";

const dayMs = 24 * 60 * minuteMs;
const lastMonth = noon - 30 * dayMs;

export const ownProject: ProjectView = {
  projectId: "default",
  name: "Talk",
  retention: { logDays: 30, rowDays: 400 },
  privacy: { ipAddresses: "prefix", deviceLabels: "hash", userIds: "keep" },
  limits: { maxLiveSessions: 5_000, maxBytesPerSecond: null, maxSessionHours: 24 },
  thresholds: { "uplink-loss": { off: true } },
  createdAt: lastMonth,
  role: "admin",
};

export const projects: ProjectList = {
  projects: [
    ownProject,
    { ...ownProject, projectId: "clinic", name: "Clinic", role: "viewer", createdAt: noon - 3 * dayMs },
  ],
};
export const hostileProjects: ProjectList = {
  projects: [
    { ...ownProject, name: hostile.markup },
    { ...ownProject, projectId: "long", name: hostile.long },
    { ...ownProject, projectId: "directions", name: hostile.directions },
  ],
};

export const keys: IngestKeyList = {
  keys: [
    {
      kind: "public",
      keyId: "pk_gallery_4Zq7w1Xy9",
      projectId: "default",
      label: "Web app",
      allowedOrigins: ["https://talk.example.org", "https://*.example.org"],
      createdAt: lastMonth,
      revokedAt: null,
    },
    {
      kind: "jwt",
      keyId: "backend-2026",
      projectId: "default",
      label: "Tokens of the backend",
      algorithm: "ES256",
      publicKey: "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
      audience: "peerscope",
      createdAt: noon - dayMs,
      revokedAt: null,
    },
  ],
};
export const hostileKeys: IngestKeyList = {
  keys: keys.keys.map((key, place) => ({ ...key, label: place === 0 ? hostile.long : hostile.markup })),
};

export const members: MemberList = {
  members: [
    { userId: "u-1", email: "ada@example.org", name: "Ada Admin", role: "admin", disabled: false },
    { userId: "u-2", email: "vera@example.org", name: "Vera Viewer", role: "viewer", disabled: false },
    { userId: "u-3", email: "olaf@example.org", name: "Olaf Out", role: "analyst", disabled: true },
  ],
};
export const hostileMembers: MemberList = {
  members: members.members.map((one, place) => ({
    ...one,
    name: [hostile.markup, hostile.long, hostile.directions][place] ?? one.name,
  })),
};

export const users: UserList = {
  users: [
    {
      userId: "u-1",
      email: "ada@example.org",
      name: "Ada Admin",
      hasPassword: true,
      isServerAdmin: true,
      roles: {},
      createdAt: lastMonth,
      disabledAt: null,
    },
    {
      userId: "u-2",
      email: "vera@example.org",
      name: "Vera Viewer",
      hasPassword: false,
      isServerAdmin: false,
      roles: { default: "viewer", clinic: "analyst" },
      createdAt: noon - 8 * dayMs,
      disabledAt: null,
    },
    {
      userId: "u-3",
      email: "olaf@example.org",
      name: "Olaf Out",
      hasPassword: true,
      isServerAdmin: false,
      roles: {},
      createdAt: noon - 9 * dayMs,
      disabledAt: noon - 2 * dayMs,
    },
  ],
};
export const hostileUsers: UserList = {
  users: users.users.map((one, place) => ({
    ...one,
    name: [hostile.markup, hostile.long, hostile.directions][place] ?? one.name,
  })),
};

export const tokens: ApiTokenList = {
  tokens: [
    {
      tokenId: "t-1",
      label: "Nightly export",
      createdBy: "user:u-1",
      isServerAdmin: false,
      roles: { default: "viewer" },
      createdAt: lastMonth,
      expiresAt: noon + 60 * dayMs,
      revokedAt: null,
      lastUsedAt: noon - 7 * minuteMs,
    },
    {
      tokenId: "t-2",
      label: hostile.markup,
      createdBy: "cli:",
      isServerAdmin: true,
      roles: {},
      createdAt: noon - 3 * dayMs,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    },
  ],
};

export const audit: AuditPage = {
  entries: [
    {
      entryId: "3",
      at: noon - 5 * minuteMs,
      actor: "user:u-1",
      actorName: "Ada Admin",
      action: "ingest-key-created",
      projectId: "default",
      subject: "backend-2026",
      details: { kind: "jwt", label: "Tokens of the backend" },
    },
    {
      entryId: "2",
      at: noon - dayMs,
      actor: "local:local",
      actorName: hostile.markup,
      action: "project-changed",
      projectId: "default",
      subject: "default",
      details: { logDays: 30, before: null, name: hostile.long },
    },
  ],
  nextCursor: null,
};

const gigabyte = 1_000_000_000;
export const ready: Readiness = {
  ready: true,
  problems: [],
  disk: { freeBytes: 212 * gigabyte, totalBytes: 500 * gigabyte, reserveBytes: gigabyte },
  settings: { state: "ok" },
  store: { state: "ok", problem: null, sessionsWaiting: 0 },
  analysis: { lagBytes: 0, lagMs: 0 },
  archive: { state: "ok", logsWaiting: 0, downSince: null },
};
export const unwell: Readiness = {
  ready: false,
  problems: ["disk-full", "store-down", "analysis-behind", "archive-down"],
  disk: { freeBytes: 0.4 * gigabyte, totalBytes: 500 * gigabyte, reserveBytes: gigabyte },
  settings: { state: "ok" },
  store: { state: "down", problem: "store-unreachable", sessionsWaiting: 1_204 },
  analysis: { lagBytes: 81_000_000, lagMs: 190_000 },
  archive: { state: "down", logsWaiting: 312, downSince: noon - 4 * minuteMs },
};
