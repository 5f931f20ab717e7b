import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface WaitingSocketsOptions {
  /** Null for one that is not counted by its address. */
  readonly addressOf: (remoteAddress: string | undefined) => string | null;
  /** Called for each that is closed. */
  readonly onEvicted: () => void;
  readonly maxWaiting?: number;
  readonly maxWaitingPerAddress?: number;
}

/** Sockets without a request: half-open, slow with their first lines, or idle between two requests. Ours. */
const defaultMaxWaiting = 4_000;
const defaultMaxWaitingPerAddress = 500;

/**
 * Bounds the connections that ask for nothing. When there are too many, the one that has waited longest is closed, of its address
 * or of all, so that thousands of sockets that never speak keep nobody out: who does speak waits for a moment only.
 */
export function boundWaitingSockets(server: Server, options: WaitingSocketsOptions): void {
  const maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
  const maxOfAddress = options.maxWaitingPerAddress ?? defaultMaxWaitingPerAddress;
  /** By the two ends, which a socket and the TLS socket on it have in common; oldest first. */
  const waiting = new Map<string, { readonly socket: Socket; readonly address: string | null }>();
  const byAddress = new Map<string, Set<string>>();

  function wait(name: string, socket: Socket, address: string | null): void {
    waiting.set(name, { socket, address });
    if (address !== null) {
      const names = byAddress.get(address) ?? new Set();
      byAddress.set(address, names.add(name));
      if (names.size > maxOfAddress) evict(names.values().next().value);
    }
    if (waiting.size > maxWaiting) evict(waiting.keys().next().value);
  }

  function leave(name: string): Socket | null {
    const known = waiting.get(name);
    if (known === undefined) return null;
    waiting.delete(name);
    const names = known.address === null ? undefined : byAddress.get(known.address);
    names?.delete(name);
    if (names?.size === 0 && known.address !== null) byAddress.delete(known.address);
    return known.socket;
  }

  function evict(name: string | undefined): void {
    if (name === undefined) return;
    leave(name)?.destroy();
    options.onEvicted();
  }

  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    wait(name, socket, options.addressOf(socket.remoteAddress));
    socket.once("close", () => leave(name));
  });
  server.on("upgrade", (_request: IncomingMessage, socket: Socket) => void leave(nameOf(socket)));
  server.on("request", (_request: IncomingMessage, response: ServerResponse) => {
    const { socket } = response;
    if (socket === null) return;
    const name = nameOf(socket);
    const tcp = leave(name);
    if (tcp === null) return;
    response.once("close", () => {
      if (!tcp.destroyed) wait(name, tcp, options.addressOf(tcp.remoteAddress));
    });
  });
}

function nameOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}
