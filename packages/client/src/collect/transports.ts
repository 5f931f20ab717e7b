import type { SeenCandidate } from "@peerscope/schema";
import type { Emit } from "../recorder.ts";
import { watchChannel } from "./channels.ts";
import type { Listen, Look } from "./connection.ts";
import { describeRtcError } from "./rtc-error.ts";

/** Watches the transports and data channels of a connection, and looks at those again that it watches already. */
export function createTransportLook(emit: Emit, listen: Listen): Look {
  const checks = new WeakMap<object, () => void>();

  /** Watches what was not seen before; what `watch` returns looks at it again. */
  function look<Target extends object>(
    target: Target | null | undefined,
    watch: (target: Target) => () => void,
  ): void {
    if (!target) return;
    const check = checks.get(target);
    if (check) check();
    else checks.set(target, watch(target));
  }

  function lookAtTransport(
    transport: RTCDtlsTransport | null | undefined,
    id: string,
    mid?: string | null,
  ): void {
    look(transport, (dtls) => {
      listen(dtls, "error", (event) => emit("dtls-failed", { ...describeRtcError(event), mid }, id));
      return follow(dtls, "dtls-state-changed", id, mid);
    });
    look(transport?.iceTransport, (ice) => {
      const check = follow(ice, "ice-transport-state-changed", id, mid);
      const tellPair = (): void => {
        // Firefox 140 has the transport and not the pair.
        const { local, remote } = ice.getSelectedCandidatePair?.() ?? {};
        if (!local || !remote) return;
        const pair = { local: describeCandidate(local), remote: describeCandidate(remote), mid };
        emit("selected-candidate-pair-changed", pair, id);
      };
      tellPair();
      listen(ice, "selectedcandidatepairchange", tellPair);
      return check;
    });
  }

  /** Tells the state now, unless it is the one that everything begins with, and at each change. */
  function follow(
    target: EventTarget & { readonly state: string },
    name: "dtls-state-changed" | "ice-transport-state-changed" | "sctp-state-changed",
    id: string,
    mid?: string | null,
  ): () => void {
    let told = "new";
    const tell = (): void => {
      if (told !== target.state) emit(name, { state: (told = target.state), mid }, id);
    };
    tell();
    listen(target, "statechange", tell);
    // Chromium fires nothing for what happens to a transport before its page has heard that it was made.
    return tell;
  }

  return ({ id, pc, channels }, transceivers) => {
    for (const channel of channels) {
      look(channel, () => watchChannel(emit, listen, id, channel));
      if (channel.readyState === "closed") channels.delete(channel);
    }
    // What an offer has before the answer to it is mostly given up again: with BUNDLE one transport remains.
    if (pc.signalingState !== "stable") return;
    for (const { mid, sender } of transceivers) lookAtTransport(sender.transport, id, mid);
    const { sctp } = pc;
    look(sctp, (transport) => follow(transport, "sctp-state-changed", id));
    lookAtTransport(sctp?.transport, id);
  };
}

/** Of a candidate what says how the other end is reached. */
function describeCandidate(candidate: RTCIceCandidate): SeenCandidate {
  // TypeScript 6.0 does not know the last two.
  const { type, protocol, address, port, url, relayProtocol } = candidate as RTCIceCandidate & SeenCandidate;
  return { type, protocol, address, port, url, relayProtocol } as SeenCandidate;
}
