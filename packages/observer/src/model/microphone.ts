import type { MicrophoneSpan, Observation } from "@peerscope/schema";
import type { Track } from "./session.ts";

/** Spans that are kept of a session, the first ones, and the shortest worth telling, ms. Ours. */
const maximumSpans = 100;
const shortestMs = 2000;

/** When a person's microphones were off because somebody wanted them to be. */
export interface MicrophoneState {
  /** Unix ms; null while one is on, and before there was one. */
  offSince: number | null;
  readonly spans: MicrophoneSpan[];
}

export const createMicrophoneState = (): MicrophoneState => ({ offSince: null, spans: [] });

/** After a change of a local track: all microphones switched off or stopped by the page is a choice, all else is a matter for detectors. */
export function noteMicrophones(state: MicrophoneState, tracks: Iterable<Track>, at: number): void {
  const microphones = [...tracks].filter(
    ({ kind, direction, source }) => kind === "audio" && direction === "local" && source !== "screen",
  );
  const isOff =
    microphones.length > 0 &&
    microphones.every(({ enabled, ended, stoppedByApp }) => (ended ? stoppedByApp : !enabled));
  if (isOff) state.offSince ??= at;
  else endSpan(state, at);
}

function endSpan(state: MicrophoneState, to: number): void {
  const { offSince, spans } = state;
  state.offSince = null;
  if (offSince !== null && to - offSince >= shortestMs && spans.length < maximumSpans)
    spans.push({ from: offSince, to, reason: "switched-off" });
}

/**
 * When nobody could hear this person during their calls, and nothing was wrong: as events tell it, or, where a recording has none, as a source without any
 * sound shows it.
 */
export function microphoneSpans(
  { offSince, spans }: MicrophoneState,
  observations: readonly Observation[],
  { from, to: end }: { readonly from: number; readonly to: number },
): readonly MicrophoneSpan[] {
  const known = { offSince, spans: [...spans] };
  endSpan(known, end);
  // Before and after the call nobody listens.
  const heard = known.spans
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, end) }))
    .filter((span) => span.to - span.from >= shortestMs);
  if (heard.length > 0) return heard;
  return observations
    .filter(({ id, severity }) => id === "microphone-silent" && severity === "info")
    .slice(0, maximumSpans)
    .map(({ startedAt, clearedAt }) => ({ from: startedAt, to: clearedAt ?? end, reason: "silent" }));
}
