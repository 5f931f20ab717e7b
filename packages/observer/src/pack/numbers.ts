/** Longer arrays are rare, and made slowly. */
const blank: readonly number[] = Array.from({ length: 256 }, () => Number.NaN);

/**
 * An array of numbers of that length, NaN each. Not a typed array: of a few dozen numbers those take three times as much memory. Filled
 * with what no whole number is, so that the engine keeps the numbers as they are, without a box for each.
 */
export function noNumbers(length: number): number[] {
  return length <= blank.length ? blank.slice(0, length) : Array.from({ length }, () => Number.NaN);
}
