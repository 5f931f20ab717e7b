import { describe, expect, test } from "vitest";
import { createMicrophoneState, microphoneSpans, noteMicrophones } from "./microphone.ts";
import type { Track } from "./session.ts";

const track = (members: Partial<Track> = {}): Track => ({
  trackId: "t",
  kind: "audio",
  direction: "local",
  enabled: true,
  muted: false,
  ended: false,
  stoppedByApp: false,
  source: "microphone",
  changedAt: 0,
  unmutedAt: null,
  ...members,
});
const whole = { from: 0, to: 100_000 };

/** Spans after what became of the tracks, each at its second. */
function spansOf(
  changes: readonly (readonly [second: number, tracks: readonly Track[]])[],
  call = whole,
): readonly (readonly [number, number])[] {
  const state = createMicrophoneState();
  for (const [second, tracks] of changes) noteMicrophones(state, tracks, second * 1000);
  return microphoneSpans(state, [], call).map(({ from, to }) => [from / 1000, to / 1000]);
}

describe("when nobody could hear a person by choice", () => {
  test("from off to on, and to the end of the call", () => {
    const [on, off] = [track(), track({ enabled: false })];
    expect(
      spansOf([
        [1, [on]],
        [10, [off]],
        [25, [on]],
        [90, [off]],
      ]),
    ).toEqual([
      [10, 25],
      [90, 100],
    ]);
  });

  test("a microphone that the page gave back is off, one that went away by itself is not", () => {
    expect(spansOf([[10, [track({ ended: true, stoppedByApp: true })]]])).toEqual([[10, 100]]);
    expect(spansOf([[10, [track({ ended: true })]]])).toEqual([]);
    expect(spansOf([[10, [track({ muted: true })]]])).toEqual([]);
  });

  test("another microphone that is on can be heard; the sound of a screen is no voice", () => {
    const off = track({ enabled: false });
    expect(spansOf([[10, [off, track({ trackId: "second" })]]])).toEqual([]);
    expect(spansOf([[10, [off, track({ trackId: "screen", source: "screen" })]]])).toEqual([[10, 100]]);
  });

  test("a tap on the button is not told, nor what is outside of the call", () => {
    const [on, off] = [track(), track({ enabled: false })];
    expect(
      spansOf([
        [10, [off]],
        [11, [on]],
      ]),
    ).toEqual([]);
    expect(
      spansOf(
        [
          [10, [off]],
          [50, [on]],
          [95, [off]],
        ],
        { from: 20_000, to: 96_000 },
      ),
    ).toEqual([[20, 50]]);
  });
});
