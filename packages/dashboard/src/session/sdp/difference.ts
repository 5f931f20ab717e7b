import { diffArrays } from "diff";
import type { SdpSection, SessionDescription } from "./descriptions.ts";

/** A line of two descriptions side by side. */
export interface DifferenceLine {
  readonly change: "same" | "added" | "removed";
  readonly text: string;
}

/** One media section before and after. */
export interface SectionDifference {
  readonly section: SdpSection;
  readonly change: "same" | "changed" | "added" | "removed";
  readonly lines: readonly DifferenceLine[];
}

/** More lines than this are not compared line by line; a browser writes some hundreds. Ours. */
const maxComparedLines = 20_000;

/**
 * What differs from one description to the next, media section by media section. Sections are matched by their mid, else by
 * their place, so that one that was added does not make all the following ones look new.
 */
export function differenceOf(before: SessionDescription, after: SessionDescription): SectionDifference[] {
  const left = new Map(before.sections.map((section, place) => [nameOf(section, place), section]));
  const differences = after.sections.map((section, place): SectionDifference => {
    const name = nameOf(section, place);
    const old = left.get(name);
    left.delete(name);
    if (old === undefined) return { section, change: "added", lines: all("added", section.lines) };
    const lines = compare(old.lines, section.lines);
    return { section, change: lines.some((line) => line.change !== "same") ? "changed" : "same", lines };
  });
  for (const section of left.values())
    differences.push({ section, change: "removed", lines: all("removed", section.lines) });
  return differences;
}

function nameOf(section: SdpSection, place: number): string {
  return section.kind === "session" ? "session" : (section.mid ?? `#${place}`);
}

function compare(before: readonly string[], after: readonly string[]): DifferenceLine[] {
  if (before.length + after.length > maxComparedLines)
    return [...all("removed", before), ...all("added", after)];
  return diffArrays([...before], [...after]).flatMap(({ added, removed, value }) =>
    all(added ? "added" : removed ? "removed" : "same", value),
  );
}

function all(change: DifferenceLine["change"], lines: readonly string[]): DifferenceLine[] {
  return lines.map((text) => ({ change, text }));
}
