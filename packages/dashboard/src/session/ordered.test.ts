import type { Observation } from "@peerscope/schema";
import { expect, test } from "vitest";
import { ordered } from "./observations-order.ts";

const observation = (key: string, patch: Partial<Observation> = {}): Observation => ({
  id: key,
  key,
  catalogVersion: "1",
  severity: "minor",
  category: "",
  scope: { sessionId: "s", participantId: null },
  startedAt: 0,
  clearedAt: 1000,
  endReason: "cleared",
  peak: null,
  evidence: [],
  counter: [],
  missing: [],
  domainHint: "unknown",
  parentId: null,
  verdict: null,
  ...patch,
});

test("effects stand below the cause at the root of their chain, worst first", () => {
  const groups = ordered([
    observation("effect", { parentId: "middle", severity: "critical" }),
    observation("alone", { severity: "major" }),
    observation("middle", { parentId: "cause" }),
    observation("cause", { severity: "major", clearedAt: 9000 }),
  ]);
  expect(groups.map((group) => [group.observation.key, group.effects.map((effect) => effect.key)])).toEqual([
    ["cause", ["effect", "middle"]],
    ["alone", []],
  ]);
});

test("a parent that is not there, or a circle, loses no observation", () => {
  const groups = ordered([
    observation("orphan", { parentId: "gone" }),
    observation("a", { parentId: "b" }),
    observation("b", { parentId: "a" }),
  ]);
  const keys = groups.flatMap((group) => [
    group.observation.key,
    ...group.effects.map((effect) => effect.key),
  ]);
  expect(new Set(keys)).toEqual(new Set(["orphan", "a", "b"]));
});
