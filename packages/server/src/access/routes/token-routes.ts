import type { FastifyInstance } from "fastify";
import {
  newApiTokenSchema,
  type ApiTokenList,
  type ApiTokenView,
  type CreatedApiToken,
} from "@peerscope/schema/api";
import { RequestError } from "../../errors.ts";
import type { ApiToken } from "../../settings/settings.ts";
import type { AccessParts } from "../access.ts";
import { makeApiToken } from "../api-tokens.ts";
import { actorOf } from "../audit.ts";
import { includesRole, type Principal } from "../principal.ts";
import { parseBody } from "./parse-body.ts";

const signedIn = { config: { access: { kind: "signed-in" } } } as const;
const bodyLimit = 64 << 10;

/** Keys for programs. Everybody may make some of what they may do themselves. */
export function addTokenRoutes(app: FastifyInstance, access: AccessParts): void {
  const { settings, audit, now } = access;

  app.get("/api/tokens", signedIn, async ({ principal }): Promise<ApiTokenList> => {
    const tokens = await settings.apiTokens();
    return { tokens: tokens.filter((token) => isTheirs(token, principal)).map(toView) };
  });

  app.post("/api/tokens", { ...signedIn, bodyLimit }, async ({ principal, body }, reply) => {
    if (principal.kind === "api-token") throw new RequestError("person-needed");
    const asked = parseBody(newApiTokenSchema, body);
    if (asked.isServerAdmin && !principal.isServerAdmin) throw new RequestError("role-missing");
    for (const [projectId, role] of Object.entries(asked.roles)) {
      const own = settings.project(projectId) === null ? null : principal.roleIn(projectId);
      if (own === null) throw new RequestError("project-unknown", projectId);
      if (!includesRole(own, role))
        throw new RequestError("role-missing", `You have ${own} in ${projectId}.`);
    }
    if (!asked.isServerAdmin && Object.keys(asked.roles).length === 0)
      throw new RequestError("query-invalid", "roles: names no project");
    const { token, secret } = makeApiToken({ ...asked, createdBy: actorOf(principal) }, now());
    await settings.saveApiToken(token);
    const { tokenId, label, isServerAdmin } = token;
    await audit(principal, { action: "token-created", subject: tokenId, details: { label, isServerAdmin } });
    const created: CreatedApiToken = { token: secret, view: toView(token) };
    return reply.code(201).header("cache-control", "no-store").send(created);
  });

  app.delete<{ Params: { tokenId: string } }>(
    "/api/tokens/:tokenId",
    signedIn,
    async ({ principal, params }, reply) => {
      const tokens = await settings.apiTokens();
      const token = tokens.find(({ tokenId }) => tokenId === params.tokenId);
      if (token === undefined || !isTheirs(token, principal)) throw new RequestError("api-token-unknown");
      if (token.revokedAt === null) {
        await settings.saveApiToken({ ...token, revokedAt: now() });
        const { label } = token;
        await audit(principal, { action: "token-revoked", subject: token.tokenId, details: { label } });
      }
      return reply.code(204).send();
    },
  );
}

/** A token may see and revoke itself: a leaked one is best ended by whoever finds it. */
function isTheirs(token: ApiToken, principal: Principal): boolean {
  if (principal.isServerAdmin) return true;
  return principal.kind === "api-token"
    ? token.tokenId === principal.id
    : token.createdBy === actorOf(principal);
}

function toView({ tokenHash: _hash, ...token }: ApiToken): ApiTokenView {
  return token;
}
