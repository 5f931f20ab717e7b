import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import type { IceRelay } from "./ice-relay.ts";
import type { Janus } from "./janus.ts";
import type { Recorder } from "./recorder.ts";

/** Serves the page, carries signalling through the relay's rewriting, and takes the pages' recordings. */
export interface LabServer {
  readonly pageUrl: string;
  /** WebSocket of one participant. */
  socketUrl(peer: string): string;
  /** WebSocket that one participant speaks with the media server. */
  sfuUrl(peer: string): string;
  close(): Promise<void>;
}

/** A message of a page. Both ends are the lab's own, so its shape is not checked. */
interface PageMessage {
  /** Recording: the file; the rest of the message is the line. */
  readonly record?: "events" | "getstats";
  readonly join?: true;
  readonly to?: string;
  readonly description?: { readonly type: string; readonly sdp: string };
  readonly candidate?: { readonly candidate: string };
}

export async function startLabServer(
  relay: IceRelay,
  recorder: Recorder,
  janus: Janus | null = null,
): Promise<LabServer> {
  const joined = new Map<string, WebSocket>();
  // Loopback is a secure context, so getUserMedia works without certificates.
  const http = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      '<!doctype html><meta charset="utf-8"><title>Lab</title><link rel="icon" href="data:,"><body></body>',
    );
  });
  const sockets = new WebSocketServer({
    server: http,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  });

  const receive = async (peer: string, socket: WebSocket, message: PageMessage): Promise<void> => {
    const { record, join, to, ...rest } = message;
    if (record !== undefined) recorder.add(record, { peer, ...rest });
    else if (join === true) {
      socket.send(JSON.stringify({ peers: [...joined.keys()] }));
      joined.set(peer, socket);
    } else if (to !== undefined) {
      const rewritten = await rewrite(peer, to, rest);
      if (rewritten !== null) joined.get(to)?.send(JSON.stringify({ from: peer, ...rewritten }));
    }
  };
  const rewrite = async (
    from: string,
    to: string,
    { description, candidate }: PageMessage,
  ): Promise<PageMessage | null> => {
    if (description !== undefined)
      return {
        description: { ...description, sdp: await relay.rewriteDescription(from, to, description.sdp) },
      };
    if (candidate === undefined) return null;
    const line = await relay.rewriteCandidate(from, to, candidate.candidate);
    return line === null ? null : { candidate: { ...candidate, candidate: line } };
  };

  sockets.on("connection", (socket, request) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://lab");
    const peer = searchParams.get("peer") ?? "";
    if (pathname === "/sfu") {
      janus?.connect(peer, socket, relay, recorder);
      return;
    }
    // In order: rewriting waits for sockets, and candidates must not overtake descriptions.
    let done = Promise.resolve();
    socket.on("message", (data: Buffer) => {
      done = done
        .then(() => receive(peer, socket, JSON.parse(data.toString())))
        .catch((error: unknown) => recorder.event("server.fail", { peer, message: String(error) }));
    });
    socket.on("close", () => joined.delete(peer));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("the lab server has no port");
  return {
    pageUrl: `http://127.0.0.1:${address.port}/`,
    sfuUrl: (peer) => `ws://127.0.0.1:${address.port}/sfu?peer=${encodeURIComponent(peer)}`,
    socketUrl: (peer) => `ws://127.0.0.1:${address.port}/?peer=${encodeURIComponent(peer)}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
      await once(http, "close");
    },
  };
}
