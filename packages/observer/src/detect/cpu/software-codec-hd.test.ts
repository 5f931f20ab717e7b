import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";

const slowHd: Changes = {
  outVideo: {
    framesEncoded: 10,
    totalEncodeTime: 0.75,
    frameHeight: 1080,
    powerEfficientEncoder: false,
    encoderImplementation: "libvpx",
  },
};
const change = (more: object): Changes => ({ outVideo: { ...slowHd.outVideo, ...more } });

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "software-codec-hd")
    .map(({ severity, scope, domainHint }) => `${severity} ${scope.direction ?? ""} ${domainHint}`);

test.each<[string, Changes, string[]]>([
  ["sent at 1080 lines, encoder without time", slowHd, ["info outbound publisher-device"]],
  ["no sign of trouble", change({ framesEncoded: 30, totalEncodeTime: 0.3 }), []],
  ["720 lines", change({ frameHeight: 720 }), []],
  ["an encoder of the hardware", change({ powerEfficientEncoder: true }), []],
  [
    "received at 1080 lines, decoder without time",
    { inVideo: { totalDecodeTime: 0.8, frameHeight: 1080, powerEfficientDecoder: false } },
    ["info inbound receiver-device"],
  ],
])("%s", (_name, changes, expected) => {
  expect(found(buildCall().run(21).run(30, changes).run(20))).toEqual(expected);
});

test("a busy machine is a sign too, and the end of all signs ends it", () => {
  const large = change({ framesEncoded: 30, totalEncodeTime: 0.3 });
  const call = buildCall().run(21, large).event("compute-pressure-changed", { state: "serious" });
  call.run(40, large).event("compute-pressure-changed", { state: "fair" }).run(60, large);
  const [record, ...more] = call.analyse().observations.filter(({ id }) => id === "software-codec-hd");
  expect(more).toEqual([]);
  expect(record?.endReason).toBe("cleared");
});

test("a browser that does not say how it codes cannot say", () => {
  const blind = change({ powerEfficientEncoder: null, encoderImplementation: null });
  const { verdict } = buildCall().run(40, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("software-codec-hd");
});
