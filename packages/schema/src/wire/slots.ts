import type { JsonValue } from "../json.ts";
import { newCell } from "./coder.ts";
import { formNull } from "./forms.ts";
import { bitLength, freshRow, type Tendency } from "./model.ts";
import type { Shape } from "./shapes.ts";

/** A member or element that has changed since it was added, or that has members itself: its value, and what is known of its course. */
export interface Slot extends Tendency {
  form: number;
  /** Of the form binary. */
  exponent: number;
  /** The last number, in the unit of the form. */
  integer: number;
  /** What was added to it last. */
  delta: number;
  /** How far off the expectations of `expectedInteger` were lately, in quarters of a bit. */
  errorOfSame: number;
  errorOfTrend: number;
  errorOfLeader: number;
  /** A slot before this one that once grew by the same: a transport and its candidate pair, packets sent and received. */
  leader: Slot | undefined;
  /** Report in which `delta` was added. */
  round: number;
  /** Probability of "it is what was expected". */
  cell: number;
  /** Where it is in its node, under which key, and the place of that in the dictionary. */
  index: number;
  key: string | number;
  name: number;
  /** Of a decoder: the last value, unless that is a number in a unit. */
  last: JsonValue | undefined;
  /** Of arrays and objects. */
  node: Node | undefined;
  /** The last elements of a list; undefined where there never was one. */
  list: Slot[] | undefined;
}

/** What is known of an object or array. The kinds of members are parallel arrays: most members never change. */
export interface Node {
  readonly isArray: boolean;
  /** Names of the members. Of an array, what tells its elements from each other; not known to a decoder. */
  keys: readonly string[];
  /** Places of the names in the dictionary. */
  names: readonly number[];
  /** Form of a member without a slot, and its exponent times 16. */
  marks: number[];
  /** Slots of the members that have one, and those in order. */
  slots: (Slot | undefined)[];
  live: Slot[];
  /** Of an encoder: last values of the members that are no numbers in a slot. Numbers are as they were before they were rounded. */
  values: (JsonValue | undefined)[];
  /** Of a decoder: its value, the copy of it that was handed out last, and what it has in common with other objects. */
  value: Record<string, JsonValue>;
  copy: JsonValue | undefined;
  shape: Shape | undefined;
}

export const createNode = (isArray: boolean): Node => ({
  isArray,
  keys: [],
  names: [],
  marks: [],
  slots: [],
  live: [],
  values: [],
  value: (isArray ? [] : {}) as Record<string, JsonValue>,
  copy: undefined,
  shape: undefined,
});

/** Finds the slots of a node after their places changed. */
export const findLive = (node: Node): void => {
  const { slots, keys, names, isArray } = node;
  node.live = [];
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index];
    if (slot === undefined) continue;
    slot.index = index;
    slot.key = isArray ? index : (keys[index] as string);
    slot.name = names[index] as number;
    node.live.push(slot);
  }
  node.live = node.live.slice();
};

export const createSlot = (): Slot => ({
  row: freshRow,
  form: formNull,
  exponent: 0,
  integer: 0,
  delta: 0,
  errorOfSame: 0,
  errorOfTrend: 0,
  errorOfLeader: 0,
  leader: undefined,
  round: 0,
  cell: newCell,
  index: -1,
  key: "",
  name: -1,
  last: undefined,
  node: undefined,
  list: undefined,
});

/** Sums that may be expected. */
const maxExpected = 2 ** 53;

/** What a leader added in this report. */
const deltaOfLeader = ({ leader }: Slot, round: number): number =>
  leader !== undefined && leader.round === round ? leader.delta : 0;

/** The integer expected in a slot: the last one, that and what was added to it last, or that and what was added to the leader. */
export const expectedInteger = (slot: Slot, round: number): number => {
  const { integer, errorOfSame, errorOfTrend, errorOfLeader } = slot;
  let expected = integer;
  if (slot.leader !== undefined && errorOfLeader <= errorOfSame && errorOfLeader <= errorOfTrend) {
    expected += deltaOfLeader(slot, round);
  } else if (errorOfTrend < errorOfSame) expected += slot.delta;
  return Math.abs(expected) < maxExpected ? expected : 0;
};

/** An error of which three quarters remain, and what an expectation was off by now. */
const errorAfter = (error: number, difference: number): number =>
  error - (error >> 2) + 4 * bitLength(difference);

/** Two numbers that both grow by a few have not much to do with each other. */
const minLedDelta = 2;

/**
 * Notes by how much a slot grew that has its next integer already: what it grew by is mostly small, which engines hand on without an object
 * for it. `leaders` are slots that grew, by how much: the first that grew in this round leads those that grow by the same. `isExpected`: it
 * was the expected one.
 */
export const follow = (
  slot: Slot,
  delta: number,
  { round, leaders }: { readonly round: number; readonly leaders: (Slot | undefined)[] },
  isExpected: boolean,
): void => {
  const { leader } = slot;
  if (leader !== undefined)
    slot.errorOfLeader = errorAfter(slot.errorOfLeader, delta - deltaOfLeader(slot, round));
  slot.errorOfSame = errorAfter(slot.errorOfSame, delta);
  slot.errorOfTrend = errorAfter(slot.errorOfTrend, delta - slot.delta);
  slot.delta = delta;
  slot.round = round;
  if (delta === 0) return;
  const place = Math.imul(delta | 0, 0x9e37_79b1) >>> 24;
  const first = leaders[place];
  if (first === undefined || first.round !== round || first.delta !== delta) leaders[place] = slot;
  else if (!isExpected && first !== leader && Math.abs(delta) > minLedDelta) {
    slot.leader = first;
    // Tried next time.
    slot.errorOfLeader = Math.min(slot.errorOfSame, slot.errorOfTrend) - 1;
  }
};

/** Makes a slot say a value that was told in full; of a number, in this unit. */
export const restart = (slot: Slot, form: number, exponent: number, integer: number, round: number): void => {
  slot.form = form;
  slot.exponent = exponent;
  slot.integer = integer;
  slot.delta = 0;
  slot.round = round;
  slot.errorOfSame = 0;
  slot.errorOfTrend = 0;
  slot.leader = undefined;
  slot.node = undefined;
  slot.list = undefined;
};
