import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { foreignError, ingestError, type ForeignErrorCode, type IngestErrorCode } from "../errors.ts";
import { contain } from "./contain.ts";
import { onSocketMessage } from "./socket-message.ts";

/** What a client of another tool says over its socket. What throws costs this socket, and no other. */
export interface ForeignConnection {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** The socket is closed, by whom it may be; 1005 and 1006 as RFC 6455 has them. */
  onClose(closeCode: number): void;
}

/** What a connection may do with its socket. */
export interface ForeignSocket {
  refuse(code: ForeignErrorCode | IngestErrorCode, detail?: string): void;
  /** While it is paused nothing more is read of the client. */
  pause(isPaused: boolean): void;
}

export type ForeignRefusal = (code: ForeignErrorCode | IngestErrorCode, detail: string | null) => void;

export interface ForeignSocketsOptions {
  /** The subprotocol to answer with, out of those that a client offers. */
  readonly protocolOf?: (offered: ReadonlySet<string>) => string | false;
  /** Larger messages are not read: close code 1009. */
  readonly maxMessageBytes: number;
  readonly connect: (socket: ForeignSocket, request: IncomingMessage, protocol: string) => ForeignConnection;
  /** Called once for every refusal, for the server's log. */
  readonly onRefused: ForeignRefusal;
  readonly heartbeatMs?: number;
  readonly idleMs?: number;
  readonly maxSockets?: number;
}

/** WebSockets of clients of another tool: taken in, watched, closed. */
export interface ForeignSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every client that the server is going away, and waits a moment for it. */
  close(): Promise<void>;
}

/** Sockets at the same time. Ours: each has up to some megabytes of statistics to compare the next ones with. */
const defaultMaxSockets = 2_000;
/** A connection that does not answer a ping within this is gone, in milliseconds. As for the SDK. */
const defaultHeartbeatMs = 20_000;
/** A client that says nothing for so long is not in a call; most of them cannot come back. Ours. */
const defaultIdleMs = 30 * 60_000;

export function createForeignSockets(options: ForeignSocketsOptions): ForeignSockets {
  const { connect, onRefused, maxMessageBytes, protocolOf } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
    ...(protocolOf === undefined ? {} : { handleProtocols: protocolOf }),
  });
  /** When each was heard last, by the clock of the process; and whether a ping waits for its answer. */
  const states = new Map<WebSocket, { heardAt: number; isAsked: boolean }>();

  function refuseSocket(socket: WebSocket, code: ForeignErrorCode | IngestErrorCode, detail?: string): void {
    if (socket.readyState !== socket.OPEN) return;
    onRefused(code, detail ?? null);
    socket.close(closeCodeOf(code), code);
    // Whatever it has sent meanwhile is not read; it has to answer.
    setTimeout(() => socket.terminate(), 2_000).unref();
  }

  function onFault(socket: WebSocket, fault: string): void {
    const detail = `The server failed at it: ${fault}`;
    if (socket.readyState === socket.OPEN) refuseSocket(socket, "message-invalid", detail);
    else onRefused("message-invalid", detail);
  }

  function onSocket(socket: WebSocket, request: IncomingMessage): void {
    socket.on("error", () => {});
    if (states.size >= (options.maxSockets ?? defaultMaxSockets))
      return refuseSocket(socket, "foreign-too-many");
    const state = { heardAt: performance.now(), isAsked: false };
    states.set(socket, state);
    const side: ForeignSocket = {
      refuse: (code, detail) => refuseSocket(socket, code, detail),
      pause: (isPaused) => (isPaused ? socket.pause() : socket.resume()),
    };
    const connection = connect(side, request, socket.protocol);
    onSocketMessage(socket, (bytes, isBinary) => {
      state.heardAt = performance.now();
      state.isAsked = false;
      if (socket.readyState !== socket.OPEN) return;
      contain(
        () => connection.onMessage(bytes, isBinary),
        (fault) => onFault(socket, fault),
      );
    });
    socket.on("pong", () => (state.isAsked = false));
    socket.on("close", (closeCode) => {
      states.delete(socket);
      contain(
        () => connection.onClose(closeCode),
        (fault) => onFault(socket, fault),
      );
    });
  }

  const idleMs = options.idleMs ?? defaultIdleMs;
  const heartbeat = setInterval(() => {
    const now = performance.now();
    for (const [socket, state] of states) {
      // What is not read cannot hold the answer.
      if (socket.isPaused) continue;
      if (state.isAsked) socket.terminate();
      else if (now - state.heardAt > idleMs) refuseSocket(socket, "foreign-idle");
      else {
        state.isAsked = true;
        socket.ping();
      }
    }
  }, options.heartbeatMs ?? defaultHeartbeatMs);

  return {
    upgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, onSocket);
    },
    async close() {
      clearInterval(heartbeat);
      for (const socket of states.keys()) refuseSocket(socket, "server-stopping");
      const deadline = Date.now() + 500;
      while (states.size > 0 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      for (const socket of states.keys()) socket.terminate();
      sockets.close();
    },
  };
}

function closeCodeOf(code: ForeignErrorCode | IngestErrorCode): number {
  return isForeign(code) ? (foreignError(code).closeCode ?? 1008) : ingestError(code).closeCode;
}

function isForeign(code: ForeignErrorCode | IngestErrorCode): code is ForeignErrorCode {
  return /^(foreign|rtcstats|observertc)-/.test(code);
}
