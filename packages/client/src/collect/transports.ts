import type { EventData, SeenCandidate } from "@peerscope/schema";
import type { Emit, Loose } from "../recorder.ts";
import type { Connection, Listen } from "./connection.ts";

/** Events that tell a state. */
type StateEvent = Extract<
  keyof EventData,
  `${"connection" | "ice" | "signaling" | "dtls" | "sctp"}${string}-state-changed`
>;

/** Tells the state in a member of `target`, unless it is the one that everything begins with, now and at each change. */
export type Follow = <Member extends string>(
  target: EventTarget & Readonly<Record<Member, string>>,
  member: Member,
  name: StateEvent,
  connectionId: string,
  mid?: string | null,
) => void;

export function createFollow(emit: Emit, listen: Listen): Follow {
  return (target, member, name, connectionId, mid) => {
    const tell = (): void => emit(name, { state: target[member], mid }, connectionId);
    // One that was there before the SDK.
    if (!/^(new|stable)$/.test(target[member])) tell();
    listen(target, `${member.toLowerCase()}change`, tell);
  };
}

/** Watches the transports below these transceivers and the data channels that were not there before. */
export function watchTransports(
  emit: Emit,
  listen: Listen,
  follow: Follow,
  { id, pc, told }: Connection,
  transceivers: readonly RTCRtpTransceiver[],
): void {
  // What an offer has before the answer to it is mostly given up again: with BUNDLE one transport remains.
  if (pc.signalingState !== "stable") return;
  const isNew = <Target extends object>(target: Target | null | undefined): target is Target =>
    !!target && !told.has(target) && !!told.set(target, "");
  const { sctp } = pc;
  if (isNew(sctp)) follow(sctp, "state", "sctp-state-changed", id);
  for (const { mid, transport } of [
    ...transceivers.map(({ mid, sender }) => ({ mid, transport: sender.transport })),
    { mid: undefined, transport: sctp?.transport },
  ]) {
    if (!isNew(transport)) continue;
    follow(transport, "state", "dtls-state-changed", id, mid);
    listen(transport, "error", (event) => emit("dtls-failed", { ...describeRtcError(event), mid }, id));
    const ice = transport.iceTransport;
    if (!isNew(ice)) continue;
    follow(ice, "state", "ice-transport-state-changed", id, mid);
    const tellPair = (): void => {
      // Firefox 140 has the transport and not the pair.
      const { local, remote } = ice.getSelectedCandidatePair?.() ?? {};
      if (local && remote)
        emit(
          "selected-candidate-pair-changed",
          { local: describeCandidate(local), remote: describeCandidate(remote), mid },
          id,
        );
    };
    tellPair();
    listen(ice, "selectedcandidatepairchange", tellPair);
  }
}

/** Of a candidate what says how the other end is reached. */
export function describeCandidate(candidate: RTCIceCandidate): Loose<SeenCandidate> {
  // TypeScript 5.9 does not know the last two.
  const { type, protocol, address, port, url, relayProtocol } = candidate as RTCIceCandidate & SeenCandidate;
  return { type, protocol, address, port, url, relayProtocol };
}

/** The RTCError of an event. */
export function describeRtcError(event: Event): Loose<EventData["dtls-failed"]> {
  const { errorDetail, message, receivedAlert, sentAlert, sctpCauseCode } = Object(
    (event as RTCErrorEvent).error,
  ) as RTCError;
  return { errorDetail, message, receivedAlert, sentAlert, sctpCauseCode };
}
