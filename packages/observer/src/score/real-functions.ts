/*
 * Logarithm, exponential and power of basic arithmetic alone. `Math.log`, `Math.exp` and `**` may differ in the last bit from one
 * engine to the next (ECMA-262 leaves them to the implementation), and did between Node 20 and Chromium 156: the same log has to give
 * the same bytes everywhere. Additions, multiplications and divisions are exact to the last bit by IEEE 754.
 */

/** ln 2 in two parts: the first has so few digits that whole multiples of it are exact (Cody and Waite). */
const ln2High = 0.69314718036912381649;
const ln2Low = 1.90821492927058770002e-10;

const bits = new DataView(new ArrayBuffer(8));

/** 2 to a whole power between -1022 and 1023. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Natural logarithm; as `Math.log` for what has none. Error below 2 units in the last place. */
export function ln(value: number): number {
  if (!(value > 0) || value === Infinity) return Math.log(value);
  let exponent = 0;
  let mantissa = value;
  // Below the smallest normal number the exponent is not in its field.
  if (mantissa < 2.2250738585072014e-308) {
    mantissa *= 18_014_398_509_481_984;
    exponent = -54;
  }
  bits.setFloat64(0, mantissa);
  exponent += ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  bits.setUint32(0, (bits.getUint32(0) & 0x000f_ffff) | 0x3ff0_0000);
  mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| below 0.172.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let odd = 23; odd >= 3; odd -= 2) series = (series + 1 / odd) * square;
  return exponent * ln2High + (2 * (s + s * series) + exponent * ln2Low);
}

/** e to a power. Error below 2 units in the last place. */
export function exponential(value: number): number {
  if (Number.isNaN(value)) return value;
  if (value > 709) return Infinity;
  if (value < -708) return 0;
  const exponent = Math.round(value / Math.LN2);
  const rest = value - exponent * ln2High - exponent * ln2Low;
  let series = 1;
  for (let term = 18; term >= 1; term -= 1) series = 1 + (series * rest) / term;
  return series * powerOfTwo(exponent);
}

/** A base of 0 or more to any power. */
export function power(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  return base === 0 ? 0 : exponential(exponent * ln(base));
}
