/**
 * A decoder at rest. Who follows thousands of sessions decodes some frames of one, then of the next: what it knows of
 * the others only has to be kept. Slots and words, most of its memory, are put into bytes, and made anew when the next
 * frame comes. Records that come out are the same.
 */
import type { JsonValue } from "../json.ts";
import { isScaled } from "./forms.ts";
import type { Word } from "./model.ts";
import { createSlot, findLive, type Node, type Slot } from "./slots.ts";
import type { State } from "./state.ts";

/** What is not in a state at rest. */
export interface Rest {
  readonly bytes: Uint8Array;
  /** Nodes that are not those of streams, in the order of the bytes. */
  readonly nodes: readonly Node[];
  /** Texts of the dictionary. */
  readonly texts: string[];
  /** Names of members that the dictionary does not have. */
  readonly keys: readonly string[];
}

/** Bytes kept to write into, for all decoders: they rest one after the other. */
const usualBytes = 65_536;
let out: Uint8Array = /* @__PURE__ */ new Uint8Array(usualBytes);
let at = 0;
const float: Float64Array = /* @__PURE__ */ new Float64Array(1);
const floatBytes: Uint8Array = /* @__PURE__ */ new Uint8Array(float.buffer);

/** Most bytes of a slot without its list, or of a word. */
const slotBytes = 64;

const makeRoom = (bytes: number): void => {
  if (at + bytes <= out.length) return;
  const larger = new Uint8Array(Math.max(out.length * 2, at + bytes));
  larger.set(out);
  out = larger;
};

/** A whole number from 0 on, below 2^31. */
const put = (value: number): void => {
  let rest = value;
  while (rest > 127) {
    out[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  out[at++] = rest;
};

/** Numbers up to here are written short. */
const maxShort = 0x1fff_ffff;
/** Stands before one that is not. */
const isLong = 1;

/** Any number. */
const putNumber = (value: number): void => {
  if (Number.isInteger(value) && Math.abs(value) <= maxShort && !Object.is(value, -0)) {
    put((value < 0 ? -2 * value - 1 : 2 * value) * 2);
    return;
  }
  put(isLong);
  float[0] = value;
  out.set(floatBytes, at);
  at += floatBytes.length;
};

let bytes: Uint8Array = out;

const take = (): number => {
  let byte = bytes[at++] as number;
  if (byte < 128) return byte;
  let value = byte & 127;
  for (let shift = 7; byte > 127; shift += 7) {
    byte = bytes[at++] as number;
    value |= (byte & 127) << shift;
  }
  return value;
};

const takeNumber = (): number => {
  const value = take();
  if (value !== isLong) {
    const zigzag = value >>> 1;
    return (zigzag & 1) === 1 ? -((zigzag + 1) / 2) : zigzag / 2;
  }
  for (let index = 0; index < floatBytes.length; index++) floatBytes[index] = bytes[at++] as number;
  return float[0] as number;
};

/**
 * `round` of a slot only says that it changed in the record at hand, so between frames it is free: while a state is put
 * into bytes it has the number of the slot, as −2 and lower.
 */
const firstNumber = -2;
/** Slots that no node has any more can be remembered as one that never changes again. */
const goneNumber = 0;
const gone: Slot = /* @__PURE__ */ Object.assign(createSlot(), { round: -1 });

const numberOf = (slot: Slot): number =>
  slot.round > firstNumber ? goneNumber : firstNumber + 1 - slot.round;

const countSlots = (node: Node, before: number): number => {
  let count = before;
  for (const slot of node.live) {
    slot.round = firstNumber - count++;
    if (slot.node !== undefined) count = countSlots(slot.node, count);
  }
  return count;
};

const hasNode = 16;
const hasList = 32;
const hasLeader = 64;

const putLeader = ({ leader }: Slot): void => {
  if (leader !== undefined) put(numberOf(leader));
};

const putSlot = (slot: Slot, words: readonly Word[], nodes: Node[], keys: string[]): void => {
  const { form, node, list } = slot;
  makeRoom(slotBytes);
  out[at++] =
    form |
    (node === undefined ? 0 : hasNode) |
    (list === undefined ? 0 : hasList) |
    (slot.leader === undefined ? 0 : hasLeader);
  out[at++] = slot.row;
  out[at++] = slot.cell & 255;
  out[at++] = slot.cell >> 8;
  if (isScaled(form)) {
    putNumber(slot.exponent);
    putNumber(slot.integer);
    putNumber(slot.delta);
  }
  putNumber(slot.errorOfSame);
  putNumber(slot.errorOfTrend);
  putNumber(slot.errorOfLeader);
  putLeader(slot);
  if (list !== undefined) {
    makeRoom(list.length * slotBytes + slotBytes);
    put(list.length);
    for (const { row, integer } of list) {
      out[at++] = row;
      putNumber(integer);
    }
  }
  if (node === undefined) return;
  nodes.push(node);
  putNode(node, words, nodes, keys);
};

const nothing: never[] = [];

/** Puts all of a node but its value, which stays, into bytes. What its members hold they get again before they are used. */
const putNode = (node: Node, words: readonly Word[], nodes: Node[], keys: string[]): void => {
  const { names, marks, live, value, shape } = node;
  const hasSharedKeys = node.keys === shape?.names;
  makeRoom(names.length * slotBytes + slotBytes);
  put(names.length);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as number;
    put(name + 1);
    if (name < 0 && !node.isArray && !hasSharedKeys) keys.push(node.keys[index] as string);
    putNumber(marks[index] as number);
  }
  put(live.length);
  let next = 0;
  for (const slot of live) {
    makeRoom(slotBytes);
    put(slot.index - next);
    next = slot.index + 1;
    putSlot(slot, words, nodes, keys);
    if (slot.node !== undefined) value[slot.key] = null;
  }
  if (!hasSharedKeys) node.keys = nothing;
  Object.assign(node, { names: nothing, marks: nothing, slots: nothing, live: nothing });
  node.copy = undefined;
};

const hasNext = 16;
const hasValue = 32;
const hasInteger = 64;
const hasSlot = 128;

const putWord = ({ next, form, value, integer, slot }: Word): void => {
  makeRoom(slotBytes);
  const hasOwnInteger = !Object.is(integer, 0);
  out[at++] =
    form |
    (next < 0 ? 0 : hasNext) |
    (value < 0 ? 0 : hasValue) |
    (hasOwnInteger ? hasInteger : 0) |
    (slot === undefined ? 0 : hasSlot);
  if (next >= 0) put(next);
  if (value >= 0) put(value);
  if (hasOwnInteger) putNumber(integer);
  if (slot !== undefined) put(numberOf(slot));
};

/** Texts that all decoders share: names of members and of kinds, which every session has. Ours. */
const sharedTexts: Map<string, string> = /* @__PURE__ */ new Map<string, string>();
const maxSharedTexts = 4096;
const isName = /^[A-Za-z-]{1,64}$/;

const shared = (text: string): string => {
  const known = sharedTexts.get(text);
  if (known !== undefined) return known;
  if (sharedTexts.size < maxSharedTexts && isName.test(text)) sharedTexts.set(text, text);
  return text;
};

/** Puts the state into bytes; it must not be used before `wakeState`. `before`: the last rest of the same state. */
export const restState = (state: State, before: Rest | undefined): Rest => {
  const { streams, model, leaders } = state;
  const { words } = model;
  const nodes: Node[] = [];
  const keys: string[] = [];
  const texts = before?.texts ?? [];
  let count = 0;
  for (const { clock, node } of streams) {
    clock.round = firstNumber - count++;
    count = countSlots(node, count);
  }
  at = 0;
  for (const word of words) putWord(word);
  for (let index = texts.length; index < words.length; index++)
    texts.push(shared((words[index] as Word).text));
  for (const { clock, node } of streams) {
    makeRoom(slotBytes);
    put(clock.leader === undefined ? 0 : numberOf(clock.leader) + 1);
    clock.leader = undefined;
    putNode(node, words, nodes, keys);
  }
  makeRoom(leaders.length * slotBytes);
  for (const leader of leaders) put(leader === undefined ? goneNumber : numberOf(leader));
  words.length = 0;
  leaders.fill(undefined);
  const rest = { bytes: out.slice(0, at), nodes, texts, keys };
  if (out.length > 16 * usualBytes) out = new Uint8Array(usualBytes);
  return rest;
};

interface Waking {
  readonly words: readonly Word[];
  readonly nodes: readonly Node[];
  readonly keys: readonly string[];
  nextNode: number;
  nextKey: number;
  /** In the order of their numbers, with those of their leaders or −1. */
  readonly slots: Slot[];
  readonly leaders: number[];
}

const takeSlot = (waking: Waking): Slot => {
  const slot = createSlot();
  const flags = bytes[at++] as number;
  slot.form = flags & 15;
  slot.row = bytes[at++] as number;
  slot.cell = (bytes[at++] as number) | ((bytes[at++] as number) << 8);
  if (isScaled(slot.form)) {
    slot.exponent = takeNumber();
    slot.integer = takeNumber();
    slot.delta = takeNumber();
  }
  slot.errorOfSame = takeNumber();
  slot.errorOfTrend = takeNumber();
  slot.errorOfLeader = takeNumber();
  waking.slots.push(slot);
  waking.leaders.push((flags & hasLeader) === 0 ? -1 : take());
  if ((flags & hasList) !== 0) {
    const list = (slot.list = [] as Slot[]);
    for (let left = take(); left > 0; left--) {
      const element = createSlot();
      element.row = bytes[at++] as number;
      element.integer = takeNumber();
      list.push(element);
    }
  }
  if ((flags & hasNode) !== 0) {
    const node = waking.nodes[waking.nextNode++] as Node;
    takeNode(node, waking);
    slot.node = node;
  }
  return slot;
};

const takeNode = (node: Node, waking: Waking): void => {
  const length = take();
  const { words } = waking;
  const names: number[] = [];
  const hasSharedKeys = node.keys === node.shape?.names;
  const ownKeys: string[] = [];
  const marks: number[] = [];
  const slots: (Slot | undefined)[] = [];
  for (let index = 0; index < length; index++) {
    const name = take() - 1;
    names.push(name);
    if (!hasSharedKeys) {
      ownKeys.push(
        node.isArray ? "" : name < 0 ? (waking.keys[waking.nextKey++] as string) : (words[name] as Word).text,
      );
    }
    marks.push(takeNumber());
  }
  const keys = hasSharedKeys ? node.keys : ownKeys;
  let next = 0;
  for (let left = take(); left > 0; left--) {
    const index = next + take();
    while (slots.length < index) slots.push(undefined);
    const slot = takeSlot(waking);
    if (!isScaled(slot.form))
      slot.last = node.value[(node.isArray ? index : keys[index]) as string] as JsonValue;
    slots.push(slot);
    next = index + 1;
  }
  Object.assign(node, { keys, names, marks, slots });
  findLive(node);
};

/** Gives a state that rests what it had. */
export const wakeState = (state: State, rest: Rest): void => {
  const { streams, model } = state;
  const { words } = model;
  const slotOfWord: number[] = [];
  ({ bytes } = rest);
  at = 0;
  for (const text of rest.texts) {
    const flags = bytes[at++] as number;
    words.push({
      text,
      form: flags & 15,
      next: (flags & hasNext) === 0 ? -1 : take(),
      value: (flags & hasValue) === 0 ? -1 : take(),
      integer: (flags & hasInteger) === 0 ? 0 : takeNumber(),
      slot: undefined,
    });
    slotOfWord.push((flags & hasSlot) === 0 ? -1 : take());
  }
  const waking: Waking = { ...rest, words, nextNode: 0, nextKey: 0, slots: [], leaders: [] };
  const { slots, leaders } = waking;
  for (const { clock, node } of streams) {
    clock.round = 0;
    slots.push(clock);
    leaders.push(take() - 1);
    takeNode(node, waking);
  }
  const slotOf = (number: number): Slot => (number === goneNumber ? gone : (slots[number - 1] as Slot));
  for (let place = 0; place < state.leaders.length; place++) {
    const number = take();
    // One that is gone leads nobody; one that is not may do so again.
    state.leaders[place] = number === goneNumber ? undefined : slotOf(number);
  }
  for (let index = 0; index < slots.length; index++) {
    const leader = leaders[index] as number;
    if (leader >= 0) (slots[index] as Slot).leader = slotOf(leader);
  }
  for (let index = 0; index < words.length; index++) {
    const number = slotOfWord[index] as number;
    if (number >= 0) (words[index] as Word).slot = slotOf(number);
  }
};
