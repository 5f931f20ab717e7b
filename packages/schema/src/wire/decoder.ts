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
import type { DecodedFrame, FrameDecoder, FrameError, FrameHeaderResult, FrameResult } from "./frame.ts";
import { chainHash, hashSeed, readHeader } from "./header.ts";
import { maxBytesSinceKeyframe, maxDepth, maxListLength, maxRecordsPerFrame } from "./limits.ts";
import { fromInteger, toInteger, type Scaled } from "./numbers.ts";
import { createRangeDecoder, type RangeDecoder } from "./range-coder.ts";
import { isRecordBody, keyNames, recordKinds } from "./record-shape.ts";
import { createNode, createSlot, expectedInteger, follow, type Node, type Slot } from "./slots.ts";
import { createState, type State } from "./state.ts";

const corrupt = (message: string): FrameFault => new FrameFault("frame-corrupt", message);

const limitExceeded = (message: string): FrameFault => new FrameFault("frame-limit-exceeded", message);

const toFrameError = (error: unknown): { readonly ok: false; readonly error: FrameError } => ({
  ok: false,
  error: {
    code: error instanceof FrameFault ? error.code : "frame-corrupt",
    message: error instanceof Error ? error.message : "not readable",
  },
});

/** Sequence and kind of a frame, from its first bytes and without state. Never throws. That its records can be decoded is not said. */
export const readFrameHeader = (bytes: Uint8Array): FrameHeaderResult => {
  try {
    const { sequence, keyframe } = readHeader(bytes);
    return { ok: true, header: { sequence, keyframe } };
  } catch (error) {
    return toFrameError(error);
  }
};

/** An object with these members, made so that engines copy it fast; a member named __proto__ is a member. */
const objectWith = (keys: readonly string[]): Record<string, JsonValue> =>
  JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`) as Record<string, JsonValue>;

const keyAt = (node: Node, index: number): string => (node.isArray ? index : node.keys[index]) as string;

type Copier = (value: JsonObject) => Record<string, JsonValue>;

/**
 * All do the same. Engines remember the shapes of a few objects at each place in the source, and copy those ten times as fast as any other; so
 * each set of members has its place.
 */
const copiers: readonly Copier[] = [
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
  (value) => ({ ...value }),
];

/** The place for objects with these members: the same ones always have the same. */
const shapeOf = (keys: readonly string[]): number => {
  let hash = 0;
  for (const unit of keys.join()) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x9e37_79b1);
  return hash >>> 27;
};

const nothing: Scaled = { form: 0, exponent: 0, integer: 0 };
const noPlaces: readonly number[] = [];

interface RecordsResult {
  readonly records: SessionRecord[];
  readonly refusedRecords: number;
}

/** Reads the records of frame after frame, each from the state that those before it left. */
const createRecordReader = (state: State, coder: RangeDecoder): (() => RecordsResult) => {
  const { model } = state;
  const readList = (slot: Slot): string => {
    const { list } = slot;
    const length = model.integer(slot, 0);
    if (length < 2 || length > maxListLength) throw corrupt(`list of ${length} integers`);
    state.count(length);
    list.length = Math.min(list.length, length);
    let growth = 0;
    let text = "";
    for (let index = 0; index < length; index++) {
      const element = (list[index] ??= createSlot(0));
      growth += model.integer(element, 0);
      element.integer += growth;
      if (!Number.isSafeInteger(element.integer)) throw corrupt("list with too large an integer");
      text += index === 0 ? element.integer : `,${element.integer}`;
    }
    return text;
  };

  const readPayload = (slot: Slot, last: JsonValue | undefined, name: number, depth: number): JsonValue => {
    const { form, node } = slot;
    if (form === formText) {
      const word = model.words[name];
      const text = model.string(cellSameText, word?.value ?? -1, "");
      if (word) word.value = model.place();
      return text;
    }
    if (form === formList) return readList(slot);
    if (form !== formArray && form !== formObject) throw corrupt(`form ${form} has nothing to say`);
    slot.node ??= createNode(form === formArray);
    return readNode(slot.node, node ? last : undefined, depth + 1);
  };

  const tell = (slot: Slot, name: number, depth: number): JsonValue => {
    state.first(slot, name, nothing);
    const { form, exponent, integer } = slot;
    if (isScaled(form)) return fromInteger(form, exponent, integer);
    if (form === formNull) return null;
    if (form === formFalse || form === formTrue) return form === formTrue;
    if (form === formSpecial) return specials[model.even(2, 0)] as number;
    return readPayload(slot, undefined, name, depth);
  };

  /** The value of a slot that had `last`. */
  const readSlot = (slot: Slot, last: JsonValue | undefined, name: number, depth: number): JsonValue => {
    const { form, exponent, cell } = slot;
    if (isScaled(form)) {
      const expected = expectedInteger(slot, state.round);
      const isExpected = model.bit(cell, 0) === 1;
      const difference = isExpected ? 0 : model.integer(slot, 0, true);
      if (Number.isNaN(difference)) return tell(slot, name, depth);
      const integer = expected + difference;
      if (!Number.isSafeInteger(integer)) throw corrupt("integer beyond 2^53");
      follow(slot, integer, state, isExpected);
      return fromInteger(form, exponent, integer);
    }
    if (model.bit(cell, 0) === 0) {
      return model.bit(cellSameForm, 0) === 1
        ? readPayload(slot, last, name, depth)
        : tell(slot, name, depth);
    }
    if (last === undefined) throw corrupt("nothing before what did not change");
    return form < formArray ? last : readPayload(slot, last, name, depth);
  };

  /** The value with the members that the node has now, of which some are still to be read. */
  const laidOut = (
    node: Node,
    oldKeys: readonly string[],
    from: readonly number[],
    last: JsonValue | undefined,
  ): Record<string, JsonValue> => {
    if (!node.isArray && new Set(node.keys).size < node.keys.length) throw corrupt("two members of one name");
    const value = (node.isArray ? from.map(() => null) : objectWith(node.keys)) as Record<string, JsonValue>;
    for (const [index, place] of from.entries()) {
      if (place < 0) continue;
      const key = node.isArray ? String(place) : (oldKeys[place] as string);
      value[keyAt(node, index)] = (last as JsonObject)[key] as JsonValue;
    }
    return value;
  };

  /** The object or array after its differences to `last`. */
  const readNode = (node: Node, last: JsonValue | undefined, depth: number): JsonValue => {
    if (depth > maxDepth) throw limitExceeded(`more than ${maxDepth} levels`);
    const oldKeys = node.keys;
    const from = model.bit(cellSameMembers, 0) === 1 ? noPlaces : state.layOut(node);
    const { slots, names, marks, isArray, keys, live } = node;
    state.count(keys.length);
    let value: Record<string, JsonValue>;
    if (keys !== oldKeys || last === undefined) {
      node.shape = shapeOf(keys);
      value = laidOut(node, oldKeys, from, last);
    } else if (isArray) value = (last as JsonValue[]).slice() as never;
    else value = (copiers[node.shape] as Copier)(last as JsonObject);

    for (let i = 0; i < live.length; i++) {
      const index = live[i] as number;
      const key = (isArray ? index : keys[index]) as string;
      const slot = slots[index] as Slot;
      // Counters are not asked what they were, and are only written when they changed.
      const { form, exponent, integer } = slot;
      if (!isScaled(form)) value[key] = readSlot(slot, value[key], names[index] as number, depth);
      else {
        const after = readSlot(slot, undefined, names[index] as number, depth);
        if (slot.integer !== integer || slot.form !== form || slot.exponent !== exponent) value[key] = after;
      }
    }
    const hasWoken = model.bit(cellWoken, 0) === 1;
    let index = -1;
    for (
      let gap = hasWoken ? model.integer(state.gaps, 0) : 0;
      gap !== 0;
      gap = model.integer(state.gaps, 0)
    ) {
      index += gap;
      if (gap < 0 || slots[index] || marks[index] === undefined) throw corrupt(`change of member ${index}`);
      const key = keyAt(node, index);
      const before = value[key];
      const slot = state.wake(node, index, (form, exponent) =>
        toInteger(form, exponent, before as number, false),
      );
      value[key] = readSlot(slot, before, names[index] as number, depth);
    }
    if (from.length === 0 && !hasWoken) return value;
    let slot = createSlot(0);
    for (const [index, place] of from.entries()) {
      if (place >= 0) continue;
      value[keyAt(node, index)] = tell(slot, node.names[index] as number, depth);
      slot = state.settle(node, index, slot);
    }
    node.live = node.names.flatMap((_, index) => (node.slots[index] ? [index] : []));
    return value;
  };

  const readTime = (slot: Slot): number => {
    const time = readSlot(slot, undefined, -1, 0);
    if (typeof time !== "number" || !Number.isFinite(time)) throw corrupt("record without a time");
    return time;
  };

  return () => {
    const records: SessionRecord[] = [];
    let refusedRecords = 0;
    while (model.bit(cellMore, 0) === 1) {
      if (records.length + refusedRecords >= maxRecordsPerFrame)
        throw limitExceeded(`more than ${maxRecordsPerFrame} records`);
      const stream = state.stream(0, "");
      const { kind, key } = stream;
      if (kind >= recordKinds.length) throw corrupt(`kind ${kind} is not known`);
      const at = readTime(stream.clock);
      const { kinds } = state;
      const body = readNode(stream.node, stream.body, 0) as JsonObject;
      stream.body = body;
      if (stream.kinds !== kinds || state.kinds !== kinds) {
        stream.isRecord = isRecordBody(kind, body);
        stream.kinds = state.kinds;
      }
      const keyName = keyNames[kind] as string;
      const head = { kind: recordKinds[kind], at, ...(keyName !== "" && { [keyName]: key }) };
      if (stream.isRecord) records.push({ ...head, ...body } as unknown as SessionRecord);
      else refusedRecords++;
    }
    if (!coder.isAtEnd()) throw corrupt("does not end with its last record");
    return { records, refusedRecords };
  };
};

/** Decodes the frames of one session, in order of sequence. */
export const createFrameDecoder = (): FrameDecoder => {
  const coder = createRangeDecoder();
  let state: State | null = null;
  let readRecords: () => RecordsResult;
  let nextSequence = 0;
  let hash = hashSeed;

  const readFrame = (bytes: Uint8Array): DecodedFrame => {
    const { sequence, keyframe, end } = readHeader(bytes);
    if (!keyframe && state === null)
      throw new FrameFault("frame-gap", `frame ${sequence} needs a keyframe before it`);
    if (!keyframe && sequence !== nextSequence) {
      throw new FrameFault("frame-gap", `frame ${sequence} follows, ${nextSequence} was expected`);
    }
    const checksumAt = bytes.length - 2;
    const nextHash = chainHash(bytes.subarray(0, checksumAt), keyframe ? hashSeed : hash);
    if (bytes[checksumAt] !== nextHash >>> 24 || bytes[checksumAt + 1] !== ((nextHash >>> 16) & 255)) {
      throw corrupt("the checksum is not that of its bytes after the frame before it");
    }
    let next = state;
    if (keyframe || next === null) {
      next = createState(coder);
      readRecords = createRecordReader(next, coder);
    }
    next.bytes += bytes.length;
    // What follows changes the state. When it fails, only a keyframe can go on.
    state = null;
    if (next.bytes > maxBytesSinceKeyframe) {
      throw limitExceeded(`more than ${maxBytesSinceKeyframe} bytes since the last keyframe`);
    }
    next.frameWeight = 0;
    coder.begin(bytes.subarray(end, checksumAt));
    next.model.begin();
    const { records, refusedRecords } = readRecords();
    state = next;
    nextSequence = sequence + 1;
    hash = nextHash;
    return { sequence, keyframe, records, ...(refusedRecords > 0 && { refusedRecords }) };
  };

  return {
    decode(bytes): FrameResult {
      try {
        return { ok: true, frame: readFrame(bytes) };
      } catch (error) {
        return toFrameError(error);
      }
    },
  };
};
