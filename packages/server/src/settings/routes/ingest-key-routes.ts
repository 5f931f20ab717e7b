import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import {
  ingestKeyChangeSchema,
  ingestKeyCreationSchema,
  type IngestKeyList,
  type IngestKeyView,
} from "@peerscope/schema/api";
import { projectOfPath } from "../../access/route-access.ts";
import { parseBody } from "../../access/routes/parse-body.ts";
import { RequestError } from "../../errors.ts";
import { usableKey } from "../jwt-key.ts";
import { newPublicKey } from "../new-settings.ts";
import type { IngestKey } from "../settings.ts";
import type { SettingsRoutesOptions } from "./settings-routes.ts";

const admin = { config: { access: { kind: "project", role: "admin", projectIn: projectOfPath } } } as const;
const bodyLimit = 64 << 10;

interface ProjectParams {
  Params: { projectId: string };
}
interface KeyParams {
  Params: { projectId: string; keyId: string };
}

/** What clients show to be let in. */
export function addIngestKeyRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  const { settings, audit, now } = options;

  app.get<ProjectParams>("/api/projects/:projectId/keys", admin, ({ params }): IngestKeyList => ({
    keys: settings.ingestKeysOf(params.projectId).map(toView),
  }));

  app.post<ProjectParams>(
    "/api/projects/:projectId/keys",
    { ...admin, bodyLimit },
    async ({ principal, params, body }, reply) => {
      const asked = parseBody(ingestKeyCreationSchema, body);
      const { projectId } = params;
      const { label } = asked;
      let key: IngestKey;
      if (asked.kind === "public") {
        key = { ...newPublicKey(projectId, label, now()), allowedOrigins: asked.allowedOrigins };
      } else {
        const { algorithm } = asked;
        const keyId = `jwt_${randomBytes(16).toString("hex")}`;
        const usable = usableKey(algorithm, asked.key);
        key = {
          kind: "jwt",
          keyId,
          projectId,
          label,
          algorithm,
          key: usable,
          audience: asked.audience,
          createdAt: now(),
          revokedAt: null,
        };
      }
      await settings.saveIngestKey(key);
      await audit(principal, {
        action: "key-created",
        projectId,
        subject: key.keyId,
        details: { kind: key.kind, label },
      });
      return reply.code(201).send(toView(key));
    },
  );

  app.patch<KeyParams>(
    "/api/projects/:projectId/keys/:keyId",
    { ...admin, bodyLimit },
    async ({ principal, params, body }): Promise<IngestKeyView> => {
      const { label, allowedOrigins } = parseBody(ingestKeyChangeSchema, body);
      const { projectId, keyId } = params;
      const key = await settings.changeIngestKey(projectId, keyId, (before) => {
        const named = { ...before, label: label ?? before.label };
        if (allowedOrigins === undefined) return named;
        if (named.kind !== "public")
          throw new RequestError("query-invalid", "allowedOrigins: only a public key has them.");
        return { ...named, allowedOrigins };
      });
      await audit(principal, {
        action: "key-changed",
        projectId,
        subject: keyId,
        details: {
          ...(label === undefined ? {} : { label }),
          ...(allowedOrigins === undefined ? {} : { allowedOrigins: allowedOrigins.join(" ") }),
        },
      });
      return toView(key);
    },
  );

  app.delete<KeyParams>(
    "/api/projects/:projectId/keys/:keyId",
    admin,
    async ({ principal, params }): Promise<IngestKeyView> => {
      const { projectId, keyId } = params;
      const at = now();
      const key = await settings.changeIngestKey(projectId, keyId, (before) => ({
        ...before,
        revokedAt: before.revokedAt ?? at,
      }));
      await audit(principal, {
        action: "key-revoked",
        projectId,
        subject: keyId,
        details: { label: key.label },
      });
      return toView(key);
    },
  );
}

/** Member by member: the secret of HS256 does not leave. */
function toView(key: IngestKey): IngestKeyView {
  const { keyId, projectId, label, createdAt, revokedAt } = key;
  const common = { keyId, projectId, label, createdAt, revokedAt };
  if (key.kind === "public") return { ...common, kind: "public", allowedOrigins: [...key.allowedOrigins] };
  const publicKey = key.algorithm === "HS256" ? null : key.key;
  return { ...common, kind: "jwt", algorithm: key.algorithm, publicKey, audience: key.audience };
}
