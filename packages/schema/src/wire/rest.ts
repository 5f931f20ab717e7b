/**
 * What a decoder knows, as a few long lists: those are put into bytes in a fraction of the time that its thousands of objects would take.
 * What can be found again is not in them: copies, what objects have in common, and what a member with a number says.
 */
import type { JsonValue } from "../json.ts";
import type { Coder } from "./coder.ts";
import { formArray, formList, isScaled } from "./forms.ts";
import type { Word } from "./model.ts";
import { fromInteger } from "./numbers.ts";
import { type Head, headOf, namesOf } from "./record-shape.ts";
import { objectOf, shapeNumbered, shapeOf } from "./shapes.ts";
import { createNode, createSlot, findLive, type Node, type Slot } from "./slots.ts";
import { createState, type State } from "./state.ts";

/** A state as plain data. */
export interface StateAtRest {
  /** All numbers in their order, seven bits a byte: twice its size, and one more when it is below 0; `isLong` for the next of the long ones. */
  readonly short: Uint8Array;
  readonly long: Float64Array;
  /** Texts of the dictionary, and what members say that never changed or are no numbers. */
  readonly values: readonly JsonValue[];
}

/** What −0 would be. */
const isLong = 1;
/** Larger ones are long: what is written of them has thirty bits. */
const maxShort = 2 ** 29 - 1;
/** Bytes of a short number, at most. */
const shortBytes = 5;

/** Room that is kept between two uses, for all decoders: they rest one after the other. Ours. */
const usualShort = 65_536;
const usualLong = 2_048;
let short: Uint8Array = /* @__PURE__ */ new Uint8Array(usualShort);
let long: Float64Array = /* @__PURE__ */ new Float64Array(usualLong);
let shortAt = 0;
let longAt = 0;

const put = (value: number): void => {
  if (shortAt + shortBytes > short.length) {
    const larger = new Uint8Array(2 * short.length);
    larger.set(short);
    short = larger;
  }
  if (value >= -maxShort && value <= maxShort && Object.is(value | 0, value)) {
    let word = value < 0 ? 1 - 2 * value : 2 * value;
    for (; word > 127; word >>>= 7) short[shortAt++] = (word & 127) | 128;
    short[shortAt++] = word;
    return;
  }
  short[shortAt++] = isLong;
  if (longAt === long.length) {
    const larger = new Float64Array(2 * longAt);
    larger.set(long);
    long = larger;
  }
  long[longAt++] = value;
};

/**
 * `round` of a slot only says that it changed in the record at hand, so after the last frame it is free: it has the number of the slot, as
 * −2 and lower.
 */
const firstNumber = -2;
const noSlot = 0;
/** Slots that no node has any more can be remembered as one that never changes again: it has no leader itself. */
const goneSlot = 1;
const firstSlot = 2;
const gone: Slot = /* @__PURE__ */ Object.assign(createSlot(), { round: -1 });

const numberOf = (slot: Slot | undefined): number => {
  if (slot === undefined) return noSlot;
  return slot.round > firstNumber ? goneSlot : firstSlot + firstNumber - slot.round;
};

/** A state as plain data. It is not to be used afterwards. */
export const stateAtRest = (state: State): StateAtRest => {
  const { model, streams } = state;
  const values: JsonValue[] = [];
  const slots: Slot[] = [];
  shortAt = 0;
  longAt = 0;

  const putSlot = (slot: Slot): void => {
    const { form, list, node } = slot;
    slot.round = firstNumber - slots.length;
    slots.push(slot);
    put(slot.row);
    put(slot.cell);
    if (isScaled(form)) {
      put(slot.integer);
      put(slot.delta);
      put(slot.errorOfSame);
      put(slot.errorOfTrend);
      put(slot.errorOfLeader);
    } else if (node !== undefined) putNode(node);
    else values.push(slot.last as JsonValue);
    if (list === undefined) return;
    put(list.length);
    for (const { row, integer } of list) {
      put(row);
      put(integer);
    }
  };

  const putNode = (node: Node): void => {
    const { isArray, keys, names, marks, shape, value } = node;
    put(keys.length);
    if (!isArray) {
      put(shape === undefined ? 0 : shape.number);
      for (let index = 0; index < keys.length; index++) {
        const name = names[index] as number;
        put(name);
        if (name < 0) values.push(keys[index] as string);
      }
    }
    for (let index = 0; index < keys.length; index++) {
      const slot = node.slots[index];
      if (slot === undefined) {
        put(2 * (marks[index] as number));
        values.push(value[(isArray ? index : keys[index]) as string] as JsonValue);
      } else {
        put(2 * markOf(slot) + 1);
        putSlot(slot);
      }
    }
  };

  put(state.last);
  put(state.kinds);
  put(state.round);
  put(state.bytes);
  put(state.weight);
  for (const { row } of [state.gaps, state.places, state.streamPlaces, model.lengths]) put(row);
  for (const cell of model.cells) put(cell);
  put(model.words.length);
  for (const { text } of model.words) values.push(text);
  put(streams.length);
  for (const { kind, key, node, clock, next, isRecord, kinds } of streams) {
    values.push(key);
    put(kind);
    put(next);
    put(isRecord ? 1 : 0);
    put(kinds);
    put(markOf(clock));
    putSlot(clock);
    putNode(node);
    for (const name of Object.keys(headOf(kind, key, 0))) values.push(node.value[name] as JsonValue);
  }
  // Now that all have their number.
  for (const { leader } of slots) put(numberOf(leader));
  for (const leader of state.leaders) put(numberOf(leader));
  for (const { next, form, value, integer, slot } of model.words) {
    put(next);
    put(form);
    put(value);
    put(integer);
    put(numberOf(slot));
  }
  const rested = { short: short.slice(0, shortAt), long: long.slice(0, longAt), values };
  if (short.length > 16 * usualShort) short = new Uint8Array(usualShort);
  if (long.length > 16 * usualLong) long = new Float64Array(usualLong);
  return rested;
};

/** As that of a member without a slot. */
const markOf = ({ form, exponent }: Slot): number => form + 16 * exponent;

/** A state that goes on where the one at rest stopped. */
export const wokenState = (coder: Coder, rested: StateAtRest): State => {
  const { short: taken, long: takenLong, values } = rested;
  const state = createState(coder);
  const { model, streams, leaders } = state;
  const { words, cells } = model;
  const slots: Slot[] = [];
  let at = 0;
  let nextLong = 0;
  let nextValue = 0;

  const take = (): number => {
    let byte = taken[at++] as number;
    let word = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = taken[at++] as number;
      word |= (byte & 127) << shift;
    }
    if (word === isLong) return takenLong[nextLong++] as number;
    return (word & 1) === 0 ? word >>> 1 : -(word >>> 1);
  };

  const takeSlot = (mark: number): Slot => {
    const slot = createSlot();
    const form = mark & 15;
    slots.push(slot);
    slot.form = form;
    slot.exponent = mark >> 4;
    slot.row = take();
    slot.cell = take();
    if (isScaled(form)) {
      slot.integer = take();
      slot.delta = take();
      slot.errorOfSame = take();
      slot.errorOfTrend = take();
      slot.errorOfLeader = take();
    } else if (form >= formArray) {
      slot.last = null;
      slot.node = takeNode(createNode(form === formArray));
    } else slot.last = values[nextValue++] as JsonValue;
    if (form !== formList) return slot;
    slot.list = [];
    for (let left = take(); left > 0; left--) {
      const element = createSlot();
      element.row = take();
      element.integer = take();
      slot.list.push(element);
    }
    return slot;
  };

  /** The names of the members of an object, and what it has in common with others. */
  const takeNames = (node: Node, length: number, head: Head | undefined): void => {
    const number = take();
    const names: number[] = [];
    const keys: string[] = [];
    for (let index = 0; index < length; index++) {
      const name = take();
      names.push(name);
      const key = name < 0 ? (values[nextValue++] as string) : (words[name] as Word).text;
      keys.push(key);
    }
    node.names = names;
    node.keys = keys;
    if (number === 0) return;
    const shape = shapeNumbered(number) ?? shapeOf(head === undefined ? keys : namesOf(head, keys));
    if (head === undefined) node.keys = shape.names;
    node.shape = shape;
    node.value = objectOf(shape);
  };

  const takeNode = (node: Node, head?: Head): Node => {
    const { isArray, slots: ofMembers, marks } = node;
    const length = take();
    if (isArray) {
      node.keys = Array.from({ length }, () => "");
      node.names = Array.from({ length }, () => -1);
    } else takeNames(node, length, head);
    const { keys, value } = node;
    for (let index = 0; index < length; index++) {
      const code = take();
      const mark = code >> 1;
      marks.push(mark);
      let member: JsonValue;
      if ((code & 1) === 0) {
        ofMembers.push(undefined);
        member = values[nextValue++] as JsonValue;
      } else {
        const slot = takeSlot(mark);
        ofMembers.push(slot);
        const { form, exponent, integer, last } = slot;
        member = isScaled(form) ? fromInteger(form, exponent, integer) : (last as JsonValue);
      }
      value[(isArray ? index : keys[index]) as string] = member;
    }
    findLive(node);
    return node;
  };

  state.last = take();
  state.kinds = take();
  state.round = take();
  state.bytes = take();
  state.weight = take();
  for (const tendency of [state.gaps, state.places, state.streamPlaces, model.lengths]) tendency.row = take();
  for (let index = 0; index < cells.length; index++) cells[index] = take();
  for (let left = take(); left > 0; left--) {
    const text = values[nextValue++] as string;
    words.push({ text, next: -1, form: 0, value: -1, integer: 0, slot: undefined });
  }
  for (let left = take(); left > 0; left--) {
    const key = values[nextValue++] as string;
    const kind = take();
    const next = take();
    const isRecord = take() === 1;
    const kinds = take();
    const clock = takeSlot(take());
    const head = headOf(kind, key, 0);
    const node = takeNode(createNode(false), head);
    // A body may have members of these names: it is no record then, but it is read.
    for (const name of Object.keys(head)) node.value[name] = values[nextValue++] as JsonValue;
    streams.push({ kind, key, node, clock, next, head, isRecord, kinds });
  }
  const takeReference = (): Slot | undefined => {
    const number = take();
    return number === noSlot ? undefined : number === goneSlot ? gone : slots[number - firstSlot];
  };
  for (const slot of slots) slot.leader = takeReference();
  for (let place = 0; place < leaders.length; place++) leaders[place] = takeReference();
  for (const word of words) {
    word.next = take();
    word.form = take();
    word.value = take();
    word.integer = take();
    word.slot = takeReference();
  }
  return state;
};
