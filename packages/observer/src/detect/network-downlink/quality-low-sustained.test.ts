import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  callStart,
  type CallBuilder,
  type Changes,
} from "../../testing/call-builder.ts";

const id = "quality-low-sustained";

/** Lost sound that is patched over, in percent. */
const patched = (percent: number): Changes => ({
  inAudio: {
    packetsLost: percent / 2,
    packetsReceived: 50 - percent / 2,
    concealedSamples: percent * 480,
    concealmentEvents: percent / 2,
  },
});

/** The builder names no codec; without one no sound is scored. */
function analyse(call: CallBuilder, mimeType = "audio/opus"): SessionAnalysis {
  return analyseRecords(
    call.records.map((record) => {
      if (record.kind !== "sample") return record;
      const codec = { id: "C", type: "codec", timestamp: record.at, mimeType, clockRate: 48_000 };
      const stats = record.stats.map((of) => (of.id === "IA" ? { ...of, codecId: "C" } : of));
      return { ...record, stats: [...stats, codec] };
    }),
  );
}

const found = (call: CallBuilder): string[] =>
  analyse(call)
    .observations.filter((observation) => observation.id === id)
    .map(
      ({ severity, startedAt, clearedAt }) =>
        `${severity} ${Math.round((startedAt - callStart) / 1000)}..${Math.round(((clearedAt ?? 0) - callStart) / 1000)}`,
    );

test.each<[string, number, number, string[]]>([
  ["a little loss for a minute", 1, 60, []],
  ["4 % for a minute", 4, 60, ["minor 36..91"]],
  ["25 % for a minute", 25, 60, ["major 36..91"]],
  ["25 % for 20 s is not long enough for major", 25, 20, ["minor 36..51"]],
  ["25 % for one window", 25, 10, []],
])("%s", (_name, percent, seconds, expected) => {
  expect(found(buildCall().run(31).run(seconds, patched(percent)).run(70))).toEqual(expected);
});

test("the windows of the score and the finding say the same", () => {
  const { observations, score } = analyse(buildCall().run(31).run(60, patched(7)).run(70));
  const low = observations.find((observation) => observation.id === id);
  const windows = score.windows.filter(({ scope, kind }) => scope === "track" && kind === "audio");
  const poor = windows.filter(({ mos }) => mos !== null && mos < 3.5);
  // Ten seconds are as fine as windows tell: the middle of the first poor one.
  expect(low?.startedAt).toBe((poor[0]?.from ?? 0) + 5000);
  expect(low?.evidence.find(({ field }) => field === "lowestAudioMos")?.value).toBeCloseTo(
    Math.min(...poor.map(({ mos }) => mos ?? 5)),
    3,
  );
});

test("it is an effect: loss explains it, and it is never stated", () => {
  const { observations, verdict } = analyse(buildCall().run(31).run(60, patched(7)).run(70));
  const loss = observations.find((observation) => observation.id === "downlink-loss");
  expect(observations.find((observation) => observation.id === id)?.parentId).toBe(loss?.key);
  expect(verdict.statedCause).toBe("downlink-loss");
});

test("windows of which little or nothing is known count neither way", () => {
  const call = buildCall();
  // Two poor windows with one between them in which nothing was expected: no row.
  call.run(31).run(10, patched(25)).run(10, { inAudio: null }).run(10, patched(25)).run(40);
  expect(found(call)).toEqual([]);
  const thin = buildCall().run(31);
  for (let round = 0; round < 6; round += 1) thin.run(6, patched(25)).run(4, { inAudio: null });
  expect(found(thin)).toEqual([]);
});

test("without a value of the score it is not computable", () => {
  const { verdict } = analyse(buildCall().run(80), "audio/unheard-of");
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
