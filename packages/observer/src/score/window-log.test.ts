import fc from "fast-check";
import { expect, test } from "vitest";
import type { EvaluatedWindow } from "./track-window.ts";
import { WindowLog } from "./window-log.ts";

const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const term = fc.record({ term: fc.constantFrom("codec", "delay", "loss", "freeze"), lostMos: value });
const flags = fc.subarray(["extrapolated", "short_window", "no-display-size"] as const);
const result = fc.oneof(
  fc.record({ mos: value, reason: fc.constant(null), flags, terms: fc.array(term, { maxLength: 4 }) }),
  fc.record({
    mos: fc.constant(null),
    reason: fc.constantFrom("sender-unknown", "no-stats"),
    flags: fc.constant([]),
    terms: fc.constant([]),
  }),
);
const window: fc.Arbitrary<EvaluatedWindow> = fc.record({
  expected: fc.constant(true),
  rampUp: fc.boolean(),
  result,
  weight: fc.oneof(fc.constant(null), fc.constantFrom(921_600, 230_400), value),
});

test("gives every window back as it was, in the order of their indexes", () => {
  const indexes = fc.uniqueArray(fc.nat(100_000), { maxLength: 40 });
  fc.assert(
    fc.property(indexes, fc.array(window, { minLength: 40, maxLength: 40 }), (places, windows) => {
      const log = new WindowLog();
      const added = places.flatMap((index, at) => {
        const own = windows[at];
        return own === undefined ? [] : [{ index, window: own }];
      });
      for (const each of added) log.add(each.index, each.window);
      expect(log.read()).toEqual(added.toSorted((a, b) => a.index - b.index));
    }),
    { numRuns: 300 },
  );
});
