import { expect, test } from "vitest";
import { buildCall, type CallBuilder, outage } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";

const id = "transport-stalled";
const answered = { ...outage, pair: { ...outage.pair, responsesReceived: 1 } };
const uncounted = { ...outage, pair: { ...outage.pair, requestsSent: null, responsesReceived: null } };

test("nothing comes back for 8 s", () => {
  const analysis = buildCall().run(20).run(8, outage).run(10).analyse();
  expect(about(analysis, id)).toEqual(["critical 20..28 cleared"]);
  expect(evidenceOf(analysis, id)).toMatchObject({
    "candidate-pair.bytesReceived": 0,
    "candidate-pair.bytesSent": 64_000,
  });
  const outages = analysis.observations.filter((of) => of.id === "downlink-outage");
  expect(outages.map(({ parentId }) => parentId?.split("@")[0])).toEqual([id, id]);
  // A direct path has two ends, and neither is named.
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "unknown" });
});

test.each<[string, () => CallBuilder]>([
  ["4 s", () => buildCall().run(20).run(4, outage).run(10)],
  ["path checks are answered: the others are muted or gone", () => buildCall().run(20).run(20, answered)],
  [
    "nothing is sent either",
    () =>
      buildCall()
        .run(20)
        .run(20, { ...outage, pair: { ...outage.pair, bytesSent: 0 } }),
  ],
  [
    "nobody sent anything before",
    () =>
      buildCall()
        .run(20, { inAudio: null, inVideo: null })
        .run(20, { ...outage, inAudio: null, inVideo: null }),
  ],
  [
    "the other side closed its end",
    () =>
      buildCall()
        .run(20)
        .run(20, { ...outage, transport: { bytesReceived: 0, dtlsState: "closed" } }),
  ],
  ["the machine slept", () => buildCall().run(20).run(2, outage).skip(600).run(2, outage).run(10)],
])("not raised: %s", (_name, call) => {
  expect(about(call().analyse(), id)).toEqual([]);
});

test("a browser that does not count path checks: not computable", () => {
  const analysis = buildCall()
    .run(20, { pair: { requestsSent: null, responsesReceived: null } })
    .run(20, uncounted)
    .analyse();
  expect(about(analysis, id)).toEqual([]);
  expect(notComputable(analysis)).toContain(id);
});

test("a network that changed at that time is this person's", () => {
  const call = buildCall().event("network-information-changed", { type: "wifi" }).run(20);
  const { verdict } = call
    .event("network-information-changed", { type: "cellular" })
    .run(8, outage)
    .run(10)
    .analyse();
  expect(verdict).toMatchObject({ statedCause: id, faultDomain: "publisher-uplink" });
  expect(verdict.for.map(({ observationId }) => observationId)).toContain("network-interface-changed");
});
