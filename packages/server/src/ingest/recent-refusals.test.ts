import { expect, test } from "vitest";
import { createRecentRefusals, recentRefusalsMs, type RecentRefusals } from "./recent-refusals.ts";

function start(): { readonly clock: { now: number }; readonly refusals: RecentRefusals } {
  const clock = { now: 1_700_000_000_000 };
  return { clock, refusals: createRecentRefusals(() => clock.now) };
}

test("a project sees its own refusals and those that may be anybody's, newest first", () => {
  const { clock, refusals } = start();
  refusals.note("key-origin-wrong", "shop", "It is https://shop.example.");
  refusals.note("key-revoked", "bank", "secret of the bank");
  clock.now += 1_000;
  refusals.note("token-invalid", null, "what a stranger wrote");
  clock.now += 1_000;
  refusals.note("token-invalid", null);
  expect(refusals.of("shop")).toEqual([
    { code: "token-invalid", count: 2, lastAt: clock.now, detail: null, ofProject: false },
    {
      code: "key-origin-wrong",
      count: 1,
      lastAt: clock.now - 2_000,
      detail: "It is https://shop.example.",
      ofProject: true,
    },
  ]);
});

test("what is older than ten minutes is not counted, and forgotten", () => {
  const { clock, refusals } = start();
  refusals.note("token-invalid", null);
  clock.now += recentRefusalsMs - 1_000;
  refusals.note("token-invalid", null);
  expect(refusals.of("shop")[0]?.count).toBe(2);
  clock.now += 60_000;
  expect(refusals.of("shop")[0]?.count).toBe(1);
  clock.now += recentRefusalsMs;
  expect(refusals.of("shop")).toEqual([]);
});

test("a flood takes no more memory than its codes and projects", () => {
  const { clock, refusals } = start();
  for (let i = 0; i < 30_000; i += 1) {
    clock.now += 1;
    refusals.note("token-invalid", `project-${i}`);
  }
  expect(refusals.of("project-0")).toEqual([]);
  expect(refusals.of("project-29999")).toHaveLength(1);
});
