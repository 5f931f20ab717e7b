import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it("each reason of a loss has a row in the reference, and each row a reason", () => {
  const inCode = [...read("./loss-reason.ts").matchAll(/^ {2}\| "([\w-]+)"/gm)].map(([, reason]) => reason);
  const section = read("../../../../docs/reference/client.md")
    .split("## Delivery and losses")[1]
    ?.split("\n## ")[0];
  const inDocs = [...(section ?? "").matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, reason]) => reason);
  expect(inCode.length).toBeGreaterThan(5);
  expect(inDocs).toEqual(inCode);
});
