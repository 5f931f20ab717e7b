import type { Observation } from "@peerscope/schema";
import { expect, test } from "vitest";
import { namedObservation } from "../words/causes.ts";
import { evidenceCharts } from "./evidence.ts";

const session = { start: 1_000_000, end: 1_000_000 + 3_600_000 };
const seen = (id: string, from: number, to: number | null, more: Partial<Observation> = {}): Observation => ({
  ...namedObservation(id),
  key: `${id} ${from}`,
  severity: "major",
  startedAt: session.start + from * 1000,
  clearedAt: to === null ? null : session.start + to * 1000,
  ...more,
});
const ids = (observations: Observation[], cause: string | null, drawn = (): boolean => true): string[] =>
  evidenceCharts(observations, cause, session, drawn).map((chart) => chart.panel.id);

test("the stated cause comes first, whatever else was worse, then its consequences", () => {
  const cause = seen("uplink-loss", 100, 200);
  const effect = seen("audio-concealment", 110, 190, { parentId: cause.key });
  const other = seen("downlink-loss", 100, 200, { severity: "critical" });
  expect(ids([other, effect, cause], "uplink-loss")).toEqual(["out.loss", "in.jitter-buffer"]);
});

test("what happened at another time proves nothing", () => {
  const cause = seen("high-rtt", 100, 200);
  expect(ids([cause, seen("downlink-loss", 900, 950)], "high-rtt")).toEqual(["path.round-trip-time"]);
});

test("without an observation that hurt, or without a drawn chart, there is nothing", () => {
  expect(ids([], null)).toEqual([]);
  expect(ids([seen("uplink-loss", 1, 2, { severity: "info" })], "uplink-loss")).toEqual([]);
  expect(ids([seen("uplink-loss", 1, 20)], "uplink-loss", () => false)).toEqual([]);
});

test("they show the bad minutes with a margin, inside the session", () => {
  const range = (of: Observation): unknown => evidenceCharts([of], of.id, session, () => true)[0]?.range;
  expect(range(seen("uplink-loss", 100, 200))).toEqual({ from: 85, to: 215 });
  expect(range(seen("uplink-loss", 1, 3595))).toEqual({ from: 0, to: 691 });
  expect(range(seen("uplink-loss", 3590, null))).toEqual({ from: 3587, to: 3600 });
});

test("of something long only ten minutes around the worst moment", () => {
  const at = session.start + 2_000_000;
  const peak = { stat: "derived", field: "loss", value: 30, unit: "%", from: at - 5000, to: at };
  const [chart] = evidenceCharts(
    [seen("uplink-loss", 0, null, { peak })],
    "uplink-loss",
    session,
    () => true,
  );
  expect(chart?.range).toEqual({ from: 1610, to: 2390 });
});
