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
/** The five forms from here on are an integer in a unit; the difference to the expected one is written. */
export const formInteger = 5;
/** The integer times 0.000001, which differs from the quotient by one step: Chromium makes seconds so. */
const formProduct = 8;
/** Millionths, and how many steps of the float64 the value lies beside the quotient: sums of milliseconds. */
export const formBeside = 10;
/** The float64 itself, as the bytes in which it differs from the last one. */
export const formBits = 11;
export const formString = 12;
/** A string that is integers between commas (Chromium's googTimingFrameInfo), as those. */
export const formList = 13;
export const formArray = 14;
export const formObject = 15;

/**
 * What makes an integer of a number in the forms 5 to 10: counters; milliseconds and their thousandths; microseconds in
 * seconds, as quotient and as product; 16-bit audio levels, which Chromium divides by 32767; and again microseconds.
 */
const scales: readonly number[] = [1, 1e3, 1e6, 1e6, 32767, 1e6];

/** True for the forms whose value follows from the integer alone. */
export const isScaled = (form: number): boolean => form >= formInteger && form < formBeside;

/** The integer next to a number, in the unit of a form. Not always a safe one. Never −0. */
export const toInteger = (form: number, value: number): number =>
  Math.round(value * (scales[form - formInteger] ?? 1)) + 0;

/** The number that an integer stands for in a form. */
export const fromInteger = (form: number, integer: number): number =>
  form === formProduct ? integer * 1e-6 : integer / (scales[form - formInteger] ?? 1);

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
 * The integer expected next in the unit of a form: that of the last value plus its rate; of the last value when that is
 * too large; otherwise 0.
 */
export const expectedInteger = (form: number, { value, rate }: Trend): number => {
  const last = typeof value === "number" ? value : 0;
  return [last + rate, last].map((number) => toInteger(form, number)).find(Number.isSafeInteger) ?? 0;
};

/** What a slot holds when nothing is written for it: the next number of its trend, in the forms 5 to 9. */
export const expectedValue = <T>(form: number, trend: Trend & { readonly value: T }): T | number =>
  trend.rate === 0 || !isScaled(form) ? trend.value : fromInteger(form, expectedInteger(form, trend));

/** Integers of a list lie within ±this, so that differences of differences stay exact. */
export const maxListInteger: number = 2 ** 50;

/** Most integers of a list. */
export const maxListLength = 256;

/** The float64 of a number in 8 bytes, high byte first. Engines differ in the bits of NaN, so it has fixed ones. */
export const float64View = (value: number): DataView => {
  const view = new DataView(new ArrayBuffer(8));
  if (Number.isNaN(value)) view.setUint16(0, 0x7ff8);
  else view.setFloat64(0, value);
  return view;
};
