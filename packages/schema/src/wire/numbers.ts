/**
 * How a number is written: as an integer in a unit, and that as its difference to what was expected. The unit is told once
 * and kept as long as it can say the next number.
 */
import { formBinary, formInteger } from "./forms.ts";

/** Integers of a unit that goes on are below this, so that a quotient and its product are the same integer. */
const maxInteger = 2 ** 51;

const scales: readonly number[] = [1, 1e3, 1e6, 32_767];

/** A number as an integer in a unit; `exponent` is that of the form binary, otherwise 0. */
export interface Scaled {
  readonly form: number;
  readonly exponent: number;
  readonly integer: number;
}

/** Powers of two from 2^-600 on, which are slow to compute. */
const powers = Float64Array.from({ length: 1200 }, (_, exponent) => 2 ** (exponent - 600));

/** Two to the power of an exponent within ±600. */
export const powerOfTwo = (exponent: number): number => powers[exponent + 600] as number;

/** A number times two to the power of an exponent. In two steps, since the power itself may be too large for a number. */
const shift = (value: number, exponent: number): number => {
  const half = exponent >> 1;
  return value * powerOfTwo(half) * powerOfTwo(exponent - half);
};

/** The number that an integer stands for. */
export const fromInteger = (form: number, exponent: number, integer: number): number =>
  form === formBinary ? shift(integer, -exponent) : integer / (scales[form - formInteger] as number);

/**
 * The integer that says a number in a unit; NaN when none does, precisely enough. Integers are exact in each form, and so is
 * everything when `isExact`. Other reals keep 2^-26 of their value: the float64 noise of sums is not worth its bytes.
 */
export const toInteger = (form: number, exponent: number, value: number, isExact: boolean): number => {
  // Most numbers are integers.
  if (form === formInteger && Math.floor(value) === value && Math.abs(value) < maxInteger) return value;
  if (form === formBinary) {
    const integer = Math.round(shift(value, exponent));
    const magnitude = Math.abs(integer);
    // Asked the other way: the smallest numbers vanish in a coarse unit.
    if (shift(integer, -exponent) === value) return magnitude < 2 ** 53 ? integer : Number.NaN;
    return isExact ||
      Number.isInteger(value) ||
      magnitude < 2 ** 25 ||
      magnitude > 2 ** 40 ||
      Math.abs(value) >= 2 ** 40
      ? Number.NaN
      : integer;
  }
  const scale = scales[form - formInteger] as number;
  const integer = Math.round(value * scale);
  const error = Math.abs(integer / scale - value);
  // Zero in most cases; an error of 1e-7 of a millisecond or second is beyond what anything measures.
  if (error > 0 && (isExact || error > 1e-7 || error > Math.abs(value) * 2 ** -26)) return Number.NaN;
  return Math.abs(integer) < maxInteger ? integer : Number.NaN;
};

/** The first form that can say a finite number other than −0. */
export const toScaled = (value: number, isExact: boolean): Scaled => {
  for (let form: number = formInteger; form < formBinary; form++) {
    const integer = toInteger(form, 0, value, isExact);
    if (!Number.isNaN(integer)) return { form, exponent: 0, integer: integer + 0 };
  }
  const magnitude = Math.floor(Math.log2(Math.abs(value)));
  let exponent = Math.max(27 - magnitude, 10);
  let integer = toInteger(formBinary, exponent, value, isExact);
  if (Number.isNaN(integer)) {
    // All of its 53 bits, and no more than it has: the logarithm may be one off.
    exponent = Math.min(52 - magnitude, 1074);
    while (!Number.isInteger((integer = shift(value, exponent)))) exponent++;
    for (; integer % 2 === 0; integer /= 2) exponent--;
  }
  return { form: formBinary, exponent, integer };
};
