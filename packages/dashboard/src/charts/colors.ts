/**
 * Every colour of the dashboard, in both themes. `tokens.css` carries the same values for the style sheet; a test
 * compares both and computes the contrast ratios, so nobody can break them by taste.
 * States follow the Okabe-Ito idea: blue instead of green for good, amber and vermilion that differ in lightness.
 */

export type ThemeName = "light" | "dark";

/** Class of a score, as a colour. `mark` is for shapes and lines (3:1), `text` for words (4.5:1). */
export interface StateColor {
  readonly mark: string;
  readonly text: string;
}

export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly sunken: string;
  readonly raised: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly grid: string;
  readonly good: StateColor;
  readonly fair: StateColor;
  readonly poor: StateColor;
  readonly failed: StateColor;
  readonly unmeasured: StateColor;
  /** Five lines, then the same again with dashes. Never a state colour. */
  readonly series: readonly [string, string, string, string, string];
}

export const palettes: Readonly<Record<ThemeName, Palette>> = {
  light: {
    page: "#f5f7f9",
    surface: "#ffffff",
    sunken: "#eef1f5",
    raised: "#ffffff",
    line: "#dde3ea",
    lineStrong: "#8a96a5",
    ink: "#17202a",
    inkSoft: "#566273",
    accent: "#005a8f",
    accentSoft: "#e3f0f8",
    grid: "#e8ecf1",
    good: { mark: "#0072b2", text: "#0072b2" },
    fair: { mark: "#c28400", text: "#8a6100" },
    poor: { mark: "#b23a00", text: "#b23a00" },
    failed: { mark: "#4a0d2e", text: "#4a0d2e" },
    unmeasured: { mark: "#75808e", text: "#5f6b7a" },
    series: ["#005a8f", "#c28400", "#7a2a00", "#4c9bd1", "#c0558f"],
  },
  dark: {
    page: "#11161c",
    surface: "#161d25",
    sunken: "#0d1217",
    raised: "#1a212a",
    line: "#2a3441",
    lineStrong: "#6b7886",
    ink: "#e8edf2",
    inkSoft: "#a3afbd",
    accent: "#7cc4f2",
    accentSoft: "#16303f",
    grid: "#222b36",
    good: { mark: "#56b4e9", text: "#56b4e9" },
    fair: { mark: "#ffdd80", text: "#ffdd80" },
    poor: { mark: "#e8662a", text: "#ee7a45" },
    failed: { mark: "#ffffff", text: "#ffffff" },
    unmeasured: { mark: "#7f8b9a", text: "#98a4b3" },
    series: ["#56b4e9", "#f28e3c", "#ffe9a8", "#c77fb0", "#2fa37c"],
  },
};

/** Relative luminance of `#rrggbb`, WCAG 2.2. */
export function luminance(hex: string): number {
  const channel = (start: number): number => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21, WCAG 2.2. */
export function contrastRatio(one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
}

/** The palette as custom properties of a style sheet: `--page`, `--good-mark`, `--series-1` ... */
export function paletteVariables(palette: Palette): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette) as [
    string,
    string | StateColor | readonly string[],
  ][]) {
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (typeof value === "string") variables[`--${kebab}`] = value;
    else if (Array.isArray(value))
      value.forEach((hex, i) => (variables[`--series-${i + 1}`] = hex as string));
    else {
      const state = value as StateColor;
      variables[`--${kebab}-mark`] = state.mark;
      variables[`--${kebab}-text`] = state.text;
    }
  }
  return variables;
}
