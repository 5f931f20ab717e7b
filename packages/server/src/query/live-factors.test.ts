import { describe, expect, test } from "vitest";
import { noTraits } from "../analyse/session-traits.ts";
import { fisherExact, liveFactors, type ComparedClient } from "./live-factors.ts";

function clients(
  count: number,
  affected: number,
  about: { readonly browser?: string; readonly path?: string; readonly tags?: Record<string, string> },
): ComparedClient[] {
  return Array.from({ length: count }, (_, index) => ({
    isAffected: index < affected,
    summary: {
      tags: about.tags ?? {},
      traits: {
        ...noTraits,
        browserVersion: about.browser ?? null,
        paths: about.path === undefined ? [] : [about.path],
      },
    },
  }));
}

test("Fisher's exact test agrees with published tables", () => {
  expect(fisherExact(8, 2, 1, 9)).toBeCloseTo(0.00548, 5);
  expect(fisherExact(3, 27, 1, 99)).toBeCloseTo(0.03816, 5);
  expect(fisherExact(6, 14, 10, 170)).toBeCloseTo(0.001971, 6);
  expect(fisherExact(0, 30, 0, 30)).toBeCloseTo(1, 9);
});

describe("what those who suffer share", () => {
  test("is the relay that most of them use, with its ratio and the control group", () => {
    const { factors, tried } = liveFactors([
      ...clients(40, 12, { browser: "Chromium 157", path: "relay/tls" }),
      ...clients(400, 30, { browser: "Chromium 157", path: "direct/udp" }),
    ]);
    // All have the browser: there is nobody to compare with.
    expect(tried).toBe(2);
    expect(factors).toEqual([
      {
        dimension: "path",
        value: "relay/tls",
        clients: 40,
        affected: 12,
        controlClients: 400,
        controlAffected: 30,
        ratio: expect.closeTo(4, 9) as number,
        p: expect.any(Number) as number,
      },
    ]);
    expect(factors[0]?.p).toBeLessThan(0.001);
  });

  test("is nothing where as many of the others suffer, or too few clients are there", () => {
    expect(
      liveFactors([...clients(30, 10, { browser: "A 1" }), ...clients(30, 11, { browser: "B 1" })]).factors,
    ).toEqual([]);
    const few = liveFactors([...clients(19, 19, { browser: "A 1" }), ...clients(100, 0, { browser: "B 1" })]);
    expect(few).toEqual({ tried: 0, factors: [] });
  });

  test("may be a tag of the app, and has no ratio when nobody else suffers", () => {
    const [factor] = liveFactors([
      ...clients(20, 8, { tags: { region: "eu-2" } }),
      ...clients(20, 0, { tags: { region: "us-1" } }),
    ]).factors;
    expect(factor).toMatchObject({ dimension: "tag:region", value: "eu-2", ratio: null, controlAffected: 0 });
  });

  test("is corrected for the number of values: one of many that stands out by chance is not told", () => {
    // 5 of 20 against 5 of 80: p is 0.02 alone, and not below 0.05 as one of forty.
    const one = [...clients(20, 5, { tags: { a: "x" } }), ...clients(80, 5, { tags: { a: "y" } })];
    expect(liveFactors(one).factors).toHaveLength(1);
    const many = one.map(({ isAffected, summary }, index) => ({
      isAffected,
      summary: {
        ...summary,
        tags: {
          ...summary.tags,
          ...Object.fromEntries(
            Array.from({ length: 40 }, (_, tag) => [`b${tag}`, String((index + tag) % 2)]),
          ),
        },
      },
    }));
    expect(liveFactors(many).factors).toEqual([]);
  });

  test("is found among ten thousand clients with any tags within a second", () => {
    const began = performance.now();
    const hostile = clients(10_000, 3_000, {}).map(({ isAffected, summary }, index) => ({
      isAffected,
      summary: { ...summary, tags: { id: `t${index}`, half: String(index % 2) } },
    }));
    liveFactors(hostile);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
