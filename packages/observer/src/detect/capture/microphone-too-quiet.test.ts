import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";
import { microphone } from "../../testing/page-events.ts";

const id = "microphone-too-quiet";
/** A source of this loudness. */
const rms = (level: number): Changes => ({ micSource: { totalAudioEnergy: level * level } });
const settings = { autoGainControl: false };
const call = (): CallBuilder => buildCall().event("track-state-changed", microphone({ settings })).run(1);
/** Somebody who speaks for four seconds of six. */
function speaks(build: CallBuilder, seconds: number, level: number): CallBuilder {
  for (let passed = 0; passed < seconds; passed += 6) build.run(4, rms(level)).run(2, rms(0.0001));
  return build;
}

test.each<[string, () => CallBuilder, string[]]>([
  ["speech at -46 dB for a minute", () => speaks(call(), 60, 0.005), ["minor 1..61 session-end"]],
  ["for half a minute", () => speaks(call(), 30, 0.005), []],
  ["speech at -34 dB", () => speaks(call(), 120, 0.02), []],
  ["speech at -39 dB", () => speaks(call(), 120, 0.011), []],
  [
    "and loud again for 4 s",
    () => speaks(call(), 60, 0.005).run(4, rms(0.1)).run(20, rms(0.0001)),
    ["minor 1..61 cleared"],
  ],
  [
    "muted after it was found",
    () =>
      speaks(call(), 60, 0.005)
        .event("track-state-changed", microphone({ enabled: false }))
        .run(10, rms(0)),
    ["minor 1..61 cleared"],
  ],
  ["the noise of a room", () => call().run(300, rms(0.005)), []],
  [
    "the voice was loud once a minute",
    () => speaks(speaks(call(), 30, 0.005).run(2, rms(0.1)), 30, 0.005),
    [],
  ],
  [
    "a faint sound now and then for ten minutes",
    () => {
      const build = call();
      for (let minute = 0; minute < 10; minute += 1) build.run(6, rms(0.005)).run(54, rms(0.0001));
      return build;
    },
    [],
  ],
  ["muted", () => speaks(call().event("track-state-changed", microphone({ muted: true })), 120, 0.005), []],
  [
    "the track is replaced",
    () => {
      const build = call();
      for (let round = 0; round < 20; round += 1) {
        build.event("sender-track-replaced", { from: "mic", to: "mic", kind: "audio" }, true);
        speaks(build, 6, 0.005);
      }
      return build;
    },
    [],
  ],
  [
    "automatic gain is on",
    () =>
      speaks(
        buildCall()
          .event("track-state-changed", microphone({ settings: { autoGainControl: true } }))
          .run(1),
        120,
        0.005,
      ),
    [],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("evidence has level and time", () => {
  const found = evidenceOf(speaks(call(), 60, 0.005).analyse(), id);
  expect(found).toMatchObject({ "track.autoGainControl": false });
  expect(found["derived.speechRms"]).toBeCloseTo(0.005, 4);
});

test("without the energy of the source it cannot be computed", () => {
  const blind = buildCall().run(20, { micSource: { totalAudioEnergy: null } });
  expect(notComputable(blind.analyse())).toContain(id);
});

test("speech is quiet, and nobody knows of automatic gain: not computable", () => {
  const analysis = speaks(buildCall().event("track-state-changed", microphone()).run(1), 60, 0.005).analyse();
  expect(about(analysis, id)).toEqual([]);
  expect(notComputable(analysis)).toContain(id);
});
