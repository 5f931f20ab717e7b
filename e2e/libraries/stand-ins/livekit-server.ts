import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import type { FarEnd } from "../far-end.ts";
import type { StandIn } from "../library-lab.ts";

/** The messages of LiveKit's signalling that are read here; the protocol package comes with livekit-client. */
interface SessionDescription {
  readonly sdp: string;
  readonly id: number;
}
type SignalMessage =
  | { readonly case: "offer"; readonly value: SessionDescription }
  | { readonly case: "addTrack"; readonly value: { readonly cid: string; readonly type: number } }
  | { readonly case: "leave" | "pingReq"; readonly value: unknown };
interface Decoder<Message> {
  fromBinary(bytes: Uint8Array): Message;
}
interface Protocol {
  readonly WrappedJoinRequest: Decoder<{ readonly joinRequest: Uint8Array }>;
  readonly JoinRequest: Decoder<{ readonly publisherOffer?: SessionDescription }>;
  readonly SignalRequest: Decoder<{ readonly message: SignalMessage }>;
}
const requireHere = createRequire(import.meta.url);
const { WrappedJoinRequest, JoinRequest, SignalRequest } = createRequire(
  requireHere.resolve("livekit-client"),
)("@livekit/protocol") as Protocol;

/** A LiveKit room in which somebody is already, over one connection a client, as livekit-client asks for by default. */
export function livekitServer(farEnd: FarEnd): StandIn {
  const sockets = new WebSocketServer({ noServer: true });
  const kinds = ["AUDIO", "VIDEO"];
  const lee = {
    sid: "PA_lee",
    identity: "lee",
    state: "ACTIVE",
    tracks: kinds.map((type) => ({ sid: `TR_${type.toLowerCase()}`, type, name: type.toLowerCase() })),
  };
  const permission = { canSubscribe: true, canPublish: true, canPublishData: true };
  let clients = 0;
  sockets.on("connection", (socket, request) => {
    const id = `livekit-${++clients}`;
    // The client reads JSON as well as protobuf.
    const say = (message: object): void => socket.send(JSON.stringify(message));
    /** One after the other, as negotiations are. */
    let answered = Promise.resolve();
    const answer = ({ sdp, id: offerId }: SessionDescription): void => {
      answered = answered.then(async () => {
        const plain = await farEnd.answer(id, sdp);
        // Whose a track is stands in its stream, and which it is in the map.
        const midToTrackId = Object.fromEntries(
          plain.split(/^m=/m).flatMap((section) => {
            const sends = /^a=sendrecv|^a=sendonly/m.test(section) && /^a=msid:/m.test(section);
            const mid = /^a=mid:(\S+)/m.exec(section)?.[1] ?? "";
            return sends ? [[mid, `TR_${section.split(" ", 1)[0] ?? ""}`]] : [];
          }),
        );
        say({
          answer: {
            type: "answer",
            sdp: plain.replace(/^a=msid:\S+/gm, "a=msid:PA_lee"),
            id: offerId,
            midToTrackId,
          },
        });
      });
    };
    socket.on("message", (data: Buffer) => {
      const { message } = SignalRequest.fromBinary(data);
      if (message.case === "offer") answer(message.value);
      if (message.case === "addTrack") {
        const { cid, type } = message.value;
        say({ trackPublished: { cid, track: { sid: `TR_own_${type}`, type: kinds[type], name: cid } } });
      }
      if (message.case === "leave") void farEnd.close(id);
    });

    const asked = new URL(request.url ?? "", "http://localhost").searchParams.get("join_request") ?? "";
    const { joinRequest } = WrappedJoinRequest.fromBinary(Buffer.from(asked, "base64"));
    const { publisherOffer } = JoinRequest.fromBinary(gunzipSync(joinRequest));
    say({
      join: {
        room: { sid: "RM_test", name: "test" },
        participant: { sid: "PA_kim", identity: "kim", state: "ACTIVE", permission },
        otherParticipants: [lee],
        serverInfo: { version: "1.9.0", protocol: 16 },
        pingInterval: 10,
        pingTimeout: 20,
      },
    });
    if (publisherOffer) answer(publisherOffer);
  });
  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  };
}
