import type { SeenCandidate } from "@peerscope/schema";
import type { Recorder } from "../recorder.ts";
import type { TellCall } from "./api-calls.ts";
import type { Connection, Listen, Look } from "./connection.ts";
import type { Begin, Wrapper } from "./wrap.ts";

export interface PeerConnections {
  /** Watches a connection, if it is not watched yet; a name is told in any case. */
  readonly observe: (pc: RTCPeerConnection, name?: string) => void;
  /** Those that are open. Looks after each of them, for what no event tells. */
  readonly check: () => readonly Connection[];
  /** Adds what else looks after them. */
  readonly extend: (look: Look) => void;
}

/**
 * Watched methods by interface, with the names of their arguments. Where it is not the connection, the first one is what the
 * method was called on.
 */
const methods = {
  RTCPeerConnection: {
    createOffer: "options",
    createAnswer: "options",
    setLocalDescription: "description",
    setRemoteDescription: "description",
    addIceCandidate: "candidate",
    addTrack: "track stream",
    removeTrack: "sender",
    addTransceiver: "track init",
    addStream: "stream",
    removeStream: "stream",
    close: "",
    restartIce: "",
    setConfiguration: "configuration",
    createDataChannel: "label init",
    getStats: "selector",
  },
  RTCRtpSender: {
    replaceTrack: "transceiver track",
    setParameters: "transceiver parameters",
    setStreams: "transceiver stream",
  },
  RTCRtpTransceiver: {
    stop: "transceiver",
    setCodecPreferences: "transceiver codecs",
    setHeaderExtensionsToNegotiate: "transceiver extensions",
  },
  MediaStreamTrack: { stop: "track", applyConstraints: "track constraints" },
};

/** States of a connection; the event of `iceConnectionState` is `ice-connection-state-changed`. */
const states = ["connectionState", "iceConnectionState", "iceGatheringState", "signalingState"] as const;

/** `sample` takes a sample of a connection now, whatever the cadence. Ids of connections begin with `idPrefix`. */
export function watchPeerConnections(
  { attempt, emit }: Recorder,
  wrapper: Wrapper,
  listen: Listen,
  tellCall: TellCall,
  sample: (connection: Connection) => void,
  idPrefix = "pc-",
): PeerConnections {
  /** Closed ones too, as long as the app has them: what it still calls on them fails, and that is told. */
  const known = new WeakMap<WeakKey, Connection>();
  const open = new Set<Connection>();
  const looks: Look[] = [];
  const stoppedByApp = new WeakSet();
  // The native one, in a page that has it; what follows puts another in its place.
  const { RTCPeerConnection } = globalThis;
  let count = 0;

  function register(pc: RTCPeerConnection, configuration: unknown, name?: string): void {
    const id = idPrefix + ++count;
    const connection: Connection = {
      id,
      pc,
      received: new Set(),
      channels: new Set(),
      descriptions: new Map(),
      isPending: false,
    };
    known.set(pc, connection);
    open.add(connection);
    emit("connection-created", { name, configuration }, id);
    for (const member of states) {
      const event = `${member.replace(/[A-Z]/g, "-$&").toLowerCase()}-changed` as "connection-state-changed";
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
      // TypeScript 6.0 does not know the last two.
      const { type, protocol, address, port, url, relayProtocol } = candidate as RTCIceCandidate &
        SeenCandidate;
      emit("ice-candidate-gathered", { type, protocol, address, port, url, relayProtocol }, id);
    });
    listen(pc, "icecandidateerror", (event) => {
      const { errorCode, errorText, url, address, port } = event as RTCPeerConnectionIceErrorEvent;
      emit("ice-candidate-failed", { errorCode, errorText, url, address, port }, id);
    });
    listen(pc, "track", (event) => {
      const { track, transceiver, streams } = event as RTCTrackEvent;
      const streamIds = streams.map((stream) => stream.id);
      emit(
        "remote-track-added",
        { trackId: track.id, kind: track.kind, mid: transceiver.mid, streamIds },
        id,
      );
      connection.received.add(track);
      look(connection);
    });
    listen(pc, "datachannel", (event) => connection.channels.add((event as RTCDataChannelEvent).channel));
  }

  /** Also of one that was there before. */
  function connectionOf(pc: unknown): Connection | undefined {
    try {
      if (!known.has(pc as object) && pc instanceof RTCPeerConnection && pc.signalingState !== "closed")
        register(pc, pc.getConfiguration());
    } catch {
      // It only looks like a connection, and the app's call fails.
    }
    return known.get(pc as object);
  }

  /** The connection of a sender, transceiver or track, and what it is told as: a sender as its transceiver. */
  function ownerOf(part: unknown): [told: unknown, connection?: Connection] {
    for (const connection of open) {
      for (const transceiver of connection.pc.getTransceivers()) {
        const { sender, receiver } = transceiver;
        if (part === transceiver || part === sender) return [transceiver, connection];
        if (part === sender.track || part === receiver.track) return [part, connection];
      }
    }
    return [part];
  }

  function look(connection: Connection): void {
    const transceivers = connection.pc.getTransceivers();
    for (const look of looks) look(connection, transceivers, stoppedByApp);
  }

  function closed(connection: Connection, reason?: string): void {
    if (open.delete(connection)) emit("connection-closed", { reason }, connection.id);
  }

  function check(): readonly Connection[] {
    for (const connection of open) {
      attempt("check", () => {
        if (connection.pc.signalingState === "closed") closed(connection);
        else look(connection);
      });
    }
    return [...open];
  }

  /** Follows the calls of a method of connections, or of parts of them: senders, transceivers, tracks. */
  function follow(method: string, names: string, isOfPart: boolean): Begin {
    return (self, args) => {
      const [told, connection] = isOfPart ? ownerOf(self) : [self, connectionOf(self)];
      if (!connection && !isOfPart) return undefined;
      // Asked before the native close: the report has the last counters, or in Chromium what is left of them.
      if (connection && open.has(connection) && method === "close") sample(connection);
      const settle = tellCall(method, names, isOfPart ? [told, ...args] : args, connection);
      return (rejected, value) => {
        if (rejected) return settle(rejected, value);
        let result = value;
        if (method === "applyConstraints") result = (self as MediaStreamTrack).getSettings();
        // Called without a description, it makes one by itself.
        if (method === "setLocalDescription" && !Object(args[0]).sdp)
          result = connection?.pc.localDescription;
        settle(rejected, result);
        if (method === "stop") {
          stoppedByApp.add(self as object);
          // A track may be in more than one connection.
          check();
        } else if (!connection) return;
        else if (method === "close") closed(connection, "closed-by-app");
        else {
          if (method === "createDataChannel") connection.channels.add(value as RTCDataChannel);
          look(connection);
        }
      };
    };
  }

  for (const [owner, calls] of Object.entries(methods)) {
    const { prototype } = (Reflect.get(globalThis, owner) ?? {}) as { readonly prototype?: object };
    for (const [method, names] of Object.entries(calls))
      wrapper.method(prototype, method, follow(method, names, owner !== "RTCPeerConnection"));
  }
  wrapper.creation(
    "RTCPeerConnection",
    (pc, [configuration]) => {
      // Another SDK behind this one may have used it already.
      if (!known.has(pc)) register(pc as RTCPeerConnection, configuration);
    },
    (error, args) => tellCall("RTCPeerConnection", "configuration", args)(true, error),
  );

  return {
    observe(pc, name) {
      const connection = known.get(pc);
      if (!connection) register(pc, pc.getConfiguration(), name);
      else if (name) emit("connection-created", { name }, connection.id);
    },
    check,
    extend(look) {
      looks.push(look);
      check();
    },
  };
}
