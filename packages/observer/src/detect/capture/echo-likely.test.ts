import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Change } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";
import { microphone } from "../../testing/page-events.ts";

const id = "echo-likely";
const weak: Change = { echoReturnLoss: 12, echoReturnLossEnhancement: 3 };
const strong: Change = { echoReturnLoss: 12, echoReturnLossEnhancement: 22 };
const call = (): CallBuilder => buildCall().event("track-state-changed", microphone()).run(1);

/** The far end speaks every other two seconds; the own microphone has `own` of it, or what `ownRms` says. */
function farSpeech(
  build: CallBuilder,
  seconds: number,
  canceller: Change,
  ownRms: (second: number, farRms: number) => number = (_second, farRms) => farRms / 4,
): CallBuilder {
  for (let second = 0; second < seconds; second += 1) {
    const farRms = second % 4 < 2 ? 0.1 + 0.01 * (second % 3) : 0.02;
    const own = ownRms(second, farRms);
    build.run(1, {
      inAudio: { totalAudioEnergy: farRms ** 2 },
      micSource: { ...canceller, totalAudioEnergy: own ** 2 },
    });
  }
  return build;
}

test.each<[string, () => CallBuilder, string[]]>([
  ["the own level follows for 30 s", () => farSpeech(call(), 30, weak), ["minor 1..31 session-end"]],
  ["for 15 s", () => farSpeech(call(), 15, weak), []],
  [
    "until the canceller has adapted",
    () => farSpeech(farSpeech(call(), 30, weak), 10, strong),
    ["minor 1..31 cleared"],
  ],
  ["the canceller works", () => farSpeech(call(), 60, strong), []],
  ["6 dB are not weak", () => farSpeech(call(), 60, { ...weak, echoReturnLossEnhancement: 6 }), []],
  [
    "it has not heard an echo, as with a headset",
    () => farSpeech(call(), 60, { echoReturnLoss: -30, echoReturnLossEnhancement: 0.2 }),
    [],
  ],
  ["both speak in turns", () => farSpeech(call(), 60, weak, (second) => (second % 4 < 2 ? 0.001 : 0.08)), []],
  [
    "both speak at once, each in their own rhythm",
    () => farSpeech(call(), 60, weak, (s) => 0.05 + 0.04 * ((s * 7) % 5)),
    [],
  ],
  ["hardly anything comes back", () => farSpeech(call(), 60, weak, (_second, far) => far / 100), []],
  [
    "a headset plays the sound",
    () =>
      farSpeech(
        call().event("devices-listed", {
          audioInputs: 1,
          videoInputs: 1,
          audioOutputs: 1,
          devices: [{ kind: "audiooutput", type: "headset", role: "default" }],
        }),
        60,
        weak,
      ),
    [],
  ],
  [
    "the app switched echo cancellation off",
    () =>
      farSpeech(
        buildCall()
          .event("track-state-changed", microphone({ settings: { echoCancellation: false } }))
          .run(1),
        60,
        weak,
      ),
    [],
  ],
  [
    "muted",
    () => farSpeech(call().event("track-state-changed", microphone({ enabled: false })), 60, weak),
    [],
  ],
  [
    "the track was replaced a moment ago",
    () =>
      farSpeech(
        farSpeech(call(), 10, weak).event(
          "sender-track-replaced",
          { from: "mic", to: "mic", kind: "audio" },
          true,
        ),
        20,
        weak,
      ),
    [],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("it is this person's device, by two signs", () => {
  const analysis = farSpeech(call(), 30, weak).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({ "media-source.echoReturnLossEnhancement": 3 });
  expect(Number(evidenceOf(analysis, id)["derived.echoCorrelation"])).toBeGreaterThan(0.9);
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "publisher-device" });
});

test("a browser that says nothing of its canceller cannot tell", () => {
  expect(notComputable(call().run(20).analyse())).toContain(id);
});
