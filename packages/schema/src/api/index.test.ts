import { describe, expect, it } from "vitest";
import { faultDomains } from "../analysis.ts";
import { faultDomainSchema, sessionListSchema, sessionQuerySchema } from "./index.ts";

describe("the query of GET /api/sessions", () => {
  it("has defaults", () => {
    expect(sessionQuerySchema.parse({})).toEqual({ sort: "newest", limit: 100 });
  });

  it("takes numbers as they stand in a URL", () => {
    expect(sessionQuerySchema.parse({ limit: "25", q: "anna", live: "true" })).toEqual({
      sort: "newest",
      limit: 25,
      q: "anna",
      live: "true",
    });
  });

  it.each([
    { limit: "0" },
    { limit: "501" },
    { limit: "x" },
    { sort: "best" },
    { live: "yes" },
    { q: "x".repeat(201) },
  ])("refuses %j", (query) => expect(sessionQuerySchema.safeParse(query).success).toBe(false));
});

describe("the answer of GET /api/sessions", () => {
  it("names the fault domains of the analysis", () => {
    for (const domain of faultDomains) expect(faultDomainSchema.parse(domain)).toBe(domain);
    expect(faultDomainSchema.safeParse("gremlins").success).toBe(false);
  });

  it("may be empty", () => {
    const empty = { sessions: [], nextCursor: null, total: 0 };
    expect(sessionListSchema.parse(empty)).toEqual(empty);
  });
});
