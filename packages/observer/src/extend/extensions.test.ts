import type { MetricPoint } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, summary } from "../testing/call-builder.ts";
import { describeObservation } from "../words/describe.ts";
import { type CustomMetric, defineMetric } from "./define-metric.ts";
import { type CustomObservation, defineObservation } from "./define-observation.ts";
import { ExtensionError } from "./extension-error.ts";

const keyFrameRequests = defineMetric({
  id: "key-frame-requests",
  unit: "1/min",
  meaning: "Key frames asked for per minute.",
  stats: "inbound-rtp",
  when: (stats) => stats["kind"] === "video",
  compute: ({ growth, seconds }) => {
    const requests = growth("pliCount");
    return requests === null ? null : (60 * requests) / seconds;
  },
});

const words = {
  title: "Many key frames asked for",
  meaning: "The picture had to be built anew again and again.",
  support: "Use a cable.",
  developer: "Look at the loss.",
};

const observation: CustomObservation = {
  ...words,
  id: "key-frames-asked-for",
  domain: "receiver-downlink",
  metric: keyFrameRequests,
  levels: [{ severity: "major", on: 20, clear: 5 }],
  signals: [{ family: "event", weight: 0.9, text: "the decoder asked" }],
};

const busy = (): ReturnType<typeof buildCall> =>
  buildCall()
    .run(20)
    .run(20, { inVideo: { pliCount: 1 } })
    .run(40);

test("a metric with levels goes through the same hysteresis, and can be the stated cause", () => {
  const analysis = busy().analyse({ extensions: [defineObservation(observation)] });
  expect(summary(analysis)).toContain("key-frames-asked-for major 19..41");
  expect(analysis.verdict).toMatchObject({
    statedCause: "key-frames-asked-for",
    faultDomain: "receiver-downlink",
  });
  expect(analysis.catalogVersion).toMatch(/\+project\./);
});

test("its words travel with it, so that a reader who does not know the project can print them", () => {
  const found = busy()
    .analyse({ extensions: [defineObservation(observation)] })
    .observations.find(({ id }) => id === observation.id);
  expect(found?.words).toEqual(words);
  if (found === undefined) return;
  const { title, sentence, supportAdvice } = describeObservation(found);
  expect(title).toBe(words.title);
  expect(sentence).toContain("The picture had to be built anew again and again. (60 1/min at worst");
  expect(supportAdvice).toBe(words.support);
});

test("an effect is never the stated cause", () => {
  const { verdict } = busy().analyse({ extensions: [defineObservation({ ...observation, effect: true })] });
  expect(verdict.statedCause).toBeNull();
});

test("an expected state counts neither way", () => {
  const extension = defineObservation({ ...observation, unless: ({ now }) => now["frameHeight"] === 360 });
  const found = summary(busy().analyse({ extensions: [extension] }));
  expect(found.filter((one) => one.startsWith(observation.id))).toEqual([]);
});

test("what the browser does not report makes it not computable", () => {
  const { verdict } = buildCall()
    .run(20, { inVideo: { pliCount: null } })
    .analyse({ extensions: [defineObservation(observation)] });
  expect(verdict.missing.map(({ what }) => what)).toContain("key-frames-asked-for");
});

test("events of the app raise and clear", () => {
  const extension = defineObservation({
    ...words,
    id: "agent-unreachable",
    domain: "application",
    signals: [{ family: "event", weight: 0.9, text: "the app said so" }],
    onEvent(event, { raise, clear }) {
      if (event.name !== "app-event") return;
      if (event.data?.["name"] === "agent-lost") raise("critical", { attempts: 3 });
      if (event.data?.["name"] === "agent-back") clear();
    },
  });
  const call = buildCall()
    .run(5)
    .event("app-event", { name: "agent-lost" })
    .run(5)
    .event("app-event", { name: "agent-back" })
    .run(5);
  const analysis = call.analyse({ extensions: [extension] });
  expect(summary(analysis)).toEqual(["agent-unreachable critical 5..10"]);
  expect(analysis.verdict.faultDomain).toBe("application");
});

test("metrics are given to charts under a name of their own, and start anew after a reset", () => {
  const points: MetricPoint[] = [];
  buildCall()
    .run(3, { inVideo: { pliCount: 2 } })
    .reset("inVideo")
    .run(2)
    .analyse({ metrics: [keyFrameRequests], onMetric: (point) => points.push(point) });
  expect(points.filter(({ name }) => name === "custom:key-frame-requests").map(({ value }) => value)).toEqual(
    [120, 120, null, 0],
  );
});

test("code of the project that throws does not cost the analysis", () => {
  const failing = (): never => {
    throw new Error("mistake of the project");
  };
  const extension = defineObservation({
    ...observation,
    metric: defineMetric({ ...keyFrameRequests, compute: failing }),
    unless: failing,
    onEvent: failing,
  });
  const call = busy().event("negotiation-needed", {});
  expect(call.analyse({ extensions: [extension] }).verdict.missing.map(({ what }) => what)).toContain(
    "key-frames-asked-for",
  );
});

test.each<[Partial<CustomObservation>, string]>([
  [{ id: "uplink-loss" }, "the catalogue has this id already"],
  [{ id: "Not An Id" }, "lower-case words with hyphens"],
  [{ title: "" }, "title is missing"],
  [{ title: "x".repeat(61) }, "more than 60 characters"],
  [{ levels: [] }, "a metric needs at least one level"],
  [{ levels: [{ severity: "minor", on: 1, clear: 2 }] }, "clear must not be above on"],
  [
    {
      levels: [
        { severity: "minor", on: 5, clear: 2 },
        { severity: "major", on: 5, clear: 2 },
      ],
    },
    "on must be above that of minor",
  ],
])("an observation with %j is refused", (change, message) => {
  expect(() => defineObservation({ ...observation, ...change })).toThrow(ExtensionError);
  expect(() => defineObservation({ ...observation, ...change })).toThrow(message);
});

test("an observation needs something to look at", () => {
  const { metric, levels, ...rest } = observation;
  expect([metric, levels]).toHaveLength(2);
  expect(() => defineObservation(rest)).toThrow("needs a metric with levels, or onEvent");
});

test.each<[Partial<CustomMetric>, string]>([
  [{ id: "A b" }, "lower-case words"],
  [{ stats: "" }, "stats must name a type"],
])("a metric with %j is refused", (change, message) => {
  expect(() => defineMetric({ ...keyFrameRequests, ...change })).toThrow(message);
});
