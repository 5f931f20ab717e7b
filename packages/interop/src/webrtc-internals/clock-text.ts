/** Calendar time of a clock text, as if its zone were UTC, in Unix ms. */
export interface ClockReading {
  readonly monthFirstMs: number | null;
  readonly dayFirstMs: number | null;
}

/**
 * Reads the time of an older log entry: text in the language and zone of the machine the dump was made on ("11/21/2026, 4:09:47 AM",
 * "21.11.2026, 04:09:47"). Day and month may be either way round; the caller knows when the call was.
 */
export function readClockText(text: string): ClockReading | null {
  const match =
    /^(\d{1,4})[/.-]\s?(\d{1,2})[/.-]\s?(\d{1,4})\.?,?\s+(\d{1,2})[:.](\d{2})[:.](\d{2})(?:[.,](\d{1,3}))?\s*([ap])?\.?\s?m?\.?$/iu.exec(
      text
        .slice(0, 60)
        .replaceAll(/[\u202f\u00a0]/g, " ")
        .trim(),
    );
  if (match === null) return null;
  const [first = 0, second = 0, third = 0, hour = 0, minute = 0, seconds = 0] = match.slice(1, 7).map(Number);
  const half = match[8]?.toLowerCase();
  const hours = half === undefined ? hour : (hour % 12) + (half === "p" ? 12 : 0);
  const millis = Number((match[7] ?? "0").padEnd(3, "0"));
  const at = (year: number, month: number, day: number): number | null =>
    month >= 1 && month <= 12 && day >= 1 && day <= 31 && year >= 2001 && year < 2096
      ? Date.UTC(year, month - 1, day, hours, minute, seconds, millis)
      : null;
  const reading =
    first > 31
      ? { monthFirstMs: at(first, second, third), dayFirstMs: null }
      : { monthFirstMs: at(third, first, second), dayFirstMs: at(third, second, first) };
  return reading.monthFirstMs === null && reading.dayFirstMs === null ? null : reading;
}

/** The reading that is nearer to a time the dump is sure of. */
export function chooseReading({ monthFirstMs, dayFirstMs }: ClockReading, nearMs: number | null): number {
  const month = monthFirstMs ?? dayFirstMs ?? 0;
  const day = dayFirstMs ?? month;
  if (nearMs === null) return month;
  return Math.abs(day - nearMs) < Math.abs(month - nearMs) ? day : month;
}
