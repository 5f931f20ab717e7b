/** Reads what numbers become that have a slot: most of what a decoder does. */
import { codeBit, type Coder, learned, maxOnes, maxPlainCount } from "./coder.ts";
import { FrameFault } from "./fault.ts";
import { freshRow, type Model, rowAfter } from "./model.ts";
import { skip, windowAt } from "./reader.ts";
import { expectedInteger, follow, type Slot } from "./slots.ts";
import type { State } from "./state.ts";

/** What a slot has become: what it was, another number, or something that is told in full and still to be read. */
export type Change = "same" | "number" | "told";

/** What `integer` of the model reads, for usual lengths at once. */
const readDifference = (coder: Coder, model: Model, slot: Slot): number => {
  const { row } = slot;
  const window = windowAt(coder, 0);
  const ones = Math.clz32(~window);
  const isBelow = ((window >>> (30 - ones)) & 1) === 1;
  const size = isBelow ? row - ones - 1 : row + ones;
  if (row === freshRow || ones >= maxOnes || size < 0 || size > maxPlainCount)
    return model.integer(slot, 0, true);
  slot.row = rowAfter(row, size);
  const word = windowAt(coder, ones + 2);
  skip(coder, ones + 2 + size);
  if (size === 0) return 0;
  const unit = 1 << (size - 1);
  const value = word >>> (32 - size);
  return value < unit ? value + unit : -value;
};

/** Reads what a slot with a number has become, and notes it unless it is told in full. Throws a fault. */
export const readNumber = (coder: Coder, state: State, slot: Slot): Change => {
  const { cell, integer } = slot;
  const isExpected = codeBit(coder, cell, 0);
  slot.cell = learned(cell, isExpected);
  let next = expectedInteger(slot, state.round);
  if (isExpected === 0) {
    next += readDifference(coder, state.model, slot);
    if (Number.isNaN(next)) return "told";
    if (!Number.isSafeInteger(next)) throw new FrameFault("frame-corrupt", "integer beyond 2^53");
  }
  if (next === integer) {
    follow(slot, 0, state, isExpected === 1);
    return "same";
  }
  slot.integer = next;
  follow(slot, next - integer, state, isExpected === 1);
  return "number";
};
