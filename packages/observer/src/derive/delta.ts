import type { ImpossibleValue } from "../model/impossible-values.ts";

/*
 * Delta rules of the scoring reference, section 2.1: a counter that is missing or went backwards has no delta;
 * nothing is ever replaced by 0.
 */

/** Growth of a monotone counter; null when either side is missing or it went backwards. */
export function growth(before: number | null, now: number | null): number | null {
  if (before === null || now === null || now < before) return null;
  return now - before;
}

/* The same for numbers that were kept in rows (model/kept-report.ts): NaN where there was none. */

/** Growth of a kept counter; null where one of both is missing, and where it went backwards. */
export function grown(before: number | undefined, now: number | null): number | null {
  return now !== null && before !== undefined && now >= before ? now - before : null;
}

/** Difference to a kept number that may shrink (packetsLost). */
export function change(before: number | undefined, now: number | null): number | null {
  return now === null || before === undefined || Number.isNaN(before) ? null : now - before;
}

/** Did a kept counter go backwards? */
export function isBelow(now: number | null, before: number | undefined): boolean {
  return now !== null && before !== undefined && now < before;
}

/** A counter that went backwards, as a value that cannot be; else nothing. */
export function shrunk(
  stat: string,
  field: string,
  before: number | undefined,
  value: number | null,
): ImpossibleValue[] {
  return value !== null && before !== undefined && value < before ? [{ stat, field, value }] : [];
}

/** Is it the same stream? A kept SSRC is NaN where there was none. */
export function isSameSsrc(before: number | undefined, now: number | null): boolean {
  return Object.is(before, now ?? Number.NaN);
}

/** The codec counts as changed only when both sides name one. */
export function codecChanged(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}

/** Seconds since a kept row, whose first number is its timestamp; null unless positive. `now`: ms. */
export function secondsSince(numbers: readonly number[], row: number, now: number): number | null {
  return secondsBetween(numbers[row] ?? Number.NaN, now);
}

/** Seconds between two stats timestamps (ms); null unless positive. */
export function secondsBetween(before: number, now: number): number | null {
  const seconds = (now - before) / 1000;
  return seconds > 0 && Number.isFinite(seconds) ? seconds : null;
}

/** a / b, null when either is missing or b is not positive. */
export function ratio(a: number | null, b: number | null): number | null {
  if (a === null || b === null || b <= 0) return null;
  return a / b;
}

/** Seconds to milliseconds, keeping null. */
export function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}
