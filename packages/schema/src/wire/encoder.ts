import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";
import { beginWriting, createCoder, finishWriting } from "./coder.ts";
import { cellMore, cellSameForm, cellSameMembers, cellSameText, cellUsual, cellWoken } from "./cells.ts";
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
import { frameOfWritten, hashSeed, sign } from "./header.ts";
import { maxBytesSinceKeyframe, maxDepth, maxRecordsPerFrame, maxStateWeight } from "./limits.ts";
import { toInteger, toScaled } from "./numbers.ts";
import { keyNames, kindSample, recordKinds } from "./record-shape.ts";
import { createNode, createSlot, expectedInteger, findLive, follow, type Node, type Slot } from "./slots.ts";
import { createState, type State } from "./state.ts";

/** What is said of a member, undefined for nothing. Gives the same for the same each time; what it gives is not asked for again, however deep it is. */
export type MemberReduction = (name: string, value: unknown) => JsonValue | undefined;

export interface FrameEncoderOptions {
  /** Sequence of the first frame. Default 0. */
  readonly firstSequence?: number;
  /** Keep every real bit by bit, instead of 2^-26 of its value. Default false. */
  readonly isExact?: boolean;
  /** Hears of each record that is left out. */
  readonly onLost?: (record: SessionRecord) => void;
  /**
   * What is said of the members of the statistics objects of samples, in place of what they have; numbers stay. Asked for what is new or has changed,
   * and for each that has members itself: most of a report is neither, so this costs far less than a report that is reduced before. Default: all.
   */
  readonly reduce?: MemberReduction | undefined;
}

/** Depth of the statistics objects of a sample. */
const depthOfStats = 2;

/** Texts that are 2 to 256 integers between commas, each as JavaScript writes it. 15 digits are below 2^50. */
const list = /^(0|-?[1-9]\d{0,14})(,(0|-?[1-9]\d{0,14})){1,255}$/;

/** Form of a value that is no number. What is no JSON is null. */
const formOf = (value: unknown): number => {
  if (typeof value === "string") return list.test(value) ? formList : formText;
  if (typeof value === "object" && value) return Array.isArray(value) ? formArray : formObject;
  return typeof value === "boolean" ? (value ? formTrue : formFalse) : formNull;
};

/** Leave out the members of a record that are not in its body, by the number of its kind. A body of its own would be a copy each time. */
const bodyRules: readonly MemberReduction[] = keyNames.map(
  (keyName) => (name, value) =>
    name === "kind" || name === "at" || name === keyName ? undefined : (value as JsonValue),
);

/** What is said of a member. What a rule leaves out all of a sudden is null. */
const said = (rule: MemberReduction | undefined, name: string, member: JsonValue): JsonValue =>
  rule && typeof member !== "number" ? (rule(name, member) ?? null) : member;

/** What tells an element from the others. Those of a report are the same object when their id is the same. */
const keyOf = (element: JsonValue, index: number): string => {
  const id = (element as JsonObject | null)?.["id"];
  return typeof id === "string" ? id : String(index);
};

/** Bits of records that fit a frame, with room for what is around them. */
const maxWrittenBytes = maxFrameBytes - 32;

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
  reduce,
}: FrameEncoderOptions = {}): FrameEncoder => {
  let sequence = firstSequence;
  const coder = createCoder();
  let state: State = createState(coder);
  let { model } = state;
  let hash = hashSeed;
  /** Of the record that is being written. */
  let kind = 0;

  const writeList = (slot: Slot, texts: readonly string[]): void => {
    const elements = (slot.list ??= []);
    const { length } = texts;
    model.integer(slot, length);
    state.count(length);
    elements.length = Math.min(elements.length, length);
    let growth = 0;
    for (let index = 0; index < length; index++) {
      const element = (elements[index] ??= createSlot());
      const integer = Number(texts[index]);
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
    } else if (form === formList) writeList(slot, (value as string).split(","));
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
      model.plain(
        2,
        specials.findIndex((special) => Object.is(special, value)),
      );
  };

  /** Writes what a slot has become; `isKept`: it is no number, and what it was. */
  const writeSlot = (slot: Slot, value: JsonValue, isKept: boolean, depth: number): void => {
    const { form, name } = slot;
    if (isScaled(form)) {
      const isNumber = typeof value === "number" && (value !== 0 || 1 / value > 0);
      const integer = isNumber ? toInteger(form, slot.exponent, value, isExact) : Number.NaN;
      const expected = expectedInteger(slot, state.round);
      const isExpected = integer === expected;
      if (model.hit(slot, isExpected ? 1 : 0) === 0) {
        const difference = integer - expected;
        const isSaid = expected + difference === integer;
        model.integer(slot, isSaid ? difference : Number.NaN, true);
        if (!isSaid) {
          tell(slot, value, name, depth);
          return;
        }
      }
      const delta = integer - slot.integer;
      slot.integer = integer;
      follow(slot, delta, state, isExpected);
      return;
    }
    // Arrays and objects are looked into, whether they changed or not.
    const isSame = form >= formArray ? formOf(value) === form : isKept;
    if (model.hit(slot, isSame ? 1 : 0) === 1) {
      if (form >= formArray) writePayload(slot, value, name, depth);
    } else if (model.bit(cellSameForm, form >= formText && formOf(value) === form ? 1 : 0) === 1)
      writePayload(slot, value, name, depth);
    else tell(slot, value, name, depth);
  };

  /** Members of the values that are being written, by depth. */
  const membersAt: JsonValue[][] = [];

  /**
   * Whether of a value that has the members its node had one changes that never did; undefined when it has others. Collects those that
   * have a slot. Most values have the same ones each time, so they are compared on the way, and no list of them is made.
   */
  const hasWoken = (
    node: Node,
    value: JsonObject,
    members: JsonValue[],
    rule: MemberReduction | undefined,
  ): boolean | undefined => {
    const { keys, slots, values } = node;
    const { length } = keys;
    let index = 0;
    let isWoken = false;
    if (node.isArray) {
      const elements = value as unknown as readonly JsonValue[];
      if (elements.length !== length) return undefined;
      for (; index < length; index++) {
        const element = elements[index] as JsonValue;
        if (keyOf(element, index) !== keys[index]) return undefined;
        if (slots[index]) members[index] = element;
        else if (!Object.is(element, values[index])) isWoken = true;
      }
      return isWoken;
    }
    for (const name in value) {
      const member = value[name];
      if (member === undefined) continue;
      if (name !== keys[index]) {
        if (rule && rule(name, member) === undefined) continue;
        return undefined;
      }
      // Only these: of what is put into an old array, the garbage collection has to hear.
      if (slots[index]) members[index] = member;
      else if (!Object.is(member, values[index])) isWoken = true;
      index++;
    }
    return index === length ? isWoken : undefined;
  };

  /** Collects all members of a value. Returns what tells them from each other. */
  const collect = (
    node: Node,
    value: JsonObject,
    members: JsonValue[],
    rule: MemberReduction | undefined,
  ): readonly string[] => {
    const keys: string[] = [];
    for (const name of node.isArray ? (value as unknown as JsonValue[]).keys() : Object.keys(value)) {
      const member = value[name] as JsonValue;
      if (!node.isArray && (member === undefined || (rule && rule(name as string, member) === undefined)))
        continue;
      members[keys.length] = member;
      keys.push(node.isArray ? keyOf(member, keys.length) : (name as string));
    }
    return keys;
  };

  /** Writes what an object or array has become. */
  const writeNode = (node: Node, value: JsonObject, depth: number): void => {
    if (depth > maxDepth) throw new FrameFault("frame-limit-exceeded", "levels");
    const members = (membersAt[depth] ??= []);
    let rule: MemberReduction | undefined;
    if (depth === 0) rule = bodyRules[kind];
    else if (depth === depthOfStats && kind === kindSample) rule = reduce;
    const isWoken = hasWoken(node, value, members, rule);
    let from: readonly number[] = [];
    if (model.bit(cellUsual, isWoken === false ? 1 : 0) === 0) {
      const found = collect(node, value, members, rule);
      state.count(found.length);
      if (model.bit(cellSameMembers, isWoken ? 1 : 0) === 0) from = state.layOut(node, found);
    }
    const { keys, slots, values, marks, live } = node;
    if (isWoken === false) state.count(keys.length);
    for (let i = 0; i < live.length; i++) {
      const slot = live[i] as Slot;
      const { index } = slot;
      const member = members[index] as JsonValue;
      const isKept = !isScaled(slot.form) && Object.is(member, values[index]);
      writeSlot(slot, isKept ? member : said(rule, slot.key as string, member), isKept, depth);
      if (!isScaled(slot.form)) values[index] = typeof member === "object" ? null : member;
    }
    if (isWoken === false) return;
    let before = -1;
    for (let index = 0; index < keys.length; index++) {
      const last = values[index];
      const member = members[index] as JsonValue;
      if (slots[index] || marks[index] === undefined || Object.is(member, last)) continue;
      if (before < 0) model.bit(cellWoken, 1);
      model.integer(state.gaps, index - before);
      before = index;
      const slot = state.wake(node, index, (form, exponent) =>
        toInteger(form, exponent, last as number, isExact),
      );
      writeSlot(slot, said(rule, keys[index] as string, member), false, depth);
      values[index] = typeof member === "object" ? null : member;
    }
    if (before < 0) model.bit(cellWoken, 0);
    else model.integer(state.gaps, 0);
    let slot = createSlot();
    for (let index = 0; index < from.length; index++) {
      if (from[index] !== -1) continue;
      const member = members[index] as JsonValue;
      tell(slot, said(rule, keys[index] as string, member), node.names[index] as number, depth);
      values[index] = typeof member === "object" ? null : member;
      slot = state.settle(node, index, slot);
    }
    findLive(node);
  };

  const writeRecord = (record: SessionRecord): void => {
    const { at } = record;
    kind = recordKinds.indexOf(record.kind);
    const keyName = keyNames[kind] ?? "kind";
    const key = keyName === "" ? "" : (record as unknown as JsonObject)[keyName];
    if (typeof key !== "string" || !Number.isFinite(at)) throw new FrameFault("frame-corrupt", "no record");
    model.bit(cellMore, 1);
    const stream = state.stream(kind, key);
    writeSlot(stream.clock, at, false, 0);
    writeNode(stream.node, record as unknown as JsonObject, 0);
  };

  /** Writes a frame of the records and returns −1, or the place of the first that cannot be in it. */
  const writeFrame = (records: readonly SessionRecord[], isKeyframe: boolean): number => {
    if (isKeyframe) {
      state = createState(coder);
      ({ model } = state);
    }
    state.frameWeight = 0;
    beginWriting(coder);
    model.begin();
    for (const [index, record] of records.entries()) {
      try {
        writeRecord(record);
      } catch {
        return index;
      }
      if (coder.offset + coder.plainOffset > maxWrittenBytes || index >= maxRecordsPerFrame) return index;
    }
    model.bit(cellMore, 0);
    finishWriting(coder);
    return -1;
  };

  return {
    encode(records, { keyframe = false } = {}) {
      const isFull = state.bytes > maxBytesSinceKeyframe / 2 || state.weight > maxStateWeight / 2;
      let left = records;
      for (let tries = 0; ; tries++) {
        // The state cannot be trusted after half a record: the frame is then written anew.
        const isKeyframe = keyframe || isFull || tries > 0 || state.bytes === 0;
        const wrong = writeFrame(left, isKeyframe);
        if (wrong < 0) {
          const frame = frameOfWritten(coder, sequence, isKeyframe);
          hash = sign(frame, isKeyframe ? hashSeed : hash);
          state.bytes += frame.length;
          sequence++;
          return frame;
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
