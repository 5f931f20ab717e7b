/** Forms of values, as on the wire. */
export const formNull = 0;
export const formFalse = 1;
export const formTrue = 2;
/** NaN, Infinity, −Infinity or −0. */
export const formSpecial = 3;
/** The five from here on are numbers in a unit: 1, thousandths, millionths, 32767ths (audio levels of Chromium), powers of two. */
export const formInteger = 4;
export const formBinary = 8;
export const formText = 9;
/** A text that is integers between commas (googTimingFrameInfo of Chromium), as those. */
export const formList = 10;
export const formArray = 11;
export const formObject = 12;

/** What `formSpecial` says, in the order of their numbers. */
export const specials: readonly number[] = [Number.NaN, Infinity, -Infinity, -0];

/** True for a number in a unit. */
export const isScaled = (form: number): boolean => form >= formInteger && form <= formBinary;
