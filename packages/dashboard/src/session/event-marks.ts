import type { EventLine } from "./event-rows.ts";

export type MarkFamily = "connection" | "media" | "device" | "app";

/** An event on the rail of the timeline. */
export interface EventMark {
  readonly line: EventLine;
  readonly family: MarkFamily;
}

/** Marks too close to each other to be pointed at one by one. */
export interface MarkGroup {
  /** Pixels from the left edge: that of its first mark. */
  readonly x: number;
  readonly marks: readonly EventMark[];
  /** One of them failed. */
  readonly noteworthy: boolean;
}

const deviceCalls = new Set(["getUserMedia()", "getDisplayMedia()", "enumerateDevices()"]);

/** The family of an event, or null when it is not on the rail: pages have a lane, calls that went well a table. */
function familyOf(line: EventLine): MarkFamily | null {
  switch (line.family) {
    case "connection":
      return "connection";
    case "media":
      return line.name === "devices changed" ? "device" : "media";
    case "app":
      return "app";
    case "call":
      return deviceCalls.has(line.name) ? "device" : line.failed ? "connection" : null;
    case "page":
    case "sdk":
      return null;
  }
}

export function eventMarks(lines: readonly EventLine[]): EventMark[] {
  const marks: EventMark[] = [];
  for (const line of lines) {
    const family = familyOf(line);
    if (family !== null) marks.push({ line, family });
  }
  return marks.sort((a, b) => a.line.at - b.line.at);
}

/** Groups marks in time order so that no two groups begin less than `apart` pixels from each other. */
export function groupMarks(
  marks: readonly EventMark[],
  toX: (at: number) => number,
  width: number,
  apart: number,
): MarkGroup[] {
  const groups: { x: number; marks: EventMark[]; noteworthy: boolean }[] = [];
  for (const mark of marks) {
    const x = toX(mark.line.at);
    if (x < 0 || x > width) continue;
    const last = groups.at(-1);
    if (last === undefined || x - last.x >= apart) {
      groups.push({ x, marks: [mark], noteworthy: mark.line.failed });
    } else {
      last.marks.push(mark);
      last.noteworthy ||= mark.line.failed;
    }
  }
  return groups;
}
