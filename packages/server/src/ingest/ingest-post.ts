import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  isSessionId,
  maxFrameBytes,
  readFrameHeader,
  splitIngestPost,
  type ServerMessage,
} from "@peerscope/schema";
import type { IngestErrorCode } from "../errors.ts";
import type { ClientAddresses } from "../client-address.ts";
import { admitFrame } from "./admission.ts";
import { isPaid, spend } from "./byte-budget.ts";
import { clientOrigin, type ClientOrigin, type IngestGate } from "./ingest-gate.ts";
import type { OnRefused } from "./ingest-connection.ts";
import { maxTextBytes, parseClientMessage, toErrorMessage } from "./messages.ts";
import type { SessionEntry } from "./session-entry.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface IngestPostOptions {
  readonly registry: SessionRegistry;
  readonly gate: IngestGate;
  readonly clientAddresses: ClientAddresses;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
  readonly onRefused: OnRefused;
  /** The server is being stopped: clients come back later. */
  readonly isStopping: () => boolean;
}

/** Room above the frame limit, for the hello and the lengths. A body that is larger is not read. */
const maxBodyBytes = maxFrameBytes + (64 << 10);
/** Bodies that are read or on their way to the disk at the same time; 64 MiB of memory at most. Ours. */
const maxRequests = 64;
/** A disk that takes longer is broken, in milliseconds. Ours: far below the 20 s after which a client gives up. */
const diskTimeoutMs = 10_000;

/**
 * POST /ingest: the conversation where WebSockets do not get through, and of pages that go away. Every request stands alone, and
 * takes a session from nobody: the last frames of a page may come after the next page has said hello. What the session
 * has is ignored, so it does no harm when both ways bring the same frames.
 */
export function addIngestPost(app: FastifyInstance, options: IngestPostOptions): void {
  const { registry, gate } = options;
  const { addresses } = gate;
  let requests = 0;

  void app.register(async (scope) => {
    // Browsers send no content type with bytes. One that is not simple would make them ask the server first.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.addHook("onRequest", async (request, reply) => {
      void reply.headers({ "access-control-allow-origin": "*", "cache-control": "no-store" });
      if (requests >= maxRequests) return send(reply, refuse("server-busy"));
      const { address } = originOf(request);
      if (!addresses.enter(address, "posts")) return send(reply, refuse("address-busy"));
      requests += 1;
      reply.raw.once("close", () => {
        requests -= 1;
        addresses.leave(address, "posts");
      });
      return undefined;
    });
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      if (error.statusCode !== 413) throw error;
      return send(reply, refuse("frame-too-large"));
    });
    scope.post(
      "/ingest",
      { bodyLimit: maxBodyBytes, config: { access: { kind: "public" } } },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        return send(reply, await answer(body, originOf(request)));
      },
    );
  });

  function refuse(
    code: IngestErrorCode,
    detail?: string,
    sessionId: string | null = null,
    projectId: string | null = null,
  ): ServerMessage {
    options.onRefused(code, sessionId, projectId, detail ?? null);
    return toErrorMessage(code, detail);
  }

  function originOf({ raw }: FastifyRequest): ClientOrigin {
    return clientOrigin(raw, options.clientAddresses);
  }

  async function answer(body: Uint8Array, from: ClientOrigin): Promise<ServerMessage> {
    if (options.isStopping()) return refuse("server-stopping");
    const [first, ...rest] = splitIngestPost(body) ?? [];
    if (first === undefined || first.byteLength > maxTextBytes) return refuse("message-invalid");
    const parsed = parseClientMessage(Buffer.from(first).toString("utf8"));
    if (!parsed.ok) return refuse(parsed.code);
    const hello = parsed.message;
    if (hello.type !== "hello") return refuse("hello-expected");
    const { sessionId } = hello;
    const holder = gate.letIn(hello.token, from, sessionId);
    if (!holder.ok) return refuse(holder.code, holder.detail, null, holder.projectId ?? null);
    const { projectId } = holder;
    if (!isSessionId(sessionId)) return refuse("session-id-invalid", undefined, null, projectId);

    const known = registry.get(sessionId);
    if (known !== undefined && known.projectId !== projectId)
      return refuse("session-id-taken", undefined, null, projectId);
    const acknowledged = known?.lastSequence ?? -1;
    const isBye = rest.at(-1)?.byteLength === 0;
    const sent = isBye ? rest.slice(0, -1) : rest;
    if (sent.length === 0 && !isBye) return { type: "welcome", acknowledged, maxFrameBytes };
    const frames = sent.filter((frame) => {
      const read = readFrameHeader(frame);
      return !read.ok || read.header.sequence > acknowledged;
    });
    // Nothing new opens no session that is over.
    if (frames.length === 0) {
      if (isBye && known !== undefined) end(known);
      return acknowledged;
    }
    try {
      await gate.prepare(holder, sessionId);
    } catch {
      return refuse("log-away", undefined, sessionId, projectId);
    }
    const opened = gate.open(holder, sessionId, from, null);
    if (!opened.ok) return refuse(opened.code, opened.detail, sessionId, projectId);
    const { entry, budget } = opened;
    const { maxBytesPerSecond } = gate.limits(projectId);
    if (!isPaid(budget, maxBytesPerSecond, options.monotonicMs()))
      return refuse("server-busy", "This session sends more than it may.", sessionId, projectId);
    if (spend(budget, body.byteLength, maxBytesPerSecond, options.monotonicMs()) === "over")
      return refuse("rate-exceeded", undefined, sessionId, projectId);
    registry.privacy.greet(entry, hello.privacy);
    let last = -1;
    let work = 0;
    for (const frame of frames) {
      const admitted = admitFrame(registry, entry, frame);
      if (!admitted.ok) return refuse(admitted.code, admitted.detail, sessionId, projectId);
      last = Math.max(last, admitted.sequence);
      work += admitted.cost - frame.byteLength;
    }
    // Known only now: the next request waits for it.
    if (work > 0) spend(budget, work, maxBytesPerSecond, options.monotonicMs());
    if (!(await isOnDisk(entry, last))) return refuse("log-write-failed", undefined, sessionId, projectId);
    if (isBye) end(entry);
    return entry.lastSequence;
  }

  function end(entry: SessionEntry): void {
    void registry.finish(entry).catch(() => {});
  }

  async function isOnDisk(entry: SessionEntry, sequence: number): Promise<boolean> {
    const deadline = performance.now() + diskTimeoutMs;
    while (entry.lastSequence < sequence) {
      const waitMs = deadline - performance.now();
      // Without a log, writing has failed.
      if (waitMs <= 0 || entry.log === null) return false;
      await registry.changed(entry, waitMs);
    }
    return true;
  }
}

function send(reply: FastifyReply, message: ServerMessage): FastifyReply {
  const refused = typeof message === "object" && message.type === "error" ? message : null;
  const status = refused === null ? 200 : refused.retry ? 503 : 400;
  return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(message));
}
