import { observationCatalog } from "@peerscope/observer";
import type { MetricName, MetricSubject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { linesOf, panelGroups } from "./panels.ts";
import { createSeries, type Series } from "./series.ts";

const panels = panelGroups.flatMap((group) => group.panels);

test("links name panels by ids that stay", () => {
  expect(panels.map((panel) => panel.id)).toEqual([
    "audio-out.level",
    "video-out.frame-rate",
    "video-out.height",
    "out.bitrate",
    "out.loss",
    "out.jitter",
    "path.round-trip-time",
    "in.bitrate",
    "in.loss",
    "in.jitter",
    "in.jitter-buffer",
    "audio-in.concealment",
    "video-in.frame-rate",
    "video-in.height",
    "video-in.freeze",
    "audio-in.level",
  ]);
});

test("every observation that is marked in a chart is one of the catalogue", () => {
  const known = [...observationCatalog.keys()];
  for (const id of panels.flatMap((panel) => panel.observations)) expect(known).toContain(id);
});

test("a stream has the same colour in every chart, and streams in one chart differ", () => {
  const subject = (
    kind: MetricSubject["kind"],
    direction: MetricSubject["direction"],
    statsId: string,
  ): MetricSubject => ({
    pcId: "pc",
    kind,
    direction,
    statsId,
  });
  const names: MetricName[] = ["bitrate-bps", "loss-ratio", "jitter-ms"];
  const series: Series[] = names.flatMap((name) => [
    createSeries(`${name} a`, name, subject("audio", "inbound", "a")),
    createSeries(`${name} v`, name, subject("video", "inbound", "v")),
    createSeries(`${name} w`, name, subject("video", "inbound", "w")),
  ]);
  for (const id of ["in.bitrate", "in.loss", "in.jitter"]) {
    const panel = panels.find((candidate) => candidate.id === id);
    if (panel === undefined) throw new Error(`No panel ${id}`);
    const lines = linesOf(panel, series);
    expect(lines.map((line) => [line.label, line.color])).toEqual([
      ["audio", 0],
      ["video", 1],
      ["video 2", 1],
    ]);
    expect(lines[1]?.dash).not.toEqual(lines[2]?.dash);
  }
});
