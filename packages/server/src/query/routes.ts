import { createReadStream } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isSessionId } from "@peerscope/schema";
import {
  sessionQuerySchema,
  type CallSummary,
  type Project,
  type SessionList,
  type SessionSummary,
} from "@peerscope/schema/api";
import { projectOfQuery } from "../access/route-access.ts";
import { SessionSetAside } from "../analyse/set-aside.ts";
import { ArchiveError } from "../archive/archive.ts";
import type { HeldLog, LogAccess } from "../archive/log-access.ts";
import { RequestError } from "../errors.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import { firstPublicKey } from "../settings/new-settings.ts";
import type { Settings } from "../settings/settings.ts";
import type { Store } from "../store/store.ts";
import { ofProject, parseQuery, projectOf } from "./route-helpers.ts";
import type { SessionReader } from "./session-list.ts";
import type { AnalysisReader } from "./stored-analyses.ts";
import { windowsAsParquet } from "./windows-parquet.ts";

export interface RoutesOptions {
  readonly settings: Pick<Settings, "project" | "projects" | "ingestKeysOf">;
  readonly registry: SessionRegistry;
  readonly analyses: AnalysisReader;
  readonly store: Store;
  readonly logs: LogAccess;
  readonly reader: SessionReader;
  /** The summary of a session that is in memory; null when the store has it. */
  readonly summaryInMemory: (entry: SessionEntry) => SessionSummary | null;
}

/** The longest that a request for more of a log waits, in milliseconds. */
const maxLogWaitMs = 10_000;

const logQuerySchema = z.object({
  from: z.coerce.number().int().min(0).default(0),
  waitMs: z.coerce.number().int().min(0).default(0),
});

/** The routes of the query contract (schema/src/api). */
export function addRoutes(app: FastifyInstance, options: RoutesOptions): void {
  const { registry, analyses, reader } = options;

  const projectAsked = projectOfQuery(() => options.settings.projects);
  const sessionRoute = { config: { access: ofProject("viewer", projectOfSession, "session-unknown") } };
  const projectRoute = { config: { access: ofProject("viewer", projectAsked) } };

  app.get("/api/project", projectRoute, async (request): Promise<Project> => {
    const project = options.settings.project(await projectOf(projectAsked, request));
    if (project === null) throw new RequestError("project-unknown");
    const { projectId, name } = project;
    const ingestKey = firstPublicKey(options.settings, projectId);
    if (ingestKey === null) throw new RequestError("ingest-key-missing");
    return { projectId, name, ingestKey };
  });

  app.get("/api/sessions", projectRoute, async (request): Promise<SessionList> =>
    reader.list(await projectOf(projectAsked, request), parseQuery(sessionQuerySchema, request.query)),
  );

  app.get<IdParams>("/api/sessions/:id", sessionRoute, async ({ params }): Promise<SessionSummary> => {
    const entry = known(params.id);
    const summary = options.summaryInMemory(entry) ?? (await reader.find(entry.projectId, entry.sessionId));
    if (summary === null) throw new RequestError("session-unknown");
    return summary;
  });

  app.get<IdParams>("/api/sessions/:id/analysis", sessionRoute, async ({ params }, reply) => {
    const log = registry.reference(known(params.id));
    return sendJson(reply, await analysed(analyses.session(log)));
  });

  app.get<IdParams>("/api/sessions/:id/windows.parquet", sessionRoute, async ({ params }, reply) => {
    const { projectId, sessionId } = known(params.id);
    const file = await windowsAsParquet(options.store, projectId, sessionId);
    return reply.type("application/vnd.apache.parquet").send(file);
  });

  app.get<IdParams>("/api/sessions/:id/log", sessionRoute, async ({ params, query }, reply) => {
    const { from, waitMs } = parseQuery(logQuerySchema, query);
    const entry = known(params.id);
    if (from >= entry.bytes && !entry.finished && waitMs > 0) {
      await registry.changed(entry, Math.min(waitMs, maxLogWaitMs));
    }
    const { bytes, finished } = entry;
    reply.header("x-peerscope-log-bytes", bytes);
    reply.header("x-peerscope-live", finished ? "false" : "true");
    reply.header("cache-control", "no-store");
    if (from > bytes) throw new RequestError("query-invalid", `from: the log has ${bytes} bytes.`);
    if (from === bytes) return reply.type("application/octet-stream").send(Buffer.alloc(0));
    const { log, release } = await fetched(options.logs.hold(registry.reference(entry)));
    if (reply.raw.destroyed) release();
    else reply.raw.once("close", release);
    reply.type("application/octet-stream").header("content-length", bytes - from);
    // Only what is safe on disk is shown: a reader never sees bytes that a crash could take back.
    return reply.send(createReadStream(log.path, { start: from, end: bytes - 1 }));
  });

  // A call is a name that apps choose: two projects may have the same, and each sees its own.
  app.get<IdParams>("/api/calls/:id", projectRoute, async (request, reply) => {
    const { params } = request;
    const sessions = await reader.ofCall(await projectOf(projectAsked, request), params.id);
    if (sessions.length === 0) throw new RequestError("call-unknown");
    const logs = sessions.flatMap(({ sessionId }) => {
      const entry = registry.get(sessionId);
      return entry === undefined || entry.bytes === 0 ? [] : [registry.reference(entry)];
    });
    const head: Omit<CallSummary, "analysis"> = { callId: params.id, sessions };
    const analysis = logs.length === 0 ? "null" : await analysed(analyses.call(params.id, logs));
    // The analysis is JSON already, of a large call a megabyte: it is put in as it is.
    return sendJson(reply, `${JSON.stringify(head).slice(0, -1)},"analysis":${analysis}}`);
  });

  app.get("/ingest", { config: { access: { kind: "public" } } }, () => {
    throw new RequestError("upgrade-required");
  });

  function projectOfSession({ params }: FastifyRequest): string {
    const { id } = idSchema.parse(params);
    return known(id).projectId;
  }

  function known(sessionId: string): SessionEntry {
    const entry = isSessionId(sessionId) ? registry.get(sessionId) : undefined;
    if (entry === undefined) throw new RequestError("session-unknown");
    return entry;
  }
}

const idSchema = z.object({ id: z.string() });

interface IdParams {
  Params: { id: string };
}

async function analysed<Json extends string | Buffer>(answer: Promise<Json>): Promise<Json> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ArchiveError) throw new RequestError(error.code);
    if (error instanceof SessionSetAside) throw new RequestError("session-set-aside");
    throw new RequestError("analysis-unavailable", error instanceof Error ? error.message : undefined);
  }
}

async function fetched(held: Promise<HeldLog>): Promise<HeldLog> {
  try {
    return await held;
  } catch (error) {
    throw error instanceof ArchiveError ? new RequestError(error.code) : error;
  }
}

/** Sends JSON text as it is, compressed when it is long: it must stay byte for byte what the observer said. */
function sendJson(reply: FastifyReply, json: string | Buffer): FastifyReply {
  reply.type("application/json; charset=utf-8").compress(json);
  return reply;
}
