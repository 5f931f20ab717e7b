import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, summary } from "../../testing/call-builder.ts";

const pressed = (states: [state: string, seconds: number][], changes: Changes = {}): CallBuilder => {
  const call = buildCall().run(21);
  for (const [state, seconds] of states)
    call.event("compute-pressure-changed", { state }).run(seconds, changes);
  return call;
};

test.each<[string, [string, number][], string[]]>([
  [
    "serious for 29 s",
    [
      ["serious", 29],
      ["fair", 40],
    ],
    [],
  ],
  [
    "serious for 40 s",
    [
      ["serious", 40],
      ["fair", 40],
    ],
    ["system-pressure minor 21..61"],
  ],
  [
    "critical for 40 s",
    [
      ["critical", 40],
      ["nominal", 40],
    ],
    ["system-pressure major 21..61"],
  ],
  [
    "critical in between",
    [
      ["serious", 20],
      ["critical", 20],
      ["fair", 40],
    ],
    ["system-pressure minor 21..61"],
  ],
  [
    "serious, then critical for long",
    [
      ["serious", 35],
      ["critical", 35],
      ["fair", 40],
    ],
    ["system-pressure major 21..91"],
  ],
  [
    "fair for 20 s in between",
    [
      ["serious", 40],
      ["fair", 20],
      ["serious", 20],
      ["fair", 40],
    ],
    ["system-pressure minor 21..101"],
  ],
  ["fair all the time", [["fair", 60]], []],
])("%s", (_name, states, expected) => {
  expect(summary(pressed(states).analyse())).toEqual(expected);
});

test("the time that the machine sleeps does not count", () => {
  const call = buildCall().run(21).event("compute-pressure-changed", { state: "serious" }).run(5).skip(600);
  call.run(10).event("compute-pressure-changed", { state: "fair" });
  expect(summary(call.run(60).analyse())).toEqual([]);
});

test("a busy machine alone names nobody, and hides nothing that hurt", () => {
  const alone = pressed([["critical", 60]]).analyse().verdict;
  expect(alone).toMatchObject({ faultDomain: "unknown", statedCause: "system-pressure" });
  const lossIn: Changes = { inAudio: { packetsLost: 1.5 } };
  expect(pressed([["critical", 60]], lossIn).analyse().verdict.statedCause).toBe("downlink-loss");
});

test("with an encoder that has no time it is the cause, and the encoder its effect", () => {
  const slow: Changes = { outVideo: { framesEncoded: 10, totalEncodeTime: 0.75 } };
  const { verdict, observations } = pressed([["serious", 60]], slow).analyse();
  expect(verdict).toMatchObject({
    faultDomain: "publisher-device",
    statedCause: "system-pressure",
    confidence: 0.8,
  });
  const encoder = observations.find(({ id }) => id === "encoder-overloaded");
  expect(encoder?.parentId).toMatch(/^system-pressure/);
});

test("who only receives has a device of the receiving side", () => {
  const only: Changes = {
    outAudio: null,
    outVideo: null,
    remoteInAudio: null,
    remoteInVideo: null,
    micSource: null,
    camSource: null,
  };
  const call = buildCall().run(21, only).event("compute-pressure-changed", { state: "serious" });
  const found = call.run(40, only).analyse().observations;
  expect(found.map(({ id, domainHint }) => [id, domainHint])).toEqual([
    ["system-pressure", "receiver-device"],
  ]);
});

test("a browser that does not tell cannot say; one that tells that all is well can", () => {
  const missing = (call: CallBuilder): string[] => call.analyse().verdict.missing.map(({ what }) => what);
  expect(missing(buildCall().run(40))).toContain("system-pressure");
  const told = buildCall().event("compute-pressure-changed", { state: "nominal" }).run(60);
  expect(missing(told)).not.toContain("system-pressure");
});
