import type { JsonValue } from "@peerscope/schema";

/** What is shown where a value is missing or no number. */
export const notKnown: string = "not known";

/** Longest text taken over from a log. */
const longestText = 160;

/** At most two decimals, fewer for larger numbers, and no exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return notKnown;
  const size = Math.abs(value);
  if (size >= 1e15) return value < 0 ? "less than -1e15" : "more than 1e15";
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const rounded = Number(value.toFixed(digits));
  return rounded === 0 ? "0" : String(rounded);
}

/** A value with its unit; bit/s become kbit/s or Mbit/s where that reads better. */
export function formatQuantity(value: number, unit: string): string {
  if (!Number.isFinite(value)) return notKnown;
  if (unit === "bit/s" && Math.abs(value) >= 1e6) return `${formatNumber(value / 1e6)} Mbit/s`;
  if (unit === "bit/s" && Math.abs(value) >= 1e3) return `${formatNumber(value / 1e3)} kbit/s`;
  if (unit === "%")
    return `${formatNumber(Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value))} %`;
  if (unit === "ratio") return `${formatNumber(value * 100)} %`;
  return unit === "" ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
}

/** Any evidence value as text; lists and objects are shown flat and bounded. */
export function formatValue(value: JsonValue | undefined, unit: string): string {
  if (value === null || value === undefined) return notKnown;
  if (typeof value === "number") return formatQuantity(value, unit);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value.trim() === "" ? "empty" : shorten(value);
  if (isList(value)) return value.length === 0 ? "none" : shorten(value.slice(0, 8).map(inner).join(", "));
  const members = Object.entries(value).slice(0, 8);
  return members.length === 0
    ? "none"
    : shorten(members.map(([name, of]) => `${name} ${inner(of)}`).join(", "));
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

// One level deep is enough for a line of text, and bounds what a hostile log can cost.
const inner = (value: JsonValue): string =>
  typeof value === "object" && value !== null ? "…" : formatValue(value, "");

/** Control characters, and invisible ones that would turn the direction of the sentence around them. */
const controls = /[\p{Cc}\p{Bidi_Control}\u200B\uFEFF]+/gu;

/** Cuts a text from a log to a readable length and takes control characters out. */
export function shorten(text: string): string {
  const clean = text.replaceAll(controls, " ").trim();
  const points = Array.from(clean.slice(0, longestText * 2));
  return points.length > longestText ? `${points.slice(0, longestText - 1).join("")}…` : points.join("");
}

/** 14 s, 6 min 35 s, 2 h 5 min. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return notKnown;
  if (ms < 10_000) return `${formatNumber(Number((ms / 1000).toFixed(1)))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** Time on the session's axis: mm:ss, or h:mm:ss from one hour on. Null where the axis is not known. */
export function formatTime(at: number | null, sessionStart: number | undefined): string | null {
  if (at === null || sessionStart === undefined) return null;
  const ms = at - sessionStart;
  if (!Number.isFinite(ms)) return null;
  const total = Math.floor(Math.abs(ms) / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const clock = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  const sign = ms < 0 && total > 0 ? "-" : "";
  return hours > 0 ? `${sign}${hours}:${clock}` : `${sign}${clock}`;
}

/** "03:10 to 09:45", or one time when both are the same second; null where the axis is not known. */
export function formatRange(
  from: number,
  to: number | null,
  sessionStart: number | undefined,
): string | null {
  const start = formatTime(from, sessionStart);
  const end = formatTime(to, sessionStart);
  if (start === null || end === null || start === end) return start;
  return `${start} to ${end}`;
}

/** First letter upper case. */
export const sentenceCase = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
