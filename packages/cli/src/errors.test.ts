import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cliErrors } from "./errors.ts";

const page = readFileSync(new URL("../../../docs/reference/cli.md", import.meta.url), "utf8");

describe("error catalogue", () => {
  it("is the table in docs/reference/cli.md, both ways", () => {
    const rows = [...page.slice(page.indexOf("## Errors")).matchAll(/^\| `([a-z-]+)` *\| (.+?) *\|$/gm)];
    expect(Object.fromEntries(rows.map(([, code, text]) => [code, text]))).toEqual(cliErrors);
  });

  it("has no code that nothing says", () => {
    const source = new URL(".", import.meta.url);
    const text = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.endsWith("errors.ts") && !path.endsWith(".test.ts"))
      .map((path) => readFileSync(new URL(path, source), "utf8"))
      .join("\n");
    for (const code of Object.keys(cliErrors)) expect(text).toMatch(new RegExp(`[^a-z-]${code}[^a-z-]`));
  });
});
