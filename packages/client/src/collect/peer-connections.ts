import type { EventData, JsonObject } from "@peerscope/schema";
import type { Recorder } from "../recorder.ts";
import { toPlain, type MemberRule } from "../sample/plain-copy.ts";
import type { Sampler } from "../sample/sampler.ts";
import type { TellCall } from "./api-calls.ts";
import type { Connection, Listen } from "./connection.ts";
import type { Tracks } from "./tracks.ts";
import type { Wrapper } from "./wrap.ts";

export interface PeerConnections {
  /** Watches a connection, if it is not watched yet; a name is told in any case. */
  observe(pc: RTCPeerConnection, name?: string): void;
  /** Those that are open. */
  readonly open: ReadonlyMap<RTCPeerConnection, Connection>;
  /** Looks after all of them once a round, for what no event tells. */
  check(): Iterable<Connection>;
}

export interface PeerConnectionsOptions {
  readonly recorder: Recorder;
  readonly wrapper: Wrapper;
  readonly listen: Listen;
  readonly rule: MemberRule;
  readonly tracks: Tracks;
  readonly tellCall: TellCall;
  readonly sampler: () => Sampler;
}

/** Watched methods with the names of their arguments. */
const methods: Readonly<Record<string, readonly string[]>> = {
  createOffer: ["options"],
  createAnswer: ["options"],
  setLocalDescription: ["description"],
  setRemoteDescription: ["description"],
  addIceCandidate: ["candidate"],
  addTrack: ["track", "stream"],
  removeTrack: ["sender"],
  addTransceiver: ["track", "init"],
  close: [],
  restartIce: [],
  setConfiguration: ["configuration"],
  createDataChannel: ["label", "init"],
};

const states = {
  connectionstatechange: ["connection-state-changed", "connectionState"],
  iceconnectionstatechange: ["ice-connection-state-changed", "iceConnectionState"],
  icegatheringstatechange: ["ice-gathering-state-changed", "iceGatheringState"],
  signalingstatechange: ["signaling-state-changed", "signalingState"],
} as const;

export function watchPeerConnections(options: PeerConnectionsOptions): PeerConnections {
  const { recorder, wrapper, listen, rule, tracks, tellCall } = options;
  const { emit } = recorder;
  const open = new Map<RTCPeerConnection, Connection>();
  const Native = globalThis.RTCPeerConnection as typeof RTCPeerConnection | undefined;
  let count = 0;

  function register(pc: RTCPeerConnection, configuration?: unknown, name?: string): Connection {
    const connection: Connection = { id: `pc-${++count}`, pc, tracks: new Map(), pending: false };
    open.set(pc, connection);
    const { id } = connection;
    const plain = toPlain(configuration, rule) as JsonObject | undefined;
    emit(
      "connection-created",
      { ...(name === undefined ? {} : { name }), ...(plain ? { configuration: plain } : {}) },
      id,
    );
    for (const [type, [event, member]] of Object.entries(states)) {
      listen(pc, type, () => {
        emit(event, { state: pc[member] }, id);
        if (pc.connectionState === "connected" && member === "connectionState") {
          void options.sampler().sample(connection);
        }
      });
      // One that was there before the SDK.
      if (!/^(new|stable)$/.test(pc[member])) emit(event, { state: pc[member] }, id);
    }
    listen(pc, "negotiationneeded", () => emit("negotiation-needed", {}, id));
    listen(pc, "icecandidate", (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent;
      if (candidate?.candidate) emit("ice-candidate-gathered", pick(candidate, candidateMembers), id);
    });
    listen(pc, "icecandidateerror", (event) => {
      const { errorCode } = event as RTCPeerConnectionIceErrorEvent;
      emit("ice-candidate-failed", { errorCode, ...pick(event, ["errorText", "url"]) }, id);
    });
    listen(pc, "track", (event) => tracks.watch(connection, (event as RTCTrackEvent).track, "remote"));
    listen(pc, "datachannel", (event) => watchChannel((event as RTCDataChannelEvent).channel, id));
    return connection;
  }

  const candidateMembers = ["type", "protocol", "address", "url", "relayProtocol"] as const;

  /** Members of a browser object that are texts, under the privacy rule. */
  function pick<Name extends string>(object: object, names: readonly Name[]): { [name in Name]?: string } {
    const values = toPlain(
      Object.fromEntries(names.map((name) => [name, Reflect.get(object, name) || undefined])),
      rule,
    );
    return values as { [name in Name]?: string };
  }

  function watchChannel(channel: RTCDataChannel, id: string): void {
    const opened = (): void => emit("data-channel-opened", { label: channel.label.slice(0, 100) }, id);
    if (channel.readyState === "open") opened();
    else listen(channel, "open", opened);
  }

  function connectionOf(pc: unknown): Connection | undefined {
    if (Native === undefined || !(pc instanceof Native)) return undefined;
    const known = open.get(pc);
    if (known !== undefined || pc.signalingState === "closed") return known;
    return register(pc, pc.getConfiguration());
  }

  function closed(connection: Connection, data: EventData["connection-closed"]): void {
    if (open.delete(connection.pc)) emit("connection-closed", data, connection.id);
  }

  function connectionWith(sender: unknown): Connection | undefined {
    for (const connection of open.values()) {
      if (connection.pc.getSenders().some((known) => known === sender)) return connection;
    }
    return undefined;
  }

  if (Native !== undefined) {
    const { prototype } = Native;
    for (const [method, names] of Object.entries(methods)) {
      wrapper.method(prototype, method, (pc, args) => {
        const connection = connectionOf(pc);
        if (connection === undefined) return undefined;
        // Asked before the native close, so the report still has everything.
        if (method === "close") void options.sampler().sample(connection, true);
        const settle = tellCall(method, names, args, connection.id);
        return (rejected, value) => {
          settle(rejected, value);
          if (rejected) return;
          if (method === "close") closed(connection, { reason: "closed-by-app" });
          else if (method === "createDataChannel") watchChannel(value as RTCDataChannel, connection.id);
          else if (/^add(Track|Transceiver)$/.test(method)) tracks.check(connection);
        };
      });
    }
    for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) {
      if (Reflect.get(globalThis, name) === Native) {
        wrapper.constructor(globalThis, name, (pc, [configuration]) => {
          if (!open.has(pc as RTCPeerConnection)) register(pc as RTCPeerConnection, configuration);
        });
      }
    }
  }

  const Sender = (globalThis.RTCRtpSender as typeof RTCRtpSender | undefined)?.prototype;
  wrapper.method(Sender, "replaceTrack", (self, args) => {
    const connection = connectionWith(self);
    const { track } = self as RTCRtpSender;
    const next = args[0] as MediaStreamTrack | null;
    const settle = tellCall("replaceTrack", ["track"], args, connection?.id);
    return (rejected, value) => {
      settle(rejected, value);
      if (rejected) return;
      const kind = (next ?? track)?.kind ?? "";
      emit("sender-track-replaced", { from: track?.id ?? null, to: next?.id ?? null, kind }, connection?.id);
      if (connection !== undefined) tracks.check(connection);
    };
  });
  wrapper.method(Sender, "setParameters", (self, args) =>
    tellCall("setParameters", ["parameters"], args, connectionWith(self)?.id),
  );
  wrapper.method(globalThis.MediaStreamTrack?.prototype, "stop", (self) => () => {
    tracks.stopped(self as MediaStreamTrack, open.values());
  });

  return {
    open,
    observe(pc, name) {
      const known = open.get(pc);
      if (known === undefined) register(pc, pc.getConfiguration(), name);
      else if (name !== undefined) emit("connection-created", { name }, known.id);
    },
    check() {
      for (const connection of open.values()) {
        recorder.attempt("check", () => {
          if (connection.pc.signalingState === "closed") closed(connection, {});
          else tracks.check(connection);
        });
      }
      return open.values();
    },
  };
}
