/**
 * Who may use each route of the server: `public` anybody, `signed-in` anybody known, a role in the project of the request, or
 * `server-admin`. A test compares it with what the server has registered and asks every route as everybody, so a new
 * route needs a line here; docs/reference/access.md shows it.
 */
export const routeTable: Readonly<Record<string, Needed>> = {
  "GET /healthz": "public",
  "GET /readyz": "public",
  "GET /metrics": "server-admin",

  "GET /api/me": "public",
  "POST /api/login": "public",
  "POST /api/logout": "public",
  "GET /api/login/oidc": "public",
  "GET /api/login/oidc/callback": "public",
  "POST /api/me/password": "signed-in",

  "GET /api/tokens": "signed-in",
  "POST /api/tokens": "signed-in",
  "DELETE /api/tokens/:tokenId": "signed-in",

  "GET /api/users": "server-admin",
  "POST /api/users": "server-admin",
  "PATCH /api/users/:userId": "server-admin",
  "DELETE /api/users/:userId": "server-admin",
  "GET /api/audit": "server-admin",

  "GET /api/projects": "signed-in",
  "POST /api/projects": "server-admin",
  "GET /api/projects/:projectId": "viewer",
  "PATCH /api/projects/:projectId": "admin",
  "DELETE /api/projects/:projectId": "server-admin",
  "GET /api/projects/:projectId/members": "admin",
  "PUT /api/projects/:projectId/members": "admin",
  "GET /api/projects/:projectId/keys": "admin",
  "POST /api/projects/:projectId/keys": "admin",
  "PATCH /api/projects/:projectId/keys/:keyId": "admin",
  "DELETE /api/projects/:projectId/keys/:keyId": "admin",
  "GET /api/projects/:projectId/audit": "admin",
  "GET /api/projects/:projectId/reanalyze": "admin",
  "POST /api/projects/:projectId/reanalyze": "admin",
  "DELETE /api/projects/:projectId/reanalyze": "admin",
  "GET /api/projects/:projectId/data": "admin",
  "DELETE /api/projects/:projectId/data": "admin",
  "GET /api/projects/:projectId/erasures/:id": "admin",
  "GET /api/projects/:projectId/first-sample": "viewer",
  "GET /api/projects/:projectId/views": "viewer",
  "POST /api/projects/:projectId/views": "viewer",
  "PATCH /api/projects/:projectId/views/:viewId": "viewer",
  "DELETE /api/projects/:projectId/views/:viewId": "viewer",

  "GET /api/project": "viewer",
  "GET /api/sessions": "viewer",
  "GET /api/sessions/facets": "viewer",
  "GET /api/sessions/export": "viewer",
  "GET /api/calls": "viewer",
  "GET /api/sessions/:id": "viewer",
  "GET /api/sessions/:id/analysis": "viewer",
  "GET /api/sessions/:id/windows.parquet": "viewer",
  "GET /api/sessions/:id/log": "viewer",
  "GET /api/sessions/:id/notes": "viewer",
  "POST /api/sessions/:id/notes": "analyst",
  "PATCH /api/sessions/:id/notes/:noteId": "analyst",
  "DELETE /api/sessions/:id/notes/:noteId": "viewer",
  "GET /api/calls/:id": "viewer",
  "GET /api/live": "viewer",

  "GET /ingest": "public",
  "POST /ingest": "public",
  "POST /observertc/:key": "public",
  "OPTIONS /observertc/:key": "public",
  "GET /": "public",
  "GET /demo": "public",
  "GET /sdk/:file": "public",
  "GET /*": "public",
};

export type Needed = "public" | "signed-in" | "viewer" | "analyst" | "admin" | "server-admin";
