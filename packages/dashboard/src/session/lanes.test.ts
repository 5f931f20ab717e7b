import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventRow } from "../worker/messages.ts";
import { hiddenSpans, lanesOf, stackRows } from "./lanes.ts";

const event = (
  at: number,
  name: string,
  data: EventRow["data"],
  connectionId: string | null = null,
): EventRow => ({
  at,
  name,
  data,
  connectionId,
});

describe("lanes", () => {
  test("connection and ICE state have a lane each, because browsers let them disagree", () => {
    const lanes = lanesOf(
      [
        event(0, "connection-state-changed", { state: "connecting" }, "pc"),
        event(5, "ice-connection-state-changed", { state: "connected" }, "pc"),
        event(10, "connection-state-changed", { state: "connected" }, "pc"),
        event(60, "connection-state-changed", { state: "failed" }, "pc"),
      ],
      100,
    );
    expect(lanes).toEqual([
      {
        id: "connection pc",
        title: "Connection",
        spans: [
          { from: 0, to: 10, word: "connecting", look: "quiet" },
          { from: 10, to: 60, word: "connected", look: "plain" },
          { from: 60, to: 100, word: "failed", look: "bad" },
        ],
      },
      { id: "ice pc", title: "ICE", spans: [{ from: 5, to: 100, word: "connected", look: "plain" }] },
    ]);
  });

  test("a microphone that was switched off differs from one without signal and one that went away", () => {
    const track = (at: number, data: Record<string, boolean | string>): EventRow =>
      event(at, "track-state-changed", {
        trackId: "t",
        kind: "audio",
        direction: "local",
        enabled: true,
        muted: false,
        readyState: "live",
        ...data,
      });
    const [lane] = lanesOf(
      [
        track(0, {}),
        track(1, { enabled: false }),
        track(2, { muted: true }),
        track(3, { readyState: "ended" }),
      ],
      4,
    );
    expect(lane?.title).toBe("Microphone");
    expect(lane?.spans.map((span) => [span.word, span.look])).toEqual([
      ["on", "plain"],
      ["switched off", "quiet"],
      ["no signal", "warn"],
      ["ended by itself", "bad"],
    ]);
  });

  test("hidden stretches end when the page is seen again", () => {
    const lanes = lanesOf(
      [
        event(0, "page-visibility-changed", { visible: true }),
        event(10, "page-visibility-changed", { visible: false }),
        event(30, "page-visibility-changed", { visible: true }),
      ],
      40,
    );
    expect(hiddenSpans(lanes)).toEqual([{ from: 10, to: 30, word: "hidden", look: "quiet" }]);
    expect(hiddenSpans([])).toEqual([]);
  });
});

test("stacked bars never overlap in a row", () => {
  const bars = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 200 })).map(([from, length]) => ({
      from,
      to: from + length,
    })),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(bars, (all) => {
      const placed = stackRows(all, 8);
      expect(placed.length).toBe(all.length);
      for (const a of placed) {
        for (const b of placed) {
          if (a === b || a.row !== b.row) continue;
          expect(
            Math.max(a.bar.to, a.bar.from + 8) <= b.bar.from ||
              Math.max(b.bar.to, b.bar.from + 8) <= a.bar.from,
          ).toBe(true);
        }
      }
    }),
  );
});
