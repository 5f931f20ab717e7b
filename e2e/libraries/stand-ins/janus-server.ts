import { WebSocketServer } from "ws";
import type { FarEnd } from "../far-end.ts";
import type { StandIn } from "../library-lab.ts";

interface Request {
  readonly janus: string;
  readonly transaction: string;
  readonly jsep?: { readonly type: string; readonly sdp: string };
}

/** Janus' WebSocket protocol as far as the echo test needs it: one session and one handle for each socket. */
export function janusServer(farEnd: FarEnd): StandIn {
  const plugin = "janus.plugin.echotest";
  let handles = 0;
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "janus-protocol" });
  sockets.on("connection", (socket) => {
    const handle = ++handles;
    const id = `janus-${handle}`;
    const say = (message: object): void => socket.send(JSON.stringify({ session_id: handle, ...message }));
    async function answer({ janus, transaction, jsep }: Request): Promise<void> {
      if (janus === "create" || janus === "attach") {
        return say({ janus: "success", transaction, data: { id: handle } });
      }
      if (janus === "detach" || janus === "destroy") {
        await farEnd.close(id);
        return say({ janus: "success", transaction });
      }
      say({ janus: "ack", transaction });
      if (janus === "hangup") await farEnd.close(id);
      if (janus !== "message" || !jsep) return;
      const sdp = await farEnd.answer(id, jsep.sdp);
      const plugindata = { plugin, data: { echotest: "event", result: "ok" } };
      say({ janus: "event", sender: handle, transaction, plugindata, jsep: { type: "answer", sdp } });
      say({ janus: "webrtcup", sender: handle });
    }
    socket.on("message", (text: Buffer) => void answer(JSON.parse(text.toString()) as Request));
  });
  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  };
}
