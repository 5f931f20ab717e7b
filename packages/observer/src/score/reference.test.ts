import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scoreConstants, type ScoreConstant } from "./constants.ts";
import { opusNodes } from "./opus.ts";
import { scoreVersion } from "./version.ts";

/** The page people read must say what the code does. */
const page = readFileSync(new URL("../../../../docs/reference/scoring.md", import.meta.url), "utf8");

/** Cells of the table that follows a heading. */
function table(heading: string): string[][] {
  const section = page.split(`\n${heading}\n`)[1]?.split("\n#")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("docs/reference/scoring.md", () => {
  test("names the version of the model", () => {
    expect(page).toContain(`scoreVersion\` ${scoreVersion}`);
  });

  test("lists every constant with value, unit and source", () => {
    const constants: readonly (readonly [string, ScoreConstant])[] = Object.entries(scoreConstants);
    const code = constants.map(([name, { value, unit, source }]) => [
      `\`${name}\``,
      String(value),
      unit,
      source,
    ]);
    expect(table("## Constants")).toEqual(code);
  });

  test("lists the Opus table", () => {
    const code = opusNodes.map(({ kbps, ie, bplRandom, bplBursty }) =>
      [kbps, ie, bplRandom, bplBursty].map(String),
    );
    expect(table("### Opus").map((row) => row.slice(0, 4))).toEqual(code);
  });
});
