import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { maxFrameBytes } from "@peerscope/schema";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { toApiError, type HttpErrorCode, type IngestErrorCode } from "../errors.ts";
import { createIngestConnection, type IngestConnection } from "./ingest-connection.ts";
import { createForeignServer, type ForeignServerOptions } from "./foreign-server.ts";
import { addIngestPost } from "./ingest-post.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface IngestServerOptions {
  readonly app: FastifyInstance;
  readonly registry: SessionRegistry;
  readonly projectId: string;
  readonly ingestKey: string;
  readonly onRefused: (code: IngestErrorCode, sessionId: string | null) => void;
  /** Clients of other tools. */
  readonly foreign: Pick<ForeignServerOptions, "rtcstatsSecret" | "isLoopback" | "now" | "events">;
}

/** /ingest: the WebSocket, and POST where that does not get through; and the addresses of other tools. */
export interface IngestServer {
  /** Accepts nothing more and tells every client to come back later. */
  close(): Promise<void>;
}

/** A hello has to come within this, in milliseconds. */
const helloTimeoutMs = 5_000;
/** A connection that does not answer a ping within this is gone, in milliseconds. Ours. */
const heartbeatMs = 20_000;
/** Room above the frame limit, so that a slightly larger frame gets its own error and not only close code 1009. */
const payloadMargin = 64 << 10;

/** Call it before the app listens. */
export function createIngestServer(options: IngestServerOptions): IngestServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes + payloadMargin,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const connections = new Map<WebSocket, IngestConnection>();
  const silent = new Set<WebSocket>();
  const foreign = createForeignServer({ ...options, ...options.foreign });
  let closing = false;

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (closing) return void socket.destroy();
    const path = (request.url ?? "/").split("?", 1)[0];
    if (foreign.upgrade(request, socket, head)) return;
    if (path !== "/ingest") return refuseUpgrade(socket, "route-unknown");
    sockets.handleUpgrade(request, socket, head, onSocket);
  }

  function onSocket(socket: WebSocket): void {
    const connection = createIngestConnection({
      registry: options.registry,
      projectId: options.projectId,
      ingestKey: options.ingestKey,
      onRefused: options.onRefused,
      socket: {
        send: (message) => socket.send(message),
        close: (code, reason) => socket.close(code, reason),
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        get unreadBytes() {
          return socket.bufferedAmount;
        },
      },
    });
    connections.set(socket, connection);
    const helloTimer = setTimeout(() => {
      if (!connection.attached) connection.refuse("hello-timeout");
    }, helloTimeoutMs);
    socket.on("message", (data, isBinary) => {
      silent.delete(socket);
      if (isBinary) connection.onFrame(toBytes(data));
      else connection.onText(toBytes(data).toString("utf8"));
    });
    socket.on("pong", () => silent.delete(socket));
    // ws closes after an error by itself: 1009 for a message that is far too large, 1007 for bad UTF-8.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(helloTimer);
      connections.delete(socket);
      silent.delete(socket);
      connection.onClose();
    });
  }

  const heartbeat = setInterval(() => {
    for (const socket of connections.keys()) {
      if (silent.has(socket)) {
        socket.terminate();
      } else {
        silent.add(socket);
        socket.ping();
      }
    }
  }, heartbeatMs);

  options.app.server.on("upgrade", onUpgrade);
  addIngestPost(options.app, { ...options, isStopping: () => closing });
  return {
    async close() {
      closing = true;
      clearInterval(heartbeat);
      for (const connection of connections.values()) connection.refuse("server-stopping");
      const foreignClosed = foreign.close();
      const deadline = Date.now() + 500;
      while (connections.size > 0 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      for (const socket of connections.keys()) socket.terminate();
      sockets.close();
      await foreignClosed;
    },
  };
}

function toBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function refuseUpgrade(socket: Duplex, code: HttpErrorCode): void {
  const body = JSON.stringify(
    toApiError(
      code,
      "WebSocket connections go to /ingest or /observertc/<ingest key>; those of rtcstats name their subprotocol.",
    ),
  );
  socket.on("error", () => {});
  socket.end(
    `HTTP/1.1 404 Not Found\r\nconnection: close\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
