/**
 * How a value is written. A slot (a member of an object, an element of an array) remembers the form of its last
 * value, so an ordinary change carries no form. The numbers are those on the wire.
 */

/** No value: a member that is not there, or no more. */
export const formAbsent = 0;
export const formNull = 1;
export const formFalse = 2;
export const formTrue = 3;
/** The time that most objects of the report share. */
export const formShared = 4;
/** The four forms from here on are an integer divided by the scale below; the difference to the last one is written. */
export const formInteger = 5;
/** Millionths, and how many steps of the float64 the value lies beside the quotient: sums and products of microseconds. */
export const formMillionthsBeside = 9;
/** The float64 itself, as the bytes in which it differs from the last one. */
export const formBits = 10;
export const formString = 11;
/** A string that is integers between commas (Chromium's googTimingFrameInfo), as an array of them. */
export const formList = 12;
export const formArray = 13;
export const formObject = 14;

/**
 * Scales of the forms 5 to 8. Counters; milliseconds and their thousandths; microseconds in seconds; and 16-bit audio
 * levels, which Chromium divides by 32767.
 */
export const scales: readonly number[] = [1, 1e3, 1e6, 32767];

/** What both sides know of the last number of a slot. */
export interface Trend {
  /** The last value; anything but a number counts as 0. */
  readonly value: unknown;
  /** Difference of the last value to the one before it. */
  readonly delta: number;
  /** What is expected to be added next: the last difference when the one before had the same sign, otherwise 0. */
  readonly rate: number;
}

/** The trend after the next value. */
export const nextTrend = (last: Trend, value: unknown): Trend => {
  const delta = typeof value === "number" && typeof last.value === "number" ? value - last.value : 0;
  return { value, delta, rate: delta * last.delta > 0 ? delta : 0 };
};

/**
 * The integer expected next in a scale: that of the last value plus its rate; of the last value when that is too
 * large; otherwise 0. Never −0.
 */
export const expectedInteger = ({ value, rate }: Trend, scale: number): number => {
  const last = typeof value === "number" ? value : 0;
  for (const number of [last + rate, last]) {
    const scaled = Math.round(number * scale) + 0;
    if (Number.isSafeInteger(scaled)) return scaled;
  }
  return 0;
};

/** What a slot holds when nothing is written for it: the next number of its trend in the forms 5 to 8. */
export const expectedValue = <T>(form: number, trend: Trend & { readonly value: T }): T | number => {
  const scale = trend.rate === 0 ? undefined : scales[form - formInteger];
  return scale === undefined ? trend.value : expectedInteger(trend, scale) / scale;
};

/** The float64 of a number in 8 bytes, high byte first. Engines differ in the bits of NaN, so it has fixed ones. */
export const float64View = (value: number): DataView => {
  const view = new DataView(new ArrayBuffer(8));
  if (Number.isNaN(value)) view.setUint16(0, 0x7ff8);
  else view.setFloat64(0, value);
  return view;
};
