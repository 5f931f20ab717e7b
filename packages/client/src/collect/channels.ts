import type { EventName, SeenDataChannel } from "@peerscope/schema";
import type { Emit } from "../recorder.ts";
import type { Listen } from "./connection.ts";
import { describeRtcError } from "./rtc-error.ts";

/** So many bytes that wait to be sent are told, and when they are less than half again. Ours. */
const muchBuffered = 1_000_000;

/**
 * Tells the states of a data channel and its errors. What it returns looks whether the channel gets rid of what it has to
 * send; its messages are never read.
 */
export function watchChannel(
  emit: Emit,
  listen: Listen,
  connectionId: string,
  channel: RTCDataChannel,
): () => void {
  let told: string | undefined;
  let isFull = false;
  const tell = (
    name: EventName & `data-channel-${string}`,
    more?: ReturnType<typeof describeRtcError>,
  ): void => {
    const { readyState: state, label, id, protocol, ordered } = channel;
    const { maxRetransmits, maxPacketLifeTime, bufferedAmount } = channel;
    const facts: SeenDataChannel = {
      state,
      label,
      id,
      protocol,
      ordered,
      maxRetransmits,
      maxPacketLifeTime,
      bufferedAmount,
    };
    emit(name, { ...facts, ...more }, connectionId);
  };
  const tellState = (): void => {
    // Chromium gives a channel of the other end when it is open, and fires "open" after that.
    if (told === channel.readyState) return;
    told = channel.readyState;
    tell("data-channel-state-changed");
  };
  tellState();
  for (const type of ["open", "closing", "close"]) listen(channel, type, tellState);
  listen(channel, "error", (event) => tell("data-channel-failed", describeRtcError(event)));
  return () => {
    // What a closed one still held is never sent.
    if (channel.readyState === "closed") return;
    if (isFull === channel.bufferedAmount > muchBuffered / (isFull ? 2 : 1)) return;
    isFull = !isFull;
    tell("data-channel-buffer-changed");
  };
}
