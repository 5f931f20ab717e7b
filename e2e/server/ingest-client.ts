import { WebSocket } from "ws";
import type { ServerMessage } from "@peerscope/schema";
import type { PeerscopeProcess } from "../support/peerscope.ts";

/** A client that speaks the ingest protocol frame by frame, so that a test can say what the SDK never would. */
export interface IngestClient {
  readonly messages: readonly ServerMessage[];
  /** Highest sequence the server said is on disk, by welcome or ack; -1 for none. */
  readonly acknowledged: number;
  /** Close code and what the connection was closed with; null while it is open. */
  readonly closed: { readonly code: number; readonly error: string | null } | null;
  send(message: string | Uint8Array): void;
  /** Resolves when `predicate` holds, with true, or when the connection is closed, with false. */
  until(predicate: () => boolean): Promise<boolean>;
  /** Drops the connection without a word. */
  drop(): void;
}

/** Connects; a server that is not there gives a client that is closed. */
export async function connectIngest(url: string): Promise<IngestClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ingest`, { perMessageDeflate: false });
  const messages: ServerMessage[] = [];
  const watchers = new Set<() => void>();
  const wake = (): void => {
    for (const watcher of watchers) watcher();
  };
  let acknowledged = -1;
  let closed: IngestClient["closed"] = null;
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as ServerMessage;
    messages.push(message);
    if (typeof message === "number") acknowledged = Math.max(acknowledged, message);
    else if (message.type === "welcome") acknowledged = Math.max(acknowledged, message.acknowledged);
    wake();
  });
  await new Promise<void>((resolve) => {
    socket.on("open", resolve);
    socket.on("error", () => resolve());
    socket.on("close", (code) => {
      const last = messages.at(-1);
      closed = { code, error: typeof last === "object" && last.type === "error" ? last.code : null };
      wake();
      resolve();
    });
  });
  return {
    messages,
    get acknowledged() {
      return acknowledged;
    },
    get closed() {
      return closed;
    },
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    until(predicate) {
      return new Promise((resolve) => {
        const check = (): void => {
          const held = predicate();
          if (!held && closed === null) return;
          watchers.delete(check);
          resolve(held);
        };
        watchers.add(check);
        check();
      });
    },
    drop: () => socket.terminate(),
  };
}

/** The hello of a session, as it should be, with changes. */
export function hello(
  server: PeerscopeProcess,
  sessionId: string,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: server.ingestKey, ...changes });
}

/** Connects and says hello; resolves after the welcome, or closed. */
export async function joinSession(server: PeerscopeProcess, sessionId: string): Promise<IngestClient> {
  const client = await connectIngest(server.url);
  client.send(hello(server, sessionId));
  await client.until(() => client.messages.length > 0);
  return client;
}
