import type { SeenDataChannel } from "@peerscope/schema";
import type { Emit } from "../recorder.ts";
import type { Connection, Listen } from "./connection.ts";
import { describeRtcError } from "./transports.ts";

/** So many bytes that wait to be sent are told, and when they are less than half again. Ours. */
const muchBuffered = 1_000_000;

/** Tells the states of a data channel, its errors, and when it does not get rid of what it has to send. */
export function watchChannel(
  emit: Emit,
  listen: Listen,
  { id: connectionId, checks }: Connection,
  channel: RTCDataChannel,
): void {
  let told: string | undefined;
  let isFull = false;
  const facts = (): SeenDataChannel => {
    const { readyState, label, id, protocol, ordered, maxRetransmits, maxPacketLifeTime, bufferedAmount } =
      channel;
    return {
      state: readyState,
      label,
      id,
      protocol,
      ordered,
      maxRetransmits,
      maxPacketLifeTime,
      bufferedAmount,
    };
  };
  const tellState = (): void => {
    // Chromium gives a channel of the other end when it is open, and fires "open" after that.
    if (told === channel.readyState) return;
    told = channel.readyState;
    emit("data-channel-state-changed", facts(), connectionId);
  };
  const check = (): void => {
    if (isFull === channel.bufferedAmount > muchBuffered / (isFull ? 2 : 1)) return;
    isFull = !isFull;
    emit("data-channel-buffer-changed", facts(), connectionId);
  };
  tellState();
  for (const type of ["open", "closing", "close"]) listen(channel, type, tellState);
  listen(channel, "error", (event) =>
    emit("data-channel-failed", { ...facts(), ...describeRtcError(event) }, connectionId),
  );
  checks.add(check);
  listen(channel, "close", () => checks.delete(check));
}
