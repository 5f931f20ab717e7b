import { WebSocketServer, type WebSocket } from "ws";
import type { StandIn } from "../library-lab.ts";

/** What PeerServer does: says OPEN, and carries messages from one name to another. */
export function peerServer(): StandIn {
  const peers = new Map<string, WebSocket>();
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (socket, request) => {
    const name = new URL(request.url ?? "", "http://localhost").searchParams.get("id") ?? "";
    peers.set(name, socket);
    socket.on("close", () => peers.delete(name));
    socket.on("message", (text: Buffer) => {
      const message = JSON.parse(text.toString()) as { readonly type: string; readonly dst?: string };
      const addressee = peers.get(message.dst ?? "");
      addressee?.send(JSON.stringify({ ...message, src: name }));
    });
    socket.send(JSON.stringify({ type: "OPEN" }));
  });
  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  };
}
