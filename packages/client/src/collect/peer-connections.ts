import type { Recorder } from "../recorder.ts";
import type { TellCall } from "./api-calls.ts";
import type { Connection, Listen } from "./connection.ts";
import type { Tracks } from "./tracks.ts";
import type { Wrapper } from "./wrap.ts";

export interface PeerConnections {
  /** Watches a connection, if it is not watched yet; a name is told in any case. */
  observe(pc: RTCPeerConnection, name?: string): void;
  /** Those that are open. Looks after each of them, for what no event tells. */
  check(): readonly Connection[];
}

/** Watched methods with the names of their arguments. */
const methods = {
  createOffer: "options",
  createAnswer: "options",
  setLocalDescription: "description",
  setRemoteDescription: "description",
  addIceCandidate: "candidate",
  addTrack: "track stream",
  removeTrack: "sender",
  addTransceiver: "track init",
  close: "",
  restartIce: "",
  setConfiguration: "configuration",
  createDataChannel: "label init",
};

const states = {
  "connection-state-changed": "connectionState",
  "ice-connection-state-changed": "iceConnectionState",
  "ice-gathering-state-changed": "iceGatheringState",
  "signaling-state-changed": "signalingState",
} as const;

/** `sample` takes a sample of a connection now, whatever the cadence. */
export function watchPeerConnections(
  { attempt, emit }: Recorder,
  wrapper: Wrapper,
  listen: Listen,
  tellCall: TellCall,
  tracks: Tracks,
  sample: (connection: Connection) => void,
): PeerConnections {
  const open = new Map<unknown, Connection>();
  // Missing in a browser or an enterprise policy without WebRTC.
  const { RTCPeerConnection, RTCRtpSender, MediaStreamTrack } = globalThis as Partial<typeof globalThis>;
  let count = 0;

  function register(pc: RTCPeerConnection, configuration: unknown, name?: string): Connection {
    const id = `pc-${++count}`;
    const connection: Connection = { id, pc, tracks: new Map(), pending: false };
    open.set(pc, connection);
    emit("connection-created", { name, configuration }, id);
    for (const [event, member] of Object.entries(states) as [keyof typeof states, "connectionState"][]) {
      const tell = (): void => emit(event, { state: pc[member] }, id);
      // One that was there before the SDK.
      if (!/^(new|stable)$/.test(pc[member])) tell();
      listen(pc, `${member.toLowerCase()}change`, () => {
        tell();
        if (pc[member] === "connected") sample(connection);
      });
    }
    listen(pc, "negotiationneeded", () => emit("negotiation-needed", {}, id));
    listen(pc, "icecandidate", (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent;
      if (!candidate?.candidate) return;
      const { type, protocol, address, url, relayProtocol } = candidate as RTCIceCandidate & {
        url?: string;
        relayProtocol?: string;
      };
      emit("ice-candidate-gathered", { type, protocol, address, url, relayProtocol }, id);
    });
    listen(pc, "icecandidateerror", (event) => {
      const { errorCode, errorText, url } = event as RTCPeerConnectionIceErrorEvent;
      emit("ice-candidate-failed", { errorCode, errorText, url }, id);
    });
    listen(pc, "track", (event) => tracks.watch(connection, (event as RTCTrackEvent).track, "remote"));
    listen(pc, "datachannel", (event) => watchChannel((event as RTCDataChannelEvent).channel, id));
    return connection;
  }

  function watchChannel(channel: RTCDataChannel, id: string): void {
    const tell = (): void => emit("data-channel-opened", { label: channel.label }, id);
    if (channel.readyState === "open") tell();
    else listen(channel, "open", tell);
  }

  function connectionOf(pc: unknown): Connection | undefined {
    const known = open.get(pc);
    if (known || !RTCPeerConnection || !(pc instanceof RTCPeerConnection)) return known;
    return pc.signalingState === "closed" ? undefined : register(pc, pc.getConfiguration());
  }

  function connectionWith(sender: unknown): Connection | undefined {
    return [...open.values()].find(({ pc }) => pc.getSenders().some((known) => known === sender));
  }

  function closed({ pc, id }: Connection, reason?: string): void {
    if (open.delete(pc)) emit("connection-closed", { reason }, id);
  }

  for (const [method, names] of Object.entries(methods)) {
    wrapper.method(RTCPeerConnection?.prototype, method, (pc, args) => {
      const connection = connectionOf(pc);
      if (!connection) return undefined;
      // Asked before the native close: the report has the last counters, or in Chromium what is left of them.
      if (method === "close") sample(connection);
      const settle = tellCall(method, names, args, connection.id);
      return (rejected, value) => {
        settle(rejected, value);
        if (rejected) return;
        if (method === "close") closed(connection, "closed-by-app");
        else if (method === "createDataChannel") watchChannel(value as RTCDataChannel, connection.id);
        else if (method.startsWith("addT")) tracks.check(connection);
      };
    });
  }
  wrapper.creation("RTCPeerConnection", (pc, [configuration]) => {
    // Another SDK behind this one may have used it already.
    if (!open.has(pc)) register(pc as RTCPeerConnection, configuration);
  });
  wrapper.method(RTCRtpSender?.prototype, "replaceTrack", (sender, args) => {
    const connection = connectionWith(sender);
    const from = (sender as RTCRtpSender).track;
    const to = args[0] as MediaStreamTrack | null;
    const settle = tellCall("replaceTrack", "track", args, connection?.id);
    return (rejected, value) => {
      settle(rejected, value);
      if (rejected || !connection) return;
      const { kind } = to ?? from ?? {};
      emit("sender-track-replaced", { from: from?.id ?? null, to: to?.id ?? null, kind }, connection.id);
      tracks.check(connection);
    };
  });
  wrapper.method(RTCRtpSender?.prototype, "setParameters", (sender, args) =>
    tellCall("setParameters", "parameters", args, connectionWith(sender)?.id),
  );
  wrapper.method(MediaStreamTrack?.prototype, "stop", (track) => () => {
    tracks.stopped(track as MediaStreamTrack, open.values());
  });

  return {
    observe(pc, name) {
      const known = open.get(pc);
      if (!known) register(pc, pc.getConfiguration(), name);
      else if (name) emit("connection-created", { name }, known.id);
    },
    check() {
      for (const connection of open.values()) {
        attempt("check", () => {
          if (connection.pc.signalingState === "closed") closed(connection);
          else tracks.check(connection);
        });
      }
      return [...open.values()];
    },
  };
}
