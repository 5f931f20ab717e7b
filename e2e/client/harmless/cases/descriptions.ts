/* oxlint-disable typescript/unbound-method -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Offers, answers and candidates.
export function descriptionCases(defineCases: DefineCases): void {
  type Loose = Record<string, (...args: unknown[]) => unknown>;
  /** The same connection, for calls that today's types do not know. */
  const loose = (pc: RTCPeerConnection): Loose => pc as unknown as Loose;

  defineCases("descriptions", {
    "createOffer with options": async ({ attempt, pc }) => {
      await attempt("audio", () => pc().createOffer({ offerToReceiveAudio: true }));
      await attempt("both", () => pc().createOffer({ offerToReceiveAudio: true, offerToReceiveVideo: true }));
      await attempt("restart", () => pc().createOffer({ iceRestart: true }));
      await attempt("empty", () => pc().createOffer({}));
    },
    "createAnswer before an offer": async ({ attempt, pc }) => {
      await attempt("createAnswer", () => pc().createAnswer());
    },
    "setLocalDescription without an argument": async ({ attempt, pc, log }) => {
      const connection = pc();
      connection.addTransceiver("audio");
      await attempt("setLocalDescription", () => connection.setLocalDescription());
      log(connection.signalingState, connection.localDescription, connection.pendingLocalDescription);
    },
    "setLocalDescription with another description than created": async ({ attempt, pc, log }) => {
      const connection = pc();
      connection.addTransceiver("audio");
      const { sdp = "" } = await connection.createOffer();
      await attempt("wrong", () => connection.setLocalDescription({ type: "offer", sdp: "nonsense" }));
      await attempt("munged", () =>
        connection.setLocalDescription({
          type: "offer",
          sdp: sdp.replace("useinbandfec=1", "useinbandfec=0"),
        }),
      );
      log(connection.signalingState);
      await attempt("rollback", () => connection.setLocalDescription({ type: "rollback" }));
      log(connection.signalingState);
    },
    "setRemoteDescription that cannot be parsed": async ({ attempt, pc, log }) => {
      for (const sdp of [
        "",
        "nonsense",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio",
      ])
        await attempt(JSON.stringify(sdp), () => pc().setRemoteDescription({ type: "offer", sdp }));
      await attempt("no sdp", () => pc().setRemoteDescription({ type: "offer" }));
      await attempt("answer first", () => pc().setRemoteDescription({ type: "answer", sdp: "" }));
      await attempt("unknown type", () =>
        Reflect.apply(pc().setRemoteDescription, pc(), [{ type: "question", sdp: "" }]),
      );
      log("done");
    },
    "instances of the classes as arguments": async ({ attempt, pc }) => {
      const [a, b] = [pc(), pc()];
      a.createDataChannel("label");
      const offer = new RTCSessionDescription(await a.createOffer());
      await attempt("local", () => a.setLocalDescription(offer));
      await attempt("remote", () => b.setRemoteDescription(offer));
      await attempt("candidate", () =>
        b.addIceCandidate(
          new RTCIceCandidate({ candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0" }),
        ),
      );
    },
    "what a created description is": async ({ log, pc }) => {
      const connection = pc();
      connection.createDataChannel("label");
      const offer = await connection.createOffer();
      log(
        offer,
        Object.prototype.toString.call(offer),
        offer.constructor.name,
        offer instanceof RTCSessionDescription,
      );
      log(Object.keys(offer).join(), Object.keys(JSON.parse(JSON.stringify(offer))).join());
      const offer2 = await connection.createOffer();
      log(offer === offer2, offer.sdp?.split("\r\n").length === offer2.sdp?.split("\r\n").length);
    },
    "addIceCandidate in its forms": async ({ attempt, pair }) => {
      const { a } = await pair();
      const line = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host";
      await attempt("end of candidates", () => a.addIceCandidate());
      await attempt("null", () => a.addIceCandidate(null));
      await attempt("empty", () => a.addIceCandidate({ candidate: "", sdpMid: "0" }));
      await attempt("line", () => a.addIceCandidate({ candidate: line, sdpMid: "0" }));
      await attempt("index", () => a.addIceCandidate({ candidate: line, sdpMLineIndex: 0 }));
      await attempt("nowhere", () => a.addIceCandidate({ candidate: line }));
      await attempt("unknown mid", () => a.addIceCandidate({ candidate: line, sdpMid: "99" }));
      await attempt("unknown index", () => a.addIceCandidate({ candidate: line, sdpMLineIndex: 99 }));
      await attempt("nonsense", () => a.addIceCandidate({ candidate: "nonsense", sdpMid: "0" }));
    },
    "addIceCandidate before there is a description": async ({ attempt, pc }) => {
      await attempt("line", () =>
        pc().addIceCandidate({ candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0" }),
      );
    },
    "calls on a closed connection": async ({ attempt, pc, track }) => {
      const connection = pc();
      const sender = connection.addTrack(await track());
      connection.close();
      connection.close();
      const calls: [string, ...unknown[]][] = [
        ["createOffer"],
        ["createAnswer"],
        ["setLocalDescription"],
        ["setRemoteDescription", { type: "offer", sdp: "" }],
        ["addTrack", await track()],
        ["removeTrack", sender],
        ["addTransceiver", "audio"],
        ["restartIce"],
        ["setConfiguration", {}],
        ["createDataChannel", "label"],
        ["getStats"],
      ];
      for (const [name, ...args] of calls)
        await attempt(name, () => loose(connection)[name]?.call(connection, ...args));
      await attempt("replaceTrack", () => sender.replaceTrack(null));
      await attempt("setParameters", () => sender.setParameters(sender.getParameters()));
    },
    "closing while a call is under way": async ({ log, pc, pause }) => {
      const connection = pc();
      connection.addTransceiver("audio");
      void connection.createOffer().then(
        () => log("offer"),
        (error: unknown) => log("no offer", error),
      );
      connection.close();
      await pause(50);
      log(connection.signalingState);
    },
    "several calls at once are done one after the other": async ({ log, pc }) => {
      const connection = pc();
      connection.addTransceiver("audio");
      const note = (name: string) => () => log(name, connection.signalingState);
      await Promise.all([
        connection.setLocalDescription().then(note("local")),
        connection.setLocalDescription({ type: "rollback" }).then(note("rollback")),
        connection.setLocalDescription().then(note("local again")),
      ]);
    },
    "getConfiguration and setConfiguration": async ({ attempt, pc }) => {
      const connection = pc({
        iceServers: [{ urls: "turn:127.0.0.1:3478", username: "u", credential: "c" }],
        bundlePolicy: "max-bundle",
      });
      await attempt("get", () => connection.getConfiguration());
      await attempt("set", () => connection.setConfiguration({ bundlePolicy: "max-bundle" }));
      await attempt("another policy", () => connection.setConfiguration({ bundlePolicy: "balanced" }));
      await attempt("wrong server", () =>
        connection.setConfiguration({ iceServers: [{ urls: "nonsense" }] }),
      );
      await attempt("get", () => connection.getConfiguration());
    },
    "getStats of a connection, a sender and a receiver": async ({ log, pc, track }) => {
      const connection = pc();
      const sender = connection.addTrack(await track());
      const [transceiver] = connection.getTransceivers();
      for (const owner of [connection, sender, transceiver?.receiver]) {
        const report = await owner?.getStats();
        log(
          Object.prototype.toString.call(report),
          report?.constructor.name,
          typeof report?.get,
          [...(report?.keys() ?? [])].length > 0 || "empty",
        );
      }
      const other = await track();
      await connection.getStats(other).then(
        () => log("a report"),
        (error: unknown) => log(error),
      );
    },
  });
}
