import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Skipped } from "@peerscope/interop";
import type { ClientAddresses } from "../client-address.ts";
import type { ForeignErrorCode, IngestErrorCode } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { createForeignSockets, type ForeignConnection, type ForeignSocket } from "./foreign-sockets.ts";
import { keyOfAddress, maxSampleBytes, observertcPath, statedIdentity } from "./observertc-address.ts";
import { addObserverTcPost } from "./observertc-post.ts";
import { createObserverTcSources } from "./observertc-sources.ts";
import { clientOrigin, type ClientOrigin, type IngestGate, type KeyHolder } from "./ingest-gate.ts";
import { admitRtcstatsClient, rtcstatsProtocol } from "./rtcstats-client.ts";
import { createRtcstatsPages } from "./rtcstats-connection.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface ForeignServerOptions {
  readonly app: FastifyInstance;
  readonly registry: SessionRegistry;
  readonly gate: IngestGate;
  readonly settings: Pick<Settings, "project">;
  readonly clientAddresses: ClientAddresses;
  /** Project of rtcstats clients whose address names no key. */
  readonly defaultProjectId: string;
  /** What tokens of rtcstats are signed with; null when none are asked for. */
  readonly rtcstatsSecret: string | null;
  /** Only this machine can reach the server. */
  readonly isLoopback: boolean;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
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
  /** Ends sockets whose key was revoked. Called every few seconds. */
  review(): void;
  /** Accepts nothing more and tells every client that the server goes away. */
  close(): Promise<void>;
}

/** Frames of rtcstats beyond 1 MiB are left out, those beyond this close the socket. Ours. */
const maxFrameBytes = 4 << 20;
const nothing: ForeignConnection = { onMessage: () => {}, onClose: () => {} };

/** A socket that is open, with the key that it came in with. */
interface Guest {
  readonly socket: ForeignSocket;
  readonly holder: KeyHolder | null;
}

/** Call it before the app listens. */
export function createForeignServer(options: ForeignServerOptions): ForeignServer {
  const { registry, gate, clientAddresses, events, now } = options;
  const told = {
    registry,
    gate,
    onSkipped: (sessionId: string | null, what: Skipped) => events.skipped(sessionId, what),
    onLost: (sessionId: string) => events.lost(sessionId),
  };
  const onRefused = (code: ForeignErrorCode | IngestErrorCode, detail: string | null): void =>
    events.refused(code, detail);
  let isStopping = false;

  const pages = createRtcstatsPages(told);
  const guests = new Set<Guest>();

  /** Takes in a client whom `admit` lets in, unless its address has too many sockets; null: it was refused. */
  function receive(
    socket: ForeignSocket,
    request: IncomingMessage,
    admit: (
      from: ClientOrigin,
    ) => { readonly holder: KeyHolder | null; readonly connection: ForeignConnection } | null,
  ): ForeignConnection {
    const from = clientOrigin(request, clientAddresses);
    if (!gate.addresses.enter(from.address, "foreign")) {
      socket.refuse("foreign-too-many");
      return nothing;
    }
    const admitted = admit(from);
    if (admitted === null) {
      gate.addresses.leave(from.address, "foreign");
      return nothing;
    }
    const { connection, holder } = admitted;
    const guest: Guest = { socket, holder };
    guests.add(guest);
    return {
      onMessage: (data, isBinary) => connection.onMessage(data, isBinary),
      onClose(closeCode) {
        guests.delete(guest);
        gate.addresses.leave(from.address, "foreign");
        connection.onClose(closeCode);
      },
    };
  }

  const rtcstats = createForeignSockets({
    maxMessageBytes: maxFrameBytes,
    protocolOf: rtcstatsProtocol,
    onRefused,
    connect(socket, request, protocol) {
      return receive(socket, request, (from) => {
        const admitted = admitRtcstatsClient(request, protocol, {
          secret: options.rtcstatsSecret,
          isLoopback: options.isLoopback,
          defaultProjectId: options.defaultProjectId,
          letIn: (token) => gate.letIn(token, from, null),
          now: now(),
        });
        if (admitted.ok) {
          const { client, holder } = admitted;
          return { holder, connection: pages.connect(socket, { ...client, address: from.address }) };
        }
        // The close code is all that a client understands, and only after the handshake.
        socket.refuse(admitted.code, admitted.detail);
        return null;
      });
    },
  });

  const sources = createObserverTcSources({ ...told, settings: options.settings });
  const observertc = createForeignSockets({
    maxMessageBytes: maxSampleBytes,
    onRefused,
    connect(socket, request) {
      return receive(socket, request, (from) => {
        const { url = "" } = request;
        const holder = gate.letIn(keyOfAddress(url) ?? "", from, null);
        if (!holder.ok) {
          const isUnknown = holder.code === "token-invalid";
          socket.refuse(isUnknown ? "observertc-key-invalid" : holder.code, holder.detail);
          return null;
        }
        const { projectId } = holder;
        const source = sources.open({ projectId, address: from.address }, statedIdentity(url), (isFull) =>
          socket.pause(isFull),
        );
        const connection: ForeignConnection = {
          onMessage(data, isBinary) {
            if (isBinary) source.binary(data);
            else source.text(data.toString("utf8"));
          },
          onClose: () => source.close(),
        };
        return { holder, connection };
      });
    },
  });
  const closePosts = addObserverTcPost(options.app, {
    sources,
    gate,
    clientAddresses,
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
    review() {
      for (const { socket, holder } of guests)
        if (holder !== null && !gate.isGood(holder)) socket.refuse("key-withdrawn");
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
