import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";
import { createStateBytes, type StateBytes } from "../rest/state-bytes.ts";
import { createCoder, type Coder } from "./coder.ts";
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
import type { DecodedFrame, FrameDecoder, FrameError, FrameHeaderResult, FrameResult } from "./frame.ts";
import { chainHash, checksumBytes, hashSeed, readHeader } from "./header.ts";
import { maxBytesSinceKeyframe, maxDepth, maxListLength, maxRecordsPerFrame } from "./limits.ts";
import { readNumber } from "./number-reader.ts";
import { fromInteger, toInteger, type Scaled } from "./numbers.ts";
import { beginReading, isAtEnd, reader } from "./reader.ts";
import { headOf, isRecordBody, namesOf, recordKinds, type Head } from "./record-shape.ts";
import { stateAtRest, wokenState, type StateAtRest } from "./rest.ts";
import { copyOf, objectOf, shapeOf } from "./shapes.ts";
import { createNode, createSlot, findLive, type Node, type Slot } from "./slots.ts";
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

/** What of a node is handed out. */
const copyOfNode = ({ isArray, shape, value }: Node): JsonValue =>
  isArray
    ? (value as unknown as JsonValue[]).slice()
    : shape === undefined
      ? { ...value }
      : copyOf(shape, value);

const nothing: Scaled = { form: 0, exponent: 0, integer: 0 };
const noPlaces: readonly number[] = [];
const noHead: Head = {};

/** An object or array with these members, each null. Gives the node of an object its shape. */
const blankOf = (node: Node, head: Head): Record<string, JsonValue> => {
  const { keys, isArray } = node;
  if (isArray) return keys.map(() => null) as unknown as Record<string, JsonValue>;
  const names = head === noHead ? keys : namesOf(head, keys);
  const shape = shapeOf(names, node.shape);
  if (!shape.isDistinct) throw corrupt("two members of one name");
  const value = objectOf(shape);
  node.shape = shape;
  if (head === noHead) node.keys = shape.names;
  return value;
};

interface RecordsResult {
  readonly records: SessionRecord[];
  readonly refusedRecords: number;
}

/** Reads the records of frame after frame, each from the state that those before it left. */
const createRecordReader = (state: State, coder: Coder): (() => RecordsResult) => {
  const { model } = state;
  const readList = (slot: Slot): string => {
    const list = (slot.list ??= []);
    const length = model.integer(slot, 0);
    if (length < 2 || length > maxListLength) throw corrupt(`list of ${length} integers`);
    state.count(length);
    list.length = Math.min(list.length, length);
    let growth = 0;
    let text = "";
    for (let index = 0; index < length; index++) {
      const element = (list[index] ??= createSlot());
      growth += model.integer(element, 0);
      element.integer += growth;
      if (!Number.isSafeInteger(element.integer)) throw corrupt("list with too large an integer");
      text += index === 0 ? element.integer : `,${element.integer}`;
    }
    return text;
  };

  const readPayload = (slot: Slot, name: number, depth: number): JsonValue => {
    const { form } = slot;
    if (form === formText) {
      const word = model.words[name];
      const text = model.string(cellSameText, word?.value ?? -1, "");
      if (word) word.value = model.place();
      return text;
    }
    if (form === formList) return readList(slot);
    if (form !== formArray && form !== formObject) throw corrupt(`form ${form} has nothing to say`);
    slot.node ??= createNode(form === formArray);
    return readNode(slot.node, depth + 1);
  };

  const tell = (slot: Slot, name: number, depth: number): JsonValue => {
    state.first(slot, name, nothing);
    const { form, exponent, integer } = slot;
    if (isScaled(form)) return fromInteger(form, exponent, integer);
    if (form === formNull) return null;
    if (form === formFalse || form === formTrue) return form === formTrue;
    if (form === formSpecial) return specials[model.plain(2, 0)] as number;
    return readPayload(slot, name, depth);
  };

  /** Reads what a slot has become. False when that is what it was. */
  const readSlot = (slot: Slot, depth: number): boolean => {
    const { form, last, name } = slot;
    if (isScaled(form)) {
      const change = readNumber(coder, state, slot);
      if (change !== "told") return change === "number";
      slot.last = tell(slot, name, depth);
      return true;
    }
    const isExpected = model.hit(slot, 0) === 1;
    if (isExpected) {
      if (last === undefined) throw corrupt("nothing before what did not change");
      if (form >= formArray) slot.last = readPayload(slot, name, depth);
      return slot.last !== last;
    } else {
      slot.last = model.bit(cellSameForm, 0) === 1 ? readPayload(slot, name, depth) : tell(slot, name, depth);
    }
    return true;
  };

  const valueOf = ({ form, exponent, integer, last }: Slot): JsonValue =>
    isScaled(form) ? fromInteger(form, exponent, integer) : (last as JsonValue);

  /** Gives a node a value with the members that it has now, of which some are still to be read. */
  const layOut = (node: Node, head: Head): readonly number[] => {
    const { keys: oldKeys, value: last } = node;
    const from = state.layOut(node);
    const value = blankOf(node, head);
    const { isArray } = node;
    for (let index = 0; index < from.length; index++) {
      const place = from[index] as number;
      if (place < 0) continue;
      const key = (isArray ? place : oldKeys[place]) as string;
      value[(isArray ? index : key) as string] = last[key] as JsonValue;
    }
    if (head !== noHead) Object.assign(value, head);
    node.value = value;
    return from;
  };

  /** The object or array after its differences to the last one. `head` has members to be put before it. */
  const readNode = (node: Node, depth: number, head: Head = noHead): JsonValue => {
    if (depth > maxDepth) throw limitExceeded(`more than ${maxDepth} levels`);
    const isUsual = model.bit(cellUsual, 0) === 1;
    let from: readonly number[] = noPlaces;
    if (!isUsual && model.bit(cellSameMembers, 0) === 0) from = layOut(node, head);
    const { slots, names, marks, isArray, keys, value, live } = node;
    state.count(keys.length);
    let isSame = isUsual && node.copy !== undefined;
    for (let i = 0; i < live.length; i++) {
      const slot = live[i] as Slot;
      if (!readSlot(slot, depth)) continue;
      value[slot.key] = valueOf(slot);
      isSame = false;
    }
    if (!isUsual) {
      if (model.bit(cellWoken, 0) === 1) {
        let index = -1;
        for (let gap = model.integer(state.gaps, 0); gap !== 0; gap = model.integer(state.gaps, 0)) {
          index += gap;
          if (gap < 0 || slots[index] || marks[index] === undefined)
            throw corrupt(`change of member ${index}`);
          const key = (isArray ? index : keys[index]) as string;
          const before = value[key] as JsonValue;
          const slot = state.wake(node, index, (form, exponent) =>
            toInteger(form, exponent, before as number, false),
          );
          slot.last = before;
          if (readSlot(slot, depth)) value[key] = valueOf(slot);
        }
      }
      let slot = createSlot();
      for (const [index, place] of from.entries()) {
        if (place >= 0) continue;
        slot.last = tell(slot, names[index] as number, depth);
        value[(isArray ? index : keys[index]) as string] = slot.last;
        slot = state.settle(node, index, slot);
      }
      findLive(node);
      if (from.length > 0) {
        node.marks = node.marks.slice();
        node.slots = node.slots.slice();
      }
    }
    if (!isSame) node.copy = copyOfNode(node);
    return node.copy as JsonValue;
  };

  const readTime = (slot: Slot): number => {
    readSlot(slot, 0);
    const time = valueOf(slot);
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
      const { node } = stream;
      if (stream.head === undefined) {
        stream.head = headOf(kind, key, at);
        node.value = { ...stream.head };
      }
      stream.head["at"] = node.value["at"] = at;
      node.copy = undefined;
      const record = readNode(node, 0, stream.head) as JsonObject;
      if (stream.kinds !== kinds || state.kinds !== kinds) {
        stream.isRecord = isRecordBody(kind, node.keys, record);
        stream.kinds = state.kinds;
      }
      if (stream.isRecord) records.push(record as unknown as SessionRecord);
      else refusedRecords++;
    }
    if (!isAtEnd(coder)) throw corrupt("does not end with its last record");
    return { records, refusedRecords };
  };
};

/** What all decoders read from: they decode one frame after the other. */
const coder: Coder = /* @__PURE__ */ createCoder(reader);

/** Of a decoder at rest. `state` is null when only a keyframe can go on. */
interface DecoderAtRest {
  readonly nextSequence: number;
  readonly hash: number;
  readonly state: StateAtRest | null;
}

/** Made for the first that rests: pages decode and never do. */
let knownStateBytes: StateBytes | undefined;
const stateBytes = (): StateBytes => (knownStateBytes ??= createStateBytes({}));

/**
 * Decodes the frames of one session, in order of sequence. `rested`: what another decoder knew, of this process, as it handed it out with
 * `rest`; goes on where that one stopped. The same bytes make as many decoders as are asked for, which have nothing in common.
 */
export const createFrameDecoder = (rested?: Uint8Array): FrameDecoder => {
  let state: State | null = null;
  let readRecords: () => RecordsResult;
  let nextSequence = 0;
  let hash = hashSeed;

  if (rested !== undefined) {
    const known = stateBytes().take(rested) as DecoderAtRest;
    ({ nextSequence, hash } = known);
    if (known.state !== null) {
      state = wokenState(coder, known.state);
      readRecords = createRecordReader(state, coder);
    }
  }

  const readFrame = (bytes: Uint8Array): DecodedFrame => {
    const { sequence, keyframe, start, middle } = readHeader(bytes);
    if (!keyframe && state === null)
      throw new FrameFault("frame-gap", `frame ${sequence} needs a keyframe before it`);
    if (!keyframe && sequence !== nextSequence) {
      throw new FrameFault("frame-gap", `frame ${sequence} follows, ${nextSequence} was expected`);
    }
    const checksumAt = bytes.length - checksumBytes;
    const nextHash = chainHash(bytes, keyframe ? hashSeed : hash);
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
    beginReading(coder, bytes, start, middle, checksumAt);
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
    rest() {
      const known: DecoderAtRest = { nextSequence, hash, state: state === null ? null : stateAtRest(state) };
      return stateBytes().put(known);
    },
    get weight() {
      return state?.frameWeight ?? 0;
    },
  };
};
