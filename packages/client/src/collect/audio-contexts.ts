import type { Kit } from "./surroundings.ts";

/** Calls of which each shows a context that was there before the SDK looked. */
const tellingMethods = [
  "resume",
  "suspend",
  "close",
  "createMediaStreamSource",
  "createMediaStreamDestination",
  "createMediaElementSource",
];

/** Watches whether Web Audio runs: a context that the browser keeps suspended is silent. */
export function watchAudioContexts(
  { recorder: { emit }, wrapper, listen, tellCall }: Kit,
  describeSink: (sink: unknown) => unknown,
): void {
  // Missing in old Safari.
  const { AudioContext } = globalThis as Partial<typeof globalThis>;
  if (!AudioContext) return;
  const ids = new WeakMap<object, string>();
  let count = 0;

  function see(context: unknown): string | undefined {
    if (!AudioContext || !(context instanceof AudioContext)) return undefined;
    const known = ids.get(context);
    if (known !== undefined) return known;
    const contextId = `ac-${++count}`;
    ids.set(context, contextId);
    const tell = (): void => {
      const { state, sampleRate, baseLatency, outputLatency } = context;
      emit("audio-context-state-changed", {
        contextId,
        state,
        sampleRate,
        baseLatencyMs: inMs(baseLatency),
        outputLatencyMs: inMs(outputLatency),
      });
    };
    tell();
    listen(context, "statechange", tell);
    return contextId;
  }

  for (const method of tellingMethods) {
    wrapper.method(AudioContext.prototype, method, (context) => {
      see(context);
      return undefined;
    });
  }
  wrapper.method(AudioContext.prototype, "setSinkId", (context, [sink]) =>
    tellCall("setSinkId", "contextId device", [see(context), describeSink(sink)]),
  );
  wrapper.creation("AudioContext", see);
}

/** To a tenth of a millisecond. */
function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 10_000) / 10;
}
