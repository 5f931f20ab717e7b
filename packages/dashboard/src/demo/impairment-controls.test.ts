import { observationCatalog } from "@peerscope/observer";
import { expect, test } from "vitest";
import { noImpairments } from "./call/impairments.ts";
import { impairmentControls } from "./impairment-controls.ts";

test("every observation that the demo promises is in the catalogue", () => {
  const promised = impairmentControls.flatMap(({ observations }) => observations);
  expect(promised.filter((id) => !observationCatalog.has(id))).toEqual([]);
  expect(promised.length).toBeGreaterThan(0);
});

test("every control reads back what it changed", () => {
  for (const control of impairmentControls) {
    if (control.kind === "switch") {
      expect(control.read({ ...noImpairments, ...control.change(true) }), control.id).toBe(true);
    } else {
      for (const value of [control.min, control.max]) {
        expect(control.read({ ...noImpairments, ...control.change(value) }), control.id).toBe(value);
      }
    }
  }
});
