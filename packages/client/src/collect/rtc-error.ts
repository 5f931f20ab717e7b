import type { RtcErrorFacts } from "@peerscope/schema";
import type { Loose } from "../recorder.ts";

/** The RTCError of an `error` event. */
export function describeRtcError(event: Event): Loose<RtcErrorFacts> {
  const { error } = event as RTCErrorEvent;
  const { errorDetail, message, receivedAlert, sentAlert, sctpCauseCode } = Object(error) as RTCError;
  return { errorDetail, message, receivedAlert, sentAlert, sctpCauseCode };
}
