import { PassThrough } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { projectOfQuery } from "../access/route-access.ts";
import { RequestError } from "../errors.ts";
import type { ProjectSettings } from "../settings/settings.ts";
import type { LiveState } from "./live-state.ts";

export interface LiveRoutesOptions {
  readonly projects: () => readonly ProjectSettings[];
  readonly live: LiveState;
  /** Throws the RequestError of somebody who may not ask any more. */
  readonly authorize: (request: FastifyRequest) => Promise<void>;
  /** Unix ms. */
  readonly now: () => number;
}

/** Streams of everybody together, and of one person or token: each costs a snapshot every two seconds. Ours. */
const maxListeners = 200;
const maxListenersOfOne = 20;
/** Something is said at least this often, so that both ends notice a line that is dead, in milliseconds. Ours. */
const stillMs = 10_000;
/** Whether a listener may still listen is asked this often: a logout ends its streams within it. In milliseconds. Ours. */
const authorizeMs = 20_000;
/** A listener that takes nothing for so long is let go, in milliseconds. Ours. */
const stuckMs = 30_000;
/** How calls are is written down this often while nobody looks, in milliseconds. */
const quietLookMs = 10_000;

interface Listener {
  readonly projectId: string;
  readonly principal: string;
  readonly request: FastifyRequest;
  readonly stream: PassThrough;
  /** What it was told last, without the time. */
  told: string;
  toldAt: number;
  authorizedAt: number;
  /** Since when it takes nothing; null while it does. */
  stuckSince: number | null;
}

export interface LiveRoutes {
  /** Tells all listeners what changed. Called every two seconds. */
  tick(): void;
}

/** Adds GET /api/live: one answer, or a stream of them for who accepts `text/event-stream`. */
export function addLiveRoutes(app: FastifyInstance, options: LiveRoutesOptions): LiveRoutes {
  const { live, now } = options;
  const listeners = new Set<Listener>();
  const projectAsked = projectOfQuery(options.projects);
  let lookedAt = 0;

  app.addHook("preClose", async () => {
    for (const listener of listeners) listener.stream.end();
  });

  app.get(
    "/api/live",
    { config: { access: { kind: "project", role: "viewer", projectIn: projectAsked } } },
    async (request, reply) => {
      const projectId = await projectAsked(request);
      if (projectId === null) throw new RequestError("project-unknown");
      if (request.headers.accept?.includes("text/event-stream") !== true) {
        live.look();
        return live.snapshot(projectId);
      }
      return listen(projectId, request, reply);
    },
  );

  function listen(projectId: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const principal = `${request.principal.kind}:${request.principal.id}`;
    const own = [...listeners].filter((listener) => listener.principal === principal);
    if (listeners.size >= maxListeners || own.length >= maxListenersOfOne)
      throw new RequestError("live-streams-exceeded");
    const listener: Listener = {
      projectId,
      principal,
      request,
      stream: new PassThrough(),
      told: "",
      toldAt: 0,
      authorizedAt: now(),
      stuckSince: null,
    };
    listeners.add(listener);
    reply.raw.once("close", () => listeners.delete(listener));
    live.look();
    tell(listener, bodyOf(projectId));
    // Proxies that collect answers would hold it back.
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("x-accel-buffering", "no")
      .send(listener.stream);
  }

  /** The snapshot as JSON with the time left out: the same text says that nothing changed. */
  function bodyOf(projectId: string): string {
    const { at: _at, ...body } = live.snapshot(projectId);
    return JSON.stringify(body).slice(1);
  }

  function tell(listener: Listener, body: string): void {
    const { stream } = listener;
    // Each snapshot is whole: one that is not taken is not missed when the next one comes.
    if (stream.writableNeedDrain) {
      listener.stuckSince ??= now();
      if (now() - listener.stuckSince >= stuckMs) stream.destroy();
      return;
    }
    listener.stuckSince = null;
    if (body !== listener.told) stream.write(`event: now\ndata: {"at":${now()},${body}\n\n`);
    else if (now() - listener.toldAt >= stillMs) stream.write(`event: still\ndata: {"at":${now()}}\n\n`);
    else return;
    listener.told = body;
    listener.toldAt = now();
  }

  async function authorizeAgain(listener: Listener): Promise<void> {
    try {
      await options.authorize(listener.request);
    } catch (error) {
      const code = error instanceof RequestError ? error.code : "server-error";
      listeners.delete(listener);
      listener.stream.end(`event: end\ndata: ${JSON.stringify({ code })}\n\n`);
    }
  }

  return {
    tick() {
      if (listeners.size === 0 && now() - lookedAt < quietLookMs) return;
      lookedAt = now();
      live.look();
      const bodies = new Map<string, string>();
      for (const listener of listeners) {
        const { projectId } = listener;
        const body = bodies.get(projectId) ?? bodyOf(projectId);
        bodies.set(projectId, body);
        tell(listener, body);
        if (now() - listener.authorizedAt < authorizeMs) continue;
        listener.authorizedAt = now();
        void authorizeAgain(listener);
      }
    },
  };
}
