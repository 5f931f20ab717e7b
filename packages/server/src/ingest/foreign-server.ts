import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Skipped } from "@peerscope/interop";
import type { ForeignErrorCode, IngestErrorCode } from "../errors.ts";
import { sameSecret } from "./admission.ts";
import { createForeignSockets, type ForeignConnection } from "./foreign-sockets.ts";
import { keyOfAddress, maxSampleBytes, observertcPath, statedIdentity } from "./observertc-address.ts";
import { addObserverTcPost } from "./observertc-post.ts";
import { createObserverTcSources } from "./observertc-sources.ts";
import { admitRtcstatsClient, rtcstatsProtocol } from "./rtcstats-client.ts";
import { createRtcstatsPages } from "./rtcstats-connection.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface ForeignServerOptions {
  readonly app: FastifyInstance;
  readonly registry: SessionRegistry;
  readonly projectId: string;
  readonly ingestKey: string;
  /** What tokens of rtcstats are signed with; null when none are asked for. */
  readonly rtcstatsSecret: string | null;
  /** Only this machine can reach the server. */
  readonly isLoopback: boolean;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  readonly events: ForeignEvents;
}

/** What the server's log hears of clients of other tools. */
export interface ForeignEvents {
  refused(code: ForeignErrorCode | IngestErrorCode, detail: string | null): void;
  /** A part of what a client sent was not used. `sessionId` is null when it is not known whose it is. */
  skipped(sessionId: string | null, what: Skipped): void;
  /** A record did not fit into a frame. */
  lost(sessionId: string): void;
}

/** Where unmodified clients of other tools connect to: rtcstats on any path, ObserveRTC below /observertc. */
export interface ForeignServer {
  /** Takes an upgrade request that is for one of them; false when it is not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Accepts nothing more and tells every client that the server goes away. */
  close(): Promise<void>;
}

/** Frames of rtcstats beyond 1 MiB are left out, those beyond this close the socket. Ours. */
const maxFrameBytes = 4 << 20;
const nothing: ForeignConnection = { onMessage: () => {}, onClose: () => {} };

/** Call it before the app listens. */
export function createForeignServer(options: ForeignServerOptions): ForeignServer {
  const { registry, ingestKey, events, now } = options;
  const told = {
    registry,
    projectId: options.projectId,
    onSkipped: (sessionId: string | null, what: Skipped) => events.skipped(sessionId, what),
    onLost: (sessionId: string) => events.lost(sessionId),
  };
  const onRefused = (code: ForeignErrorCode | IngestErrorCode, detail: string | null): void =>
    events.refused(code, detail);
  let isStopping = false;

  const pages = createRtcstatsPages(told);
  const admission = { secret: options.rtcstatsSecret, ingestKey, isLoopback: options.isLoopback };
  const rtcstats = createForeignSockets({
    maxMessageBytes: maxFrameBytes,
    protocolOf: rtcstatsProtocol,
    onRefused,
    connect(socket, request, protocol) {
      const admitted = admitRtcstatsClient(request, protocol, admission, now());
      // The close code is all that a client understands, and only after the handshake.
      if (admitted.ok) return pages.connect(socket, admitted.client);
      socket.refuse(admitted.code, admitted.detail);
      return nothing;
    },
  });

  const sources = createObserverTcSources(told);
  const observertc = createForeignSockets({
    maxMessageBytes: maxSampleBytes,
    onRefused,
    connect(socket, { url = "" }) {
      if (!sameSecret(keyOfAddress(url) ?? "", ingestKey)) {
        socket.refuse("observertc-key-invalid");
        return nothing;
      }
      const source = sources.open(statedIdentity(url), (isFull) => socket.pause(isFull));
      return {
        onMessage(data, isBinary) {
          if (isBinary) source.binary(data);
          else source.text(data.toString("utf8"));
        },
        onClose: () => source.close(),
      };
    },
  });
  const closePosts = addObserverTcPost(options.app, {
    sources,
    ingestKey,
    onRefused,
    isStopping: () => isStopping,
  });

  return {
    upgrade(request, socket, head) {
      const path = (request.url ?? "/").split("?", 1)[0] ?? "";
      if (path === observertcPath || path.startsWith(`${observertcPath}/`))
        observertc.upgrade(request, socket, head);
      else if (offersRtcstats(request) && !/^\/(ingest|api)(\/|$)/.test(path))
        rtcstats.upgrade(request, socket, head);
      else return false;
      return true;
    },
    async close() {
      isStopping = true;
      await Promise.all([rtcstats.close(), observertc.close()]);
      pages.close();
      closePosts();
    },
  };
}

function offersRtcstats({ headers }: IncomingMessage): boolean {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  return rtcstatsProtocol(offered) !== false;
}
