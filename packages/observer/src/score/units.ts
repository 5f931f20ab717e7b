declare const unit: unique symbol;

/** A number that knows its unit, so that percent and fraction or ms and seconds cannot be mixed by accident. */
type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type Milliseconds = Quantity<"ms">;
export type Seconds = Quantity<"s">;
/** 0..1 */
export type Fraction = Quantity<"fraction">;
/** 0..100; only the published loss formulas want it. */
export type Percent = Quantity<"percent">;
/** 1..5 */
export type Mos = Quantity<"mos">;

/** Tags a plain number as milliseconds. */
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
/** Tags a plain number as seconds. */
export const seconds = (value: number): Seconds => value as Seconds;
/** Tags a plain number as a fraction of one. */
export const fraction = (value: number): Fraction => value as Fraction;
/** Tags a plain number as percent. */
export const percent = (value: number): Percent => value as Percent;
/** Tags a plain number as a mean opinion score. */
export const mos = (value: number): Mos => value as Mos;

/** 1000 ms to a second. */
export const toSeconds = (value: Milliseconds): Seconds => seconds(value / 1000);
/** 0.1 is 10 %. */
export const toPercent = (value: Fraction): Percent => percent(value * 100);

/** Between the two limits. */
export const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));
