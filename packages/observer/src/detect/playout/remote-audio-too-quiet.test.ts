import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Change } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";

const id = "remote-audio-too-quiet";

/** Somebody who speaks for four seconds of six, as it is received. */
function speaks(build: CallBuilder, seconds: number, level: number, change: Change = {}): CallBuilder {
  for (let passed = 0; passed < seconds; passed += 6) {
    build.run(4, { inAudio: { ...change, totalAudioEnergy: level * level } });
    build.run(2, { inAudio: { ...change, totalAudioEnergy: 1e-8 } });
  }
  return build;
}
const call = (): CallBuilder => buildCall().run(1, { inAudio: { totalAudioEnergy: 1e-8 } });
const loud = { inAudio: { totalAudioEnergy: 0.01 } } as const;

test.each<[string, () => CallBuilder, string[]]>([
  ["speech at -46 dB for two minutes", () => speaks(call(), 120, 0.005), ["minor 1..121 session-end"]],
  ["for one minute", () => speaks(call(), 60, 0.005), []],
  ["speech at -39 dB", () => speaks(call(), 180, 0.011), []],
  ["and loud for 40 s", () => speaks(call(), 120, 0.005).run(40, loud), ["minor 1..149 cleared"]],
  ["and loud for 10 s", () => speaks(call(), 120, 0.005).run(10, loud), ["minor 1..131 session-end"]],
  ["the noise of a room", () => call().run(300, { inAudio: { totalAudioEnergy: 0.000025 } }), []],
  ["the other side is muted", () => call().run(300, { inAudio: { totalAudioEnergy: 0 } }), []],
  ["loud once a minute", () => speaks(speaks(call(), 60, 0.005).run(2, loud), 60, 0.005), []],
  [
    "a faint sound now and then for ten minutes",
    () => {
      const build = call();
      for (let minute = 0; minute < 10; minute += 1) {
        speaks(build, 6, 0.005).run(54, { inAudio: { totalAudioEnergy: 1e-8 } });
      }
      return build;
    },
    [],
  ],
  ["packets are lost", () => speaks(call(), 180, 0.005, { packetsLost: 1 }), []],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("from one side alone the other person's device is possible, not stated", () => {
  const analysis = speaks(call(), 120, 0.005).analyse();
  expect(evidenceOf(analysis, id)["derived.speechRms"]).toBeCloseTo(0.005, 4);
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "unknown" });
  expect(analysis.verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual(["publisher-device"]);
});

test("without energy it cannot be computed", () => {
  const blind = buildCall().run(20, { inAudio: { totalAudioEnergy: null } });
  expect(notComputable(blind.analyse())).toContain(id);
});
