import type { FirstSample, Health, Me, Project } from "@peerscope/schema/api";

/** The gallery's day: everything in it happened before noon UTC. */
export const noon: number = Date.UTC(2026, 9, 5, 12);
export const minuteMs = 60_000;

/** What people, and apps, may put where a name belongs. */
export const hostile = {
  markup: `<img src=x onerror="document.title='hit'"><b>bold</b>`,
  long: `${"Maximiliane-".repeat(24)}end`,
  directions: "\u202Etxt.exe\u202C \u2066left\u2069",
  quotes: `"';--\\ %s \${name} {{name}}`,
} as const;

export const admin: Me = {
  principal: { kind: "user", id: "u-1", name: "Ada Admin", isServerAdmin: true },
  projects: [
    { projectId: "default", name: "Talk", role: "admin" },
    { projectId: "clinic", name: "Clinic", role: "viewer" },
  ],
  login: { password: true, oidc: true },
};
export const viewer: Me = {
  principal: { kind: "user", id: "u-2", name: "Vera Viewer", isServerAdmin: false },
  projects: [{ projectId: "default", name: "Talk", role: "viewer" }],
  login: { password: true, oidc: false },
};
export const nobody: Me = { principal: null, projects: [], login: { password: true, oidc: false } };

export const project: Project = {
  projectId: "default",
  name: "Talk",
  ingestKey: "pk_gallery_4Zq7w1Xy9",
};

export const health: Health = {
  status: "ok",
  version: "1.2.3",
  store: "ok",
  liveSessions: 7,
  problems: [],
};

export const nothingYet: FirstSample = {
  hasOwn: false,
  newestAt: null,
  newestSessionId: null,
  openSessions: 0,
  openFrames: 0,
  now: noon,
  refusals: [],
};
export const refusals: FirstSample["refusals"] = [
  {
    code: "origin-not-allowed",
    message: "The key is not for pages of this origin",
    hint: "Add the origin to the key, in the settings of the project.",
    detail: "https://staging.example.org is not among the 2 origins of the key",
    count: 42,
    lastAt: noon - 4_000,
    ofProject: true,
  },
  {
    code: "ingest-key-unknown",
    message: "No project has this key",
    hint: null,
    detail: null,
    count: 3,
    lastAt: noon - 5 * minuteMs,
    ofProject: false,
  },
];
export const arrived: FirstSample = {
  ...nothingYet,
  hasOwn: true,
  newestAt: noon - 2_000,
  newestSessionId: "session-kim",
  openSessions: 2,
  openFrames: 318,
};
