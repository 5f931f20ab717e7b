import type { SeenCandidate } from "@peerscope/schema";
import type { Emit } from "../recorder.ts";
import { watchChannel } from "./channels.ts";
import type { Connection, Listen, Look } from "./connection.ts";
import { describeRtcError } from "./rtc-error.ts";

/** Watches the transports and data channels of a connection that were not there before. */
export function createTransportLook(emit: Emit, listen: Listen): Look {
  const seen = new WeakSet<object>();
  const checks = new WeakMap<RTCDataChannel, () => void>();

  function isNew<Target extends object>(target: Target | null | undefined): target is Target {
    if (!target || seen.has(target)) return false;
    seen.add(target);
    return true;
  }

  function watchTransport(
    transport: RTCDtlsTransport | null | undefined,
    id: string,
    mid?: string | null,
  ): void {
    if (!isNew(transport)) return;
    follow(transport, "dtls-state-changed", id, mid);
    listen(transport, "error", (event) => emit("dtls-failed", { ...describeRtcError(event), mid }, id));
    const ice = transport.iceTransport as RTCIceTransport | undefined;
    if (!isNew(ice)) return;
    follow(ice, "ice-transport-state-changed", id, mid);
    const tellPair = (): void => {
      // Firefox 140 has the transport and not the pair.
      const { local, remote } = ice.getSelectedCandidatePair?.() ?? {};
      if (!local || !remote) return;
      const pair = { local: describeCandidate(local), remote: describeCandidate(remote), mid };
      emit("selected-candidate-pair-changed", pair, id);
    };
    tellPair();
    listen(ice, "selectedcandidatepairchange", tellPair);
  }

  /** Tells the state now, unless it is the one that everything begins with, and at each change. */
  function follow(
    target: EventTarget & { readonly state: string },
    name: "dtls-state-changed" | "ice-transport-state-changed" | "sctp-state-changed",
    id: string,
    mid?: string | null,
  ): void {
    const tell = (): void => emit(name, { state: target.state, mid }, id);
    if (target.state !== "new") tell();
    listen(target, "statechange", tell);
  }

  function lookAtChannels({ id, channels }: Connection): void {
    for (const channel of channels) {
      if (isNew(channel)) checks.set(channel, watchChannel(emit, listen, id, channel));
      if (channel.readyState === "closed") channels.delete(channel);
      else checks.get(channel)?.();
    }
  }

  return (connection, transceivers) => {
    lookAtChannels(connection);
    const { id, pc } = connection;
    // What an offer has before the answer to it is mostly given up again: with BUNDLE one transport remains.
    if (pc.signalingState !== "stable") return;
    for (const { mid, sender } of transceivers) watchTransport(sender.transport, id, mid);
    const { sctp } = pc;
    if (isNew(sctp)) follow(sctp, "sctp-state-changed", id);
    watchTransport(sctp?.transport, id);
  };
}

/** Of a candidate what says how the other end is reached. */
function describeCandidate(candidate: RTCIceCandidate): SeenCandidate {
  // TypeScript 6.0 does not know the last two.
  const { type, protocol, address, port, url, relayProtocol } = candidate as RTCIceCandidate & SeenCandidate;
  return { type, protocol, address, port, url, relayProtocol } as SeenCandidate;
}
