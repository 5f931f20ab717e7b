import { WebSocketServer, type WebSocket } from "ws";
import type { StandIn } from "../library-lab.ts";

/**
 * As much of a SIP proxy as two user agents on WebSockets need (RFC 7118): it answers REGISTER, and carries requests to
 * the user whom they name, registered or known by the Contact of a message, and answers back along their Via branch.
 */
export function sipProxy(): StandIn {
  const users = new Map<string, WebSocket>();
  const askers = new Map<string, WebSocket>();
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has("sip") ? "sip" : false),
  });
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      const [first = ""] = text.split("\r\n", 1);
      const branch = /^via:.*branch=([^;\s]+)/im.exec(text)?.[1] ?? "";
      const contact = /^contact:\s*.*<sip:([^@;>]+)@/im.exec(text)?.[1];
      if (contact !== undefined) users.set(contact, socket);
      if (first.startsWith("SIP/2.0")) {
        askers.get(branch)?.send(text);
        return;
      }
      const [method, callee] = /^(\S+) sip:(?:([^@\s]+)@)?/.exec(first)?.slice(1) ?? [];
      if (method === "REGISTER") {
        users.set(/^to:.*sip:([^@>]+)@/im.exec(text)?.[1] ?? "", socket);
        socket.send(accepted(text));
        return;
      }
      askers.set(branch, socket);
      users.get(callee ?? "")?.send(text);
    });
  });
  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  };
}

/** 200 OK with the headers that RFC 3261, 8.2.6.2, takes over from the request. */
function accepted(request: string): string {
  const kept = request.split("\r\n").filter((line) => /^(via|from|call-id|cseq|contact):/i.test(line));
  const to = /^to:.*$/im.exec(request)?.[0] ?? "";
  return ["SIP/2.0 200 OK", ...kept, `${to};tag=registrar`, "Content-Length: 0", "", ""].join("\r\n");
}
