/** What stands in the bytes of a state: each value begins with its kind. */

/** From `shortNumber` on: the whole number that is left. */
export const isUndefined = 0;
export const isNull = 1;
export const isTrue = 2;
export const isFalse = 3;
export const isWhole = 4;
export const isNegative = 5;
export const isFloat = 6;
export const isAsciiText = 7;
export const isWideText = 8;
export const isTextBefore = 9;
export const isName = 10;
export const isConstant = 11;
export const isObjectBefore = 12;
/** The first reference to an object says what it is; what it holds comes in the order of these, so that nothing is as deep as the state. */
export const isPlain = 13;
export const isArray = 14;
export const isMap = 15;
export const isSet = 16;
export const isInstance = 17;
export const isTyped = 18;
/** Without a prototype. */
export const isBare = 19;
export const isNaN = 20;
/** By how much it is later than the last instant, or earlier. */
export const isLater = 21;
export const isEarlier = 22;
/** The same in 4096ths of a millisecond. */
export const isPartLater = 23;
export const isPartEarlier = 24;
export const shortNumber = 128;

export type TypedArray = Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float64Array;
export const typedArrays: readonly (new (buffer: ArrayBuffer) => TypedArray)[] = [
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float64Array,
];

/**
 * Numbers that may be instants, Unix ms from 2004 to 2039: most of a state is of the same minutes. Between these bounds a double has steps of
 * 1/4096, so that a difference of two is exact, and so is their sum.
 */
export const firstInstant = 2 ** 40;
export const lastInstant = 2 ** 41;
export const partsOfMs = 4096;
