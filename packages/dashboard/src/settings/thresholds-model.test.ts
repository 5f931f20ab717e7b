import { observationCatalog, parseThresholds } from "@peerscope/observer";
import { expect, test } from "vitest";
import { thresholdRows, withoutChanges, withValue, type Thresholds } from "./thresholds-model.ts";

const catalog = [...observationCatalog.values()];

test("every value that is offered is one that the server takes", () => {
  let all: Thresholds = {};
  for (const { definition, values } of thresholdRows(catalog, {}, ""))
    for (const { path, standard } of values) all = withValue(all, definition.id, path, standard);
  expect(Object.keys(all)).toHaveLength(observationCatalog.size);
  // The catalogue's own numbers, said again, change nothing.
  for (const [id, definition] of parseThresholds(all).tuned)
    expect({ id, levels: definition.levels, on: definition.on, others: definition.thresholds }).toEqual({
      id,
      levels: observationCatalog.get(id)?.levels,
      on: observationCatalog.get(id)?.on,
      others: observationCatalog.get(id)?.thresholds,
    });
});

test("a change is seen, and is gone without a trace when it is taken back", () => {
  const changed = withValue({}, "uplink-loss", ["levels", "minor", "on"], 3);
  expect(changed).toEqual({ "uplink-loss": { levels: { minor: { on: 3 } } } });
  const [row] = thresholdRows(catalog, changed, "uplink-loss");
  expect(row?.changes).toBe(1);
  expect(row?.values[0]).toMatchObject({ own: 3, label: "Minor: raised above" });
  expect(withValue(changed, "uplink-loss", ["levels", "minor", "on"], undefined)).toEqual({});
});

test("one is reset, or all are; switched off is said", () => {
  const two = withValue(withValue({}, "uplink-loss", ["off"], true), "keyframe-storm", ["clearSeconds"], 30);
  expect(thresholdRows(catalog, two, "uplink-loss")[0]?.isOff).toBe(true);
  expect(withoutChanges(two, "uplink-loss")).toEqual({ "keyframe-storm": { clearSeconds: 30 } });
  expect(withoutChanges(two, null)).toEqual({});
});

test("observations are found by id, title and category; names of objects are no observations", () => {
  expect(thresholdRows(catalog, {}, "UPLINK-loss")).toHaveLength(1);
  expect(thresholdRows(catalog, {}, "no such thing")).toEqual([]);
  expect(withoutChanges({}, "__proto__")).toEqual({});
});
