import fc from "fast-check";
import { expect, test } from "vitest";
import { createTimeView } from "./time-view.ts";

test("whatever the reader does, the window stays inside the session and goes forward", () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant("show" as const),
      a: fc.double({ min: -500, max: 2000, noNaN: true }),
      b: fc.double({ min: 0.01, max: 3000, noNaN: true }),
    }),
    fc.record({ do: fc.constant("zoom" as const), a: fc.double({ min: 0.05, max: 20, noNaN: true }) }),
    fc.record({ do: fc.constant("pan" as const), a: fc.double({ min: -3, max: 3, noNaN: true }) }),
    fc.record({ do: fc.constant("at" as const), a: fc.double({ min: -100, max: 5000, noNaN: true }) }),
    fc.record({ do: fc.constant("reset" as const) }),
  );
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 30_000, noNaN: true }),
      fc.array(action, { maxLength: 30 }),
      (length, actions) => {
        const view = createTimeView(null, null);
        view.setExtent({ from: 0, to: length }, false);
        for (const step of actions) {
          if (step.do === "show") view.show({ from: step.a, to: step.a + step.b });
          else if (step.do === "zoom") view.zoom(step.a);
          else if (step.do === "pan") view.pan(step.a);
          else if (step.do === "at") view.setAt(step.a);
          else view.reset();
          const { range, extent, at } = view.state();
          expect(range.from).toBeGreaterThanOrEqual(extent.from - 1e-6);
          expect(range.to).toBeLessThanOrEqual(extent.to + 1e-6);
          expect(range.to - range.from).toBeGreaterThan(0.99);
          if (at !== null) expect(at).toBeLessThanOrEqual(extent.to);
        }
      },
    ),
  );
});

test("zooming keeps what is under the cursor under the cursor", () => {
  const view = createTimeView(null, null);
  view.setExtent({ from: 0, to: 100 }, false);
  view.setAt(25);
  view.zoom(0.5);
  expect(view.state().range).toEqual({ from: 12.5, to: 62.5 });
  view.zoom(10);
  expect(view.state()).toMatchObject({ range: { from: 0, to: 100 }, chosen: false });
});

test("a live session is followed until the reader chooses a window, and again after reset", () => {
  const view = createTimeView(null, null);
  view.setExtent({ from: 0, to: 400 }, true);
  expect(view.state().range).toEqual({ from: 100, to: 400 });
  view.show({ from: 10, to: 20 });
  view.setExtent({ from: 0, to: 410 }, true);
  expect(view.state().range).toEqual({ from: 10, to: 20 });
  view.reset();
  expect(view.state().range).toEqual({ from: 110, to: 410 });
});

test("the window of a link is kept while the session still loads", () => {
  const view = createTimeView({ from: 30, to: 40 }, 35);
  view.setExtent({ from: 0, to: 12 }, false);
  view.setExtent({ from: 0, to: 120 }, false);
  expect(view.state()).toMatchObject({ range: { from: 30, to: 40 }, at: 35, chosen: true, pinned: true });
});
