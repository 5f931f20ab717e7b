import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventRow } from "../worker/messages.ts";
import { eventMarks, groupMarks } from "./event-marks.ts";
import { eventLines } from "./event-rows.ts";

const row = (at: number, name: string, data: EventRow["data"] = {}): EventRow => ({
  at,
  name,
  connectionId: "p",
  data,
});
const call = (at: number, callId: number, method: string, outcome: string): EventRow[] => [
  row(at, "api-called", { callId, method }),
  row(at + 1, "api-settled", { callId, method, outcome, durationMs: 1 }),
];

test("every family has its mark; calls that went well and the page have none", () => {
  const lines = eventLines([
    row(1, "connection-state-changed", { state: "connected" }),
    row(2, "track-state-changed", { trackId: "t" }),
    row(3, "devices-changed"),
    row(4, "app-event", { name: "rating" }),
    row(5, "page-visibility-changed", { visible: false }),
    ...call(6, 1, "createOffer", "fulfilled"),
    ...call(8, 2, "setRemoteDescription", "rejected"),
    ...call(10, 3, "getUserMedia", "fulfilled"),
  ]);
  expect(eventMarks(lines).map(({ family, line }) => `${family} ${line.name}`)).toEqual([
    "connection connection state changed",
    "media track state changed",
    "device devices changed",
    "app rating",
    "connection setRemoteDescription()",
    "device getUserMedia()",
  ]);
});

test("groups never crowd, lose nothing, and are noteworthy when one of theirs failed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(1000), failed: fc.boolean() }), { maxLength: 60 }),
      (events) => {
        const marks = eventMarks(
          eventLines(
            events.map(({ at, failed }) =>
              row(at, "connection-state-changed", { state: failed ? "failed" : "connected" }),
            ),
          ),
        );
        const groups = groupMarks(marks, (at) => at, 1000, 26);
        expect(groups.flatMap((group) => group.marks)).toEqual(marks);
        for (const [i, group] of groups.entries()) {
          const before = groups[i - 1];
          if (before !== undefined) expect(group.x - before.x).toBeGreaterThanOrEqual(26);
          expect(group.noteworthy).toBe(group.marks.some((mark) => mark.line.failed));
        }
      },
    ),
  );
});
