import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { maxFrameBytes } from "@peerscope/schema";
import { WebSocketServer, type WebSocket } from "ws";
import type { ClientAddresses } from "../client-address.ts";
import { errorCatalog, ingestError, toApiError, type IngestErrorCode } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { createAddressBook } from "./address-book.ts";
import { createForeignServer, type ForeignServerOptions } from "./foreign-server.ts";
import { contain } from "./contain.ts";
import { createIngestConnection, type IngestConnection, type OnRefused } from "./ingest-connection.ts";
import { createCountryLookup } from "./country-lookup.ts";
import { clientOrigin, createIngestGate } from "./ingest-gate.ts";
import { addIngestPost } from "./ingest-post.ts";
import type { IngestLimits } from "./limits.ts";
import type { RecentRefusals } from "./recent-refusals.ts";
import type { RefusalCounters } from "./refusal-counters.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { shortTextFrame } from "./short-text.ts";
import { onSocketMessage } from "./socket-message.ts";
import { boundWaitingSockets } from "./waiting-sockets.ts";

export interface IngestServerOptions {
  readonly app: FastifyInstance;
  readonly registry: SessionRegistry;
  readonly settings: Pick<Settings, "project" | "ingestKey" | "onChange">;
  readonly limits: IngestLimits;
  readonly clientAddresses: ClientAddresses;
  readonly refusals: RefusalCounters;
  readonly recent: Pick<RecentRefusals, "note">;
  /** Brings the log of a session that goes on back from the archive; null when it is here. */
  readonly restore: (sessionId: string) => Promise<void> | null;
  readonly onRefused: (code: IngestErrorCode, sessionId: string | null) => void;
  /** A defect: what a client sent made the server fail. Its connection ends. */
  readonly onFault: (fault: string) => void;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set. Default: that of the process. */
  readonly monotonicMs?: () => number;
  /** Clients of other tools. */
  readonly foreign: Pick<
    ForeignServerOptions,
    "rtcstatsSecret" | "isLoopback" | "defaultProjectId" | "events"
  >;
}

/** /ingest: the WebSocket, and POST where that does not get through; and the addresses of other tools. */
export interface IngestServer {
  /** WebSockets of the SDK that are open. */
  readonly connections: number;
  /** Accepts nothing more and tells every client to come back later. */
  close(): Promise<void>;
}

/** A hello has to come within this, in milliseconds. */
const helloTimeoutMs = 5_000;
/** A connection that says nothing is asked, and is gone when it does not answer within this, in milliseconds. Ours. */
const heartbeatMs = 20_000;
/** Keys that were revoked, sessions that are too long and clients that are idle are looked for so often, in milliseconds. Ours. */
const reviewMs = 5_000;
/** Who sends more than it may is looked at again after this, in milliseconds. Ours. */
const settleMs = 100;
/** A client that was refused has this long to close its side, in milliseconds. Ours. */
const closingMs = 2_000;
/** POSTs of one address at the same time; other addresses need some of the 64 there are. Ours. */
const maxPostsPerAddress = 8;
/** Sockets of other tools of one address; each may hold some megabytes. Ours: a quarter of all. */
const maxForeignPerAddress = 500;
/** Room above the frame limit, so that a slightly larger frame gets its own error and not only close code 1009. */
const payloadMargin = 64 << 10;

/** What the heartbeat knows of a socket. */
interface Peer {
  readonly connection: IngestConnection;
  /** It said something, or answered, since the last beat. */
  isHeard: boolean;
  /** A ping waits for its answer. */
  isAsked: boolean;
}

/** Call it before the app listens. */
export function createIngestServer(options: IngestServerOptions): IngestServer {
  const { app, registry, settings, limits, clientAddresses, refusals, recent, now } = options;
  // Whole ones: they are kept for each frame, and take no memory of their own.
  const monotonicMs = options.monotonicMs ?? (() => Math.floor(performance.now()));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes + payloadMargin,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const peers = new Map<WebSocket, Peer>();
  const owing = new Set<IngestConnection>();
  const addresses = createAddressBook({
    most: {
      connections: limits.maxConnectionsPerAddress,
      posts: maxPostsPerAddress,
      foreign: Math.min(maxForeignPerAddress, limits.maxConnectionsPerAddress),
    },
    newSessionsPerMinute: limits.maxNewSessionsPerMinute,
    monotonicMs,
  });
  const gate = createIngestGate({
    settings,
    registry,
    limits,
    addresses,
    restore: options.restore,
    countryOf: createCountryLookup(),
    now,
    monotonicMs,
  });
  const onRefused: OnRefused = (code, sessionId, projectId, detail) => {
    refusals.count(code);
    recent.note(code, projectId, detail);
    options.onRefused(code, sessionId);
  };
  const { events } = options.foreign;
  const foreign = createForeignServer({
    ...options.foreign,
    app,
    registry,
    gate,
    settings,
    clientAddresses,
    now,
    monotonicMs,
    events: {
      ...events,
      refused(code, detail) {
        refusals.count(code);
        recent.note(code, null);
        events.refused(code, detail);
      },
    },
  });
  let closing = false;

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (closing) return void socket.destroy();
    const from = clientOrigin(request, clientAddresses);
    if (!addresses.enter(from.address, "connections")) {
      onRefused("address-connections-exceeded", null, null, null);
      return refuseUpgrade(socket, "address-connections-exceeded");
    }
    socket.once("close", () => addresses.leave(from.address, "connections"));
    const path = (request.url ?? "/").split("?", 1)[0];
    if (foreign.upgrade(request, socket, head)) return;
    if (path !== "/ingest") return refuseUpgrade(socket, "route-unknown");
    sockets.handleUpgrade(request, socket, head, (accepted) => onSocket(accepted, socket, from));
  }

  function onSocket(socket: WebSocket, stream: Duplex, from: ReturnType<typeof clientOrigin>): void {
    const connection = createIngestConnection({
      registry,
      gate,
      from,
      monotonicMs,
      onRefused,
      onOwing: settleLater,
      socket: {
        send(message) {
          const frame = shortTextFrame(message);
          if (frame === null) socket.send(message);
          else if (socket.readyState === socket.OPEN) stream.write(frame, "latin1");
        },
        close(code, reason) {
          socket.close(code, reason);
          setTimeout(() => socket.terminate(), closingMs).unref();
        },
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        unreadBytes: () => socket.bufferedAmount,
      },
    });
    // What failed stands in the log of the server, and is nothing for the client.
    const onFault = (fault: string): void => {
      options.onFault(fault);
      connection.refuse("message-invalid", "The server failed at it.");
    };
    const peer: Peer = { connection, isHeard: true, isAsked: false };
    peers.set(socket, peer);
    const helloTimer = setTimeout(() => {
      if (connection.isSilent()) connection.refuse("hello-timeout");
    }, helloTimeoutMs);
    onSocketMessage(socket, (bytes, isBinary) => {
      peer.isHeard = true;
      contain(() => {
        if (isBinary) connection.onFrame(bytes);
        else connection.onText(bytes.toString("utf8"));
      }, onFault);
    });
    socket.on("pong", () => (peer.isHeard = true));
    // ws closes after an error by itself: 1009 for a message that is far too large, 1007 for bad UTF-8.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(helloTimer);
      peers.delete(socket);
      owing.delete(connection);
      contain(() => connection.onClose(), onFault);
    });
  }

  /** Who sends frames needs no ping: at one a second that is everybody in a call. */
  function beat(): void {
    for (const [socket, peer] of peers) {
      // What is not read cannot hold the answer.
      if (socket.isPaused) continue;
      if (peer.isHeard) {
        peer.isHeard = peer.isAsked = false;
      } else if (peer.isAsked) {
        socket.terminate();
      } else {
        peer.isAsked = true;
        socket.ping();
      }
    }
  }

  function review(): void {
    for (const { connection } of peers.values()) connection.review();
    foreign.review();
  }

  let settling: NodeJS.Timeout | null = null;
  function settleLater(connection?: IngestConnection): void {
    if (connection !== undefined) owing.add(connection);
    if (owing.size > 0) settling ??= setTimeout(settle, settleMs);
  }
  function settle(): void {
    settling = null;
    for (const connection of owing) if (!connection.settle()) owing.delete(connection);
    settleLater();
  }

  const heartbeat = setInterval(beat, heartbeatMs);
  const reviews = setInterval(review, reviewMs);
  settings.onChange(review);
  boundWaitingSockets(app.server, {
    addressOf: (remoteAddress) => clientAddresses.ofSocket(remoteAddress),
    onEvicted: () => refusals.count("connection-evicted"),
  });
  app.server.on("upgrade", onUpgrade);
  addIngestPost(app, { ...options, gate, monotonicMs, onRefused, isStopping: () => closing });
  return {
    get connections() {
      return peers.size;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      clearInterval(reviews);
      if (settling !== null) clearTimeout(settling);
      for (const { connection } of peers.values()) connection.refuse("server-stopping");
      const foreignClosed = foreign.close();
      const deadline = Date.now() + 500;
      while (peers.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const socket of peers.keys()) socket.terminate();
      sockets.close();
      await foreignClosed;
    },
  };
}

function refuseUpgrade(socket: Duplex, code: "route-unknown" | "address-connections-exceeded"): void {
  const [status, message] =
    code === "route-unknown"
      ? [
          "404 Not Found",
          `${errorCatalog.http[code].message} WebSocket connections go to /ingest or /observertc/<ingest key>; those of rtcstats name their subprotocol.`,
        ]
      : ["429 Too Many Requests", ingestError(code).message];
  const body = JSON.stringify(toApiError(code, message));
  socket.on("error", () => {});
  // Who does not close its side is not waited for.
  setTimeout(() => socket.destroy(), closingMs).unref();
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
