import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";
import { cellMore, cellSameForm, cellSameMembers, cellSameText, cellWoken } from "./cells.ts";
import { FrameFault } from "./fault.ts";
import {
  formArray,
  formFalse,
  formList,
  formNull,
  formObject,
  formSpecial,
  formText,
  formTrue,
  isScaled,
  specials,
} from "./forms.ts";
import { type FrameEncoder, maxFrameBytes } from "./frame.ts";
import { chainHash, hashSeed, writeHeader } from "./header.ts";
import {
  maxBytesSinceKeyframe,
  maxDepth,
  maxListLength,
  maxRecordsPerFrame,
  maxStateWeight,
} from "./limits.ts";
import { toInteger, toScaled } from "./numbers.ts";
import { createRangeEncoder } from "./range-coder.ts";
import { keyNames, recordKinds } from "./record-shape.ts";
import { createNode, createSlot, expectedInteger, follow, type Node, type Slot } from "./slots.ts";
import { createState, type State } from "./state.ts";

export interface FrameEncoderOptions {
  /** Sequence of the first frame. Default 0. */
  readonly firstSequence?: number;
  /** Keep every real bit by bit, instead of 2^-26 of its value. Default false. */
  readonly isExact?: boolean;
  /** Hears of each record that is left out. */
  readonly onLost?: (record: SessionRecord) => void;
}

/** Integers of a text that is exactly those integers between commas; undefined for any other. */
const integersOf = (text: string): number[] | undefined => {
  // 15 digits are below 2^50.
  if (!/^-?\d{1,15}(,-?\d{1,15})+$/.test(text)) return undefined;
  const integers = text.split(",").map(Number);
  return integers.length <= maxListLength && integers.join() === text ? integers : undefined;
};

/** Form of a value that is no number. What is no JSON is null. */
const formOf = (value: unknown): number => {
  if (typeof value === "string") return integersOf(value) ? formList : formText;
  if (typeof value === "object" && value) return Array.isArray(value) ? formArray : formObject;
  return typeof value === "boolean" ? (value ? formTrue : formFalse) : formNull;
};

/** What tells an element from the others. Those of a report are the same object when their id is the same. */
const keyOf = (element: JsonValue, index: number): string => {
  const id = (element as JsonObject | null)?.["id"];
  return typeof id === "string" ? id : String(index);
};

/** Who sends more records in a frame that cannot be written loses the rest of it. */
const maxTries = 8;

/**
 * Encodes the records of one session. The layout is docs/reference/wire.md. Records are JSON (members that are undefined are left out);
 * whoever hands on values of an app copies them first. Never throws: a record that has no kind or time, is too large for a frame
 * or cannot be read is left out, which `onLost` hears. The frame is then a keyframe; so is the first, and one that comes when the state
 * has grown to half its limits.
 */
export const createFrameEncoder = ({
  firstSequence = 0,
  isExact = false,
  onLost,
}: FrameEncoderOptions = {}): FrameEncoder => {
  let sequence = firstSequence;
  const coder = createRangeEncoder();
  let state: State = createState(coder);
  let { model } = state;
  let hash = hashSeed;

  const writeList = (slot: Slot, integers: readonly number[]): void => {
    const { list } = slot;
    const { length } = integers;
    model.integer(slot, length);
    state.count(length);
    list.length = Math.min(list.length, length);
    let growth = 0;
    for (const [index, integer] of integers.entries()) {
      const element = (list[index] ??= createSlot(0));
      model.integer(element, integer - element.integer - growth);
      growth = integer - element.integer;
      element.integer = integer;
    }
  };

  /** Writes what of a value its form does not say. `name` is the place of the name of the member. */
  const writePayload = (slot: Slot, value: JsonValue, name: number, depth: number): void => {
    const { form } = slot;
    if (form === formText) {
      const word = model.words[name];
      model.string(cellSameText, word?.value ?? -1, value as string);
      if (word) word.value = model.place();
    } else if (form === formList) writeList(slot, integersOf(value as string) ?? []);
    else if (form >= formArray) {
      slot.node ??= createNode(form === formArray);
      writeNode(slot.node, value as JsonObject, depth + 1);
    }
  };

  /** Writes a value in full. */
  const tell = (slot: Slot, value: JsonValue, name: number, depth: number): void => {
    const isNumber = typeof value === "number";
    const isReal = isNumber && Number.isFinite(value) && !Object.is(value, -0);
    const form = isNumber ? formSpecial : formOf(value);
    state.first(slot, name, isReal ? toScaled(value, isExact) : { form, exponent: 0, integer: 0 });
    if (!isNumber) writePayload(slot, value, name, depth);
    else if (!isReal)
      model.even(
        2,
        specials.findIndex((special) => Object.is(special, value)),
      );
  };

  /** Writes what a slot has become that had the value `last`. */
  const writeSlot = (
    slot: Slot,
    value: JsonValue,
    last: JsonValue | undefined,
    name: number,
    depth: number,
  ): void => {
    const isNumber = typeof value === "number" && !Object.is(value, -0);
    const { form } = slot;
    if (isScaled(form)) {
      const expected = expectedInteger(slot, state.round);
      const integer = isNumber ? toInteger(form, slot.exponent, value, isExact) : Number.NaN;
      const isExpected = integer === expected;
      const difference = integer - expected;
      if (model.bit(slot.cell, isExpected ? 1 : 0) === 0) {
        const isSaid = expected + difference === integer;
        model.integer(slot, isSaid ? difference : Number.NaN, true);
        if (!isSaid) {
          tell(slot, value, name, depth);
          return;
        }
      }
      follow(slot, integer, state, isExpected);
      return;
    }
    const isKept = form >= formText && formOf(value) === form;
    // Arrays and objects are looked into, whether they changed or not.
    const isSame = form >= formArray ? isKept : Object.is(value, last);
    if (model.bit(slot.cell, isSame ? 1 : 0) === 1) {
      if (form >= formArray) writePayload(slot, value, name, depth);
    } else if (model.bit(cellSameForm, isKept ? 1 : 0) === 1) writePayload(slot, value, name, depth);
    else tell(slot, value, name, depth);
  };

  /** Writes what an object or array has become. */
  const writeNode = (node: Node, value: JsonObject | readonly JsonValue[], depth: number): void => {
    if (depth > maxDepth) throw new FrameFault("frame-limit-exceeded", "levels");
    let members: readonly JsonValue[] = node.isArray ? (value as readonly JsonValue[]) : Object.values(value);
    let keys = node.isArray ? members.map(keyOf) : Object.keys(value);
    if (!node.isArray && members.includes(undefined as never)) {
      keys = keys.filter((_, index) => members[index] !== undefined);
      members = members.filter((member) => member !== undefined);
    }
    const { length } = keys;
    state.count(length);
    let isSame = length === node.keys.length;
    for (let index = 0; isSame && index < length; index++) isSame = keys[index] === node.keys[index];
    const from = model.bit(cellSameMembers, isSame ? 1 : 0) === 1 ? [] : state.layOut(node, keys);

    const { slots, values, names, marks } = node;
    for (const index of node.live) {
      const member = members[index] as JsonValue;
      writeSlot(slots[index] as Slot, member, values[index], names[index] as number, depth);
      values[index] = typeof member === "object" ? null : member;
    }
    let before = -1;
    for (let index = 0; index < length; index++) {
      const last = values[index];
      const member = members[index] as JsonValue;
      if (slots[index] || marks[index] === undefined || Object.is(member, last)) continue;
      if (before < 0) model.bit(cellWoken, 1);
      model.integer(state.gaps, index - before);
      before = index;
      const slot = state.wake(node, index, (form, exponent) =>
        toInteger(form, exponent, last as number, isExact),
      );
      writeSlot(slot, member, last, names[index] as number, depth);
      values[index] = typeof member === "object" ? null : member;
    }
    if (before < 0) model.bit(cellWoken, 0);
    else model.integer(state.gaps, 0);
    let slot = createSlot(0);
    for (let index = 0; index < from.length; index++) {
      if (from[index] !== -1) continue;
      const member = members[index] as JsonValue;
      tell(slot, member, node.names[index] as number, depth);
      node.values[index] = typeof member === "object" ? null : member;
      slot = state.settle(node, index, slot);
    }
    if (before >= 0 || from.length > 0)
      node.live = keys.flatMap((_, index) => (node.slots[index] ? [index] : []));
  };

  const writeRecord = (record: SessionRecord): void => {
    const { kind: kindName, at, ...body } = record as SessionRecord & Record<string, JsonValue>;
    const kind = recordKinds.indexOf(kindName);
    const keyName = keyNames[kind] ?? "kind";
    const key = keyName === "" ? "" : body[keyName];
    if (typeof key !== "string" || !Number.isFinite(at)) throw new FrameFault("frame-corrupt", "no record");
    delete body[keyName];
    model.bit(cellMore, 1);
    const stream = state.stream(kind, key);
    writeSlot(stream.clock, at, undefined, -1, 0);
    writeNode(stream.node, body, 0);
  };

  /** Writes a frame of the records and returns −1, or the place of the first that cannot be in it. */
  const writeFrame = (records: readonly SessionRecord[], isKeyframe: boolean): number => {
    if (isKeyframe) {
      state = createState(coder);
      ({ model } = state);
      hash = hashSeed;
    }
    state.frameWeight = 0;
    coder.begin();
    writeHeader(coder.put, sequence, isKeyframe);
    model.begin();
    for (const [index, record] of records.entries()) {
      try {
        writeRecord(record);
      } catch {
        return index;
      }
      if (coder.bytes().length > maxFrameBytes - 4 || index >= maxRecordsPerFrame) return index;
    }
    model.bit(cellMore, 0);
    coder.finish();
    hash = chainHash(coder.bytes(), hash);
    coder.put(hash >>> 24);
    coder.put((hash >>> 16) & 255);
    return -1;
  };

  return {
    encode(records, { keyframe = false } = {}) {
      const isFull = state.bytes > maxBytesSinceKeyframe / 2 || state.weight > maxStateWeight / 2;
      let left = records;
      for (let tries = 0; ; tries++) {
        // The state cannot be trusted after half a record: the frame is then written anew.
        const wrong = writeFrame(left, keyframe || isFull || tries > 0 || state.bytes === 0);
        if (wrong < 0) {
          sequence++;
          state.bytes += coder.bytes().length;
          return coder.bytes().slice();
        }
        const end = tries < maxTries ? wrong + 1 : left.length;
        for (const record of left.slice(wrong, end)) onLost?.(record);
        left = [...left.slice(0, wrong), ...left.slice(end)];
      }
    },
    get nextSequence() {
      return sequence;
    },
  };
};
