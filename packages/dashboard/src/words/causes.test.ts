import { expect, test } from "vitest";
import { causeWords, type CauseWords } from "./causes.ts";

const said = (more: Partial<Parameters<typeof causeWords>[0]>): CauseWords =>
  causeWords({ statedCause: null, faultDomain: "unknown", observationIds: [], scoreClass: "good", ...more });

test("nothing was unusual only where the score is good", () => {
  expect(said({}).what).toBe("Nothing unusual");
  expect(said({ scoreClass: "not-measured" }).what).toBe("Nothing measured");
  for (const scoreClass of ["fair", "poor", "failed", "dropped"] as const)
    expect(said({ scoreClass }).what).toBe("No cause stated");
});

test("what is known is told whatever the score", () => {
  for (const scoreClass of ["good", "poor", "not-measured"] as const) {
    const { what, where } = said({ scoreClass, statedCause: "uplink-loss", faultDomain: "publisher-uplink" });
    expect(what).toMatch(/lost/i);
    expect(where).toBe("This person's outgoing line");
  }
});
