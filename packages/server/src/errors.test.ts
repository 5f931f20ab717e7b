import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorCatalog, ingestError, RequestError, toApiError } from "./errors.ts";

const page = readFileSync(new URL("../../../docs/reference/errors.md", import.meta.url), "utf8");

/** Text under each heading of the third level. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section): [string, string] => [
      section.slice(0, section.indexOf("\n")),
      section.split(/^## /m)[0] ?? "",
    ]),
);

describe("error catalogue", () => {
  const codes = Object.values(errorCatalog).flatMap((area) => Object.keys(area));

  test("every code has a section in the reference, and every section a code", () => {
    expect([...sections.keys()].toSorted()).toEqual(codes.toSorted());
  });

  test("a code means one thing only", () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(Object.entries(errorCatalog.http))("the reference gives the status of %s", (code, { status }) => {
    expect(sections.get(code)).toContain(`\n${status}. `);
  });

  test.each(Object.entries({ ...errorCatalog.ingest, ...errorCatalog.frames }))(
    "the reference gives close code and retry of %s",
    (code, { closeCode, retry }) => {
      const wanted = new RegExp(`${closeCode}, ${retry ? "retry" : "no retry"}`);
      expect(sections.get(code)).toMatch(wanted);
    },
  );

  test.each(Object.entries(errorCatalog.foreign))(
    "the reference gives status and close code of %s",
    (code, { status, closeCode }) => {
      const section = sections.get(code);
      if (status !== null) expect(section).toContain(`Status ${status}`);
      if (closeCode !== null) expect(section).toMatch(new RegExp(`close code ${closeCode}`, "i"));
      expect(status ?? closeCode).not.toBeNull();
    },
  );

  test("codes of ingest and frames are found by one lookup", () => {
    expect(ingestError("token-invalid").closeCode).toBe(4401);
    expect(ingestError("frame-too-large").closeCode).toBe(4413);
  });

  test("the body of an error leads to its section", () => {
    const error = new RequestError("query-invalid", "limit: too big");
    expect(toApiError(error.code, error.message)).toEqual({
      error: {
        code: "query-invalid",
        message: "A parameter of the request cannot be used. limit: too big",
        docs: "docs/reference/errors.md#query-invalid",
      },
    });
  });
});
