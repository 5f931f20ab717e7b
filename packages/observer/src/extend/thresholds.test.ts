import { expect, test } from "vitest";
import { catalogVersion } from "../detect/catalog.ts";
import { buildCall, ids, summary } from "../testing/call-builder.ts";
import { ExtensionError } from "./extension-error.ts";
import { parseThresholds } from "./thresholds.ts";

const lossy = (percent: number): ReturnType<typeof buildCall> =>
  buildCall()
    .run(20)
    .run(20, { inAudio: { packetsLost: percent / 2, packetsReceived: 50 - percent / 2 } });

test("levels of the project decide what is raised, and how severe", () => {
  const thresholds = parseThresholds({
    "downlink-loss": {
      levels: { minor: { on: 7, clear: 5 }, major: { on: 30, clear: 20 }, critical: { on: 40 } },
    },
  });
  expect(ids(lossy(6).analyse())).toContain("downlink-loss");
  expect(ids(lossy(6).analyse({ thresholds }))).not.toContain("downlink-loss");
  expect(summary(lossy(8).analyse({ thresholds }))).toContainEqual(
    expect.stringMatching(/^downlink-loss minor/),
  );
});

test("an observation that is off is not raised, and the others are", () => {
  const analysis = lossy(8).analyse({ thresholds: parseThresholds({ "downlink-loss": { off: true } }) });
  expect(ids(analysis)).not.toContain("downlink-loss");
  expect(ids(analysis).length).toBeLessThanOrEqual(ids(lossy(8).analyse()).length);
});

test("the rule and the time to clear can be changed", () => {
  const short = buildCall()
    .run(20)
    .run(3, { inAudio: { packetsLost: 1, packetsReceived: 50 } })
    .run(60);
  const eager = parseThresholds({ "downlink-loss": { on: { need: 1 } } });
  expect(ids(short.analyse())).not.toContain("downlink-loss");
  expect(ids(short.analyse({ thresholds: eager }))).toContain("downlink-loss");
});

test("results with other thresholds carry another version, the same for the same thresholds", () => {
  const first = { "high-rtt": { clearSeconds: 20 }, "uplink-loss": { off: true } };
  const second = { "uplink-loss": { off: true }, "high-rtt": { clearSeconds: 20 } };
  const version = (input: unknown): string =>
    buildCall()
      .run(2)
      .analyse({ thresholds: parseThresholds(input) }).catalogVersion;
  expect(version(first)).toMatch(/^1\.\d+\.\d+\+project\.[0-9a-f]{8}$/);
  expect(version(first)).toBe(version(second));
  expect(version({ "high-rtt": { clearSeconds: 21 } })).not.toBe(
    version({ "high-rtt": { clearSeconds: 20 } }),
  );
  expect(version({})).toBe(catalogVersion);
});

test.each<[unknown, string]>([
  [{ "uplink-los": {} }, 'uplink-los: there is no such observation. Did you mean "uplink-loss"?'],
  [{ "uplink-loss": { level: {} } }, 'uplink-loss.level: there is no such setting. Did you mean "levels"?'],
  [
    { "uplink-loss": { levels: { mayor: { on: 3 } } } },
    'uplink-loss.levels.mayor: this observation has no such level. Did you mean "major"?',
  ],
  [
    { "uplink-loss": { levels: { major: { onn: 3 } } } },
    'uplink-loss.levels.major.onn: a level has no such member. Did you mean "on"?',
  ],
  [{ "uplink-loss": { levels: { minor: { on: 0.1 } } } }, "clear (0.5) must not be above on (0.1)"],
  [{ "uplink-loss": { levels: { major: { on: 0.9, clear: 0.5 } } } }, "must be above that of minor (1)"],
  [{ "uplink-loss": { levels: { minor: { on: "5" } } } }, "uplink-loss.levels.minor.on: must be a number"],
  [{ "uplink-loss": { levels: { minor: { on: Number.NaN } } } }, "must be a number"],
  [{ "uplink-loss": { on: { need: 6 } } }, "uplink-loss.on.need: must be a number from 1 to 5"],
  [{ "uplink-loss": { on: { need: 1.5 } } }, "whole numbers"],
  [{ "uplink-loss": { thresholds: { reportOlderThanSecond: 1 } } }, 'Did you mean "reportOlderThanSeconds"?'],
  [{ "uplink-loss": { off: "yes" } }, "uplink-loss.off: must be true or false"],
  [{ "uplink-loss": null }, "uplink-loss: must be an object"],
  [[], "thresholds: must be an object"],
  [{ constructor: {} }, "constructor: there is no such observation"],
  [{ ["x".repeat(100_000)]: {} }, "there is no such observation"],
])("%j is refused with what to write instead", (input, message) => {
  expect(() => parseThresholds(input)).toThrow(ExtensionError);
  expect(() => parseThresholds(input)).toThrow(message);
});
