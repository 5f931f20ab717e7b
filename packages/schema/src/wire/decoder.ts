import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";
import {
  type ByteReader,
  corrupt,
  createByteReader,
  FrameFault,
  peekByte,
  readByte,
  readBytes,
  readSigned,
  readText,
  readVarint,
} from "./bytes.ts";
import {
  float64View,
  formAbsent,
  formArray,
  formBits,
  formFalse,
  formList,
  formBeside,
  formNull,
  formObject,
  formShared,
  formString,
  formTrue,
  expectedInteger,
  expectedValue,
  nextTrend,
  fromInteger,
  isScaled,
  maxListInteger,
  maxListLength,
  type Trend,
} from "./forms.ts";
import {
  type DecodedFrame,
  type FrameDecoder,
  type FrameError,
  type FrameHeader,
  type FrameHeaderResult,
  type FrameResult,
  maxFrameBytes,
  wireVersion,
} from "./frame.ts";
import {
  maxBytesSinceKeyframe,
  maxDepth,
  maxDictionaryEntries,
  maxDictionaryString,
  maxRecordsPerFrame,
  maxSlotsPerFrame,
  maxSlotsPerNode,
  maxSlotsSinceKeyframe,
} from "./limits.ts";
import { isRecordBody, kindEvent, kindFirstSample } from "./record-shape.ts";

/**
 * One member or element. Never changed: a frame makes new slots along the way to what it changes, so the state before
 * it is still there when the frame turns out to be broken.
 */
interface Slot extends Trend {
  readonly key: string;
  readonly form: number;
  /** Has changed since it was added: it has a bit in the mask. */
  readonly isLive: boolean;
  /** Value of a primitive and of a list; undefined for objects, arrays and the absent. */
  readonly value: string | number | boolean | null | undefined;
  readonly slots: readonly Slot[];
}

interface Connection {
  readonly id: string;
  readonly root: Slot;
}

interface State {
  readonly nextSequence: number;
  readonly connections: readonly Connection[];
  readonly bytesSinceKeyframe: number;
  readonly slotsSinceKeyframe: number;
}

const noSlots: readonly Slot[] = [];

const createSlot = (
  key: string,
  form: number,
  slots: readonly Slot[] = noSlots,
  isLive: boolean = false,
): Slot => ({
  key,
  form,
  isLive,
  value: undefined,
  delta: 0,
  rate: 0,
  slots,
});

/** Magic, version, flags, and one byte each for sequence, time and count. */
const minFrameBytes = 7;

const emptyRoot: Slot = createSlot("", formObject);

const limitExceeded = (message: string): FrameFault => new FrameFault("frame-limit-exceeded", message);

/** A number whose form is known, from the trend that its difference was taken from. */
const readNumber = (reader: ByteReader, form: number, trend: Trend): number => {
  if (form === formBits) {
    const header = readByte(reader);
    const first = header >> 4;
    const count = header & 15;
    if (first + count > 8 || (count === 0 && header > 0)) throw corrupt(`float64 of ${first}+${count} bytes`);
    const view = float64View(typeof trend.value === "number" ? trend.value : 0);
    for (const [i, byte] of readBytes(reader, count).entries()) {
      view.setUint8(first + i, view.getUint8(first + i) ^ byte);
    }
    return view.getFloat64(0);
  }
  if (!isScaled(form) && form !== formBeside) throw corrupt(`form ${form} is not a number`);
  const beside = form === formBeside ? readSigned(reader) : 1;
  const integer = expectedInteger(form, trend) + readSigned(reader);
  if (!Number.isSafeInteger(integer)) throw corrupt("integer beyond 2^53");
  const value = fromInteger(form, integer);
  const steps = beside > 0 ? beside - 1 : beside;
  if (steps === 0) return value;
  const view = float64View(value);
  const low = view.getUint32(4) + steps;
  view.setUint32(0, view.getUint32(0) + Math.floor(low / 2 ** 32));
  view.setUint32(4, low);
  return view.getFloat64(0);
};

/** A slot for which nothing was written: what is expected of it, and of all in it. */
const advance = (slot: Slot): Slot => {
  if (slot.form === formArray || slot.form === formObject) {
    return { ...slot, slots: slot.slots.map(advance) };
  }
  if (slot.delta === 0) return slot;
  const value = expectedValue(slot.form, slot);
  return { ...slot, ...nextTrend(slot, value), value };
};

/** What a frame says before its records. */
const readHeader = (reader: ByteReader): FrameHeader => {
  const { bytes } = reader;
  if (bytes.length > maxFrameBytes) {
    throw new FrameFault("frame-too-large", `${bytes.length} bytes, at most ${maxFrameBytes} are allowed`);
  }
  if (bytes.length < minFrameBytes) {
    throw new FrameFault("frame-too-short", `${bytes.length} bytes, at least ${minFrameBytes} are needed`);
  }
  if (bytes[0] !== 0x50 || bytes[1] !== 0x53) {
    throw new FrameFault("frame-not-peerscope", "does not start with the bytes 50 53");
  }
  if (bytes[2] !== wireVersion) {
    const message = `version ${bytes[2]}, this reader knows ${wireVersion}`;
    throw new FrameFault("frame-version-unsupported", message);
  }
  const flags = bytes[3] ?? 0;
  if (flags > 1) throw corrupt(`flags ${flags} are not known`);
  reader.offset = 4;
  const sequence = readVarint(reader);
  const at = readVarint(reader);
  const recordCount = readVarint(reader);
  if (recordCount > maxRecordsPerFrame) throw limitExceeded(`more than ${maxRecordsPerFrame} records`);
  return { sequence, keyframe: flags === 1, at, recordCount };
};

const toFrameError = (error: unknown): { readonly ok: false; readonly error: FrameError } => ({
  ok: false,
  error: {
    code: error instanceof FrameFault ? error.code : "frame-corrupt",
    message: error instanceof Error ? error.message : "not readable",
  },
});

/**
 * Sequence, kind and time of a frame, from its first bytes and without state. Never throws. That its records can be
 * decoded is not said.
 */
export const readFrameHeader = (bytes: Uint8Array): FrameHeaderResult => {
  try {
    return { ok: true, header: readHeader(createByteReader(bytes)) };
  } catch (error) {
    return toFrameError(error);
  }
};

/** Reads one frame against a state that it does not change, except that it appends to the dictionary. */
const readFrame = (bytes: Uint8Array, before: State | null, dictionary: string[]): [DecodedFrame, State] => {
  const reader = createByteReader(bytes);
  const header = readHeader(reader);
  const { sequence, keyframe, recordCount } = header;
  if (!keyframe && before === null) {
    throw new FrameFault("frame-gap", `frame ${sequence} needs a keyframe before it`);
  }
  if (!keyframe && sequence !== before?.nextSequence) {
    throw new FrameFault("frame-gap", `frame ${sequence} follows, ${before?.nextSequence} was expected`);
  }
  const state = keyframe ? null : before;
  const connections = [...(state?.connections ?? [])];
  const bytesSinceKeyframe = (state?.bytesSinceKeyframe ?? 0) + bytes.length;
  let slotsSinceKeyframe = state?.slotsSinceKeyframe ?? 0;
  let slotsInFrame = 0;
  /** Shared time of the report being read; undefined in other records. */
  let shared: number | undefined;
  if (bytesSinceKeyframe > maxBytesSinceKeyframe) {
    throw limitExceeded(`more than ${maxBytesSinceKeyframe} bytes since the last keyframe`);
  }

  const countSlots = (count: number): void => {
    slotsInFrame += count;
    if (slotsInFrame > maxSlotsPerFrame)
      throw limitExceeded(`more than ${maxSlotsPerFrame} values in a frame`);
  };

  const readString = (): string => {
    const place = readVarint(reader);
    if (place === 0) throw corrupt(`string without a place, before byte ${reader.offset}`);
    if (place > 2) {
      const known = dictionary[place - 3];
      if (known === undefined) throw corrupt(`string ${place - 3} is not in the dictionary`);
      return known;
    }
    const text = readText(reader);
    if (place === 2) {
      if (dictionary.length >= maxDictionaryEntries || text.length > maxDictionaryString) {
        throw limitExceeded(`dictionary of more than ${maxDictionaryEntries} short strings`);
      }
      dictionary.push(text);
    }
    return text;
  };

  const readList = (last: readonly number[]): number[] => {
    const count = readVarint(reader);
    if (count < 2) throw corrupt(`list of ${count} numbers`);
    if (count > maxListLength) throw limitExceeded(`list of ${count} numbers`);
    countSlots(count);
    const numbers: number[] = [];
    let growth = 0;
    for (let i = 0; i < count; i++) {
      growth += readSigned(reader);
      const number = (last[i] ?? 0) + growth;
      if (!(Math.abs(number) < maxListInteger)) throw corrupt(`list with ${number}`);
      numbers.push(number);
    }
    return numbers;
  };

  /** The slot after its change; `isLive` of the new one. */
  const readSlot = (before: Slot, depth: number, isLive: boolean): Slot => {
    const last = before.form === formShared ? { ...before, value: shared } : before;
    let { form, slots } = last;
    const isTold = form === formAbsent || peekByte(reader) === 0;
    if (isTold) {
      if (form !== formAbsent) readByte(reader);
      form = readByte(reader);
      slots = noSlots;
      if (form === formAbsent && last.form === formAbsent) throw corrupt("vanished twice");
    }
    const withValue = (value: Slot["value"]): Slot => ({
      ...createSlot(last.key, form, slots, isLive),
      ...nextTrend(last, value),
      value,
    });
    switch (form) {
      case formAbsent:
        return createSlot(last.key, form, noSlots, isLive);
      case formNull:
      case formFalse:
      case formTrue:
      case formShared:
        if (!isTold) throw corrupt(`form ${form} cannot change without being told`);
        if (form !== formShared) return withValue(form === formNull ? null : form === formTrue);
        if (shared === undefined) throw corrupt("shared time outside a report");
        return withValue(shared);
      case formString:
        return withValue(readString());
      case formArray:
      case formObject:
        if (depth >= maxDepth) throw limitExceeded(`more than ${maxDepth} levels`);
        return readNode(createSlot(last.key, form, slots, isLive), depth + 1);
      case formList: {
        const numbers = readList(isTold ? [] : String(last.value).split(",").map(Number));
        return withValue(numbers.join(","));
      }
      default:
        return withValue(readNumber(reader, form, last));
    }
  };

  /** The object or array after its differences. */
  const readNode = (last: Slot, depth: number): Slot => {
    const header = readVarint(reader);
    if (header % 2 === 0) throw corrupt(`object without a header, before byte ${reader.offset}`);
    const isOrdered = (header & 2) === 0;
    const hasWoken = (header & 4) !== 0;
    const added = Math.floor(header / 8);
    const known = last.slots.length;
    if (known + added > maxSlotsPerNode) throw limitExceeded(`more than ${maxSlotsPerNode} members`);
    slotsSinceKeyframe += added;
    if (slotsSinceKeyframe > maxSlotsSinceKeyframe) {
      throw limitExceeded(`more than ${maxSlotsSinceKeyframe} members since the last keyframe`);
    }
    const live = last.slots.filter((slot) => slot.isLive).length;
    const mask = readBytes(reader, Math.ceil(live / 8));
    if (live % 8 > 0 && (mask.at(-1) ?? 0) >> (live % 8) > 0)
      throw corrupt("change of a member beyond the last");
    let bit = 0;
    const slots = last.slots.map((slot) => {
      if (!slot.isLive) return slot;
      const isChanged = (((mask[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
      bit++;
      return isChanged ? readSlot(slot, depth, true) : advance(slot);
    });
    let woken = 0;
    for (let place = hasWoken ? readVarint(reader) : 0; place !== 0; place = readVarint(reader)) {
      const slot = slots[place - 1];
      if (slot === undefined || place <= woken || last.slots[place - 1]?.isLive !== false) {
        throw corrupt(`change of member ${place - 1}`);
      }
      slots[place - 1] = readSlot(slot, depth, true);
      woken = place;
    }
    for (let i = 0; i < added; i++) {
      const name = last.form === formObject ? readString() : "";
      slots.push(readSlot(createSlot(name, formAbsent), depth, false));
    }
    if (isOrdered) return { ...last, slots };
    // A slot is taken out of the rest, so that none is named twice.
    const rest: (Slot | undefined)[] = slots;
    const ordered: Slot[] = [];
    for (let left = slots.filter((slot) => slot.form !== formAbsent).length; left > 0; left--) {
      const place = readVarint(reader);
      const slot = rest[place];
      if (slot === undefined || slot.form === formAbsent) throw corrupt(`order names member ${place}`);
      ordered.push(slot);
      rest[place] = undefined;
    }
    return { ...last, slots: ordered };
  };

  const toValue = (slot: Slot): JsonValue => {
    if (slot.form === formShared) return shared ?? null;
    if (slot.form === formObject) return toObject(slot);
    if (slot.form !== formArray) return slot.value ?? null;
    countSlots(slot.slots.length);
    return slot.slots.flatMap((element) => (element.form === formAbsent ? [] : [toValue(element)]));
  };

  const toObject = (node: Slot): JsonObject => {
    countSlots(node.slots.length);
    const object: Record<string, JsonValue> = {};
    for (const slot of node.slots) {
      if (slot.form === formAbsent) continue;
      // Assignment would set the prototype instead of a member.
      if (slot.key === "__proto__") {
        Object.defineProperty(object, slot.key, {
          value: toValue(slot),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else object[slot.key] = toValue(slot);
    }
    return object;
  };

  const readTime = (reference: number): number =>
    readNumber(reader, readByte(reader), { value: reference, delta: 0, rate: 0 });

  let { at } = header;
  const records: SessionRecord[] = [];
  let refusedRecords = 0;
  for (let i = 0; i < recordCount; i++) {
    const kind = readVarint(reader);
    const place = kind - kindFirstSample;
    let connection = connections[place];
    if (place >= 0 && connection === undefined) {
      if (place !== connections.length) throw corrupt(`connection ${place} is not known`);
      connection = { id: readString(), root: emptyRoot };
      slotsSinceKeyframe++;
    }
    at = readTime(at);
    if (!Number.isFinite(at)) throw corrupt("record without a time");
    if (connection !== undefined) {
      shared = readTime(at);
    } else shared = undefined;
    const root = readNode(connection?.root ?? emptyRoot, 0);
    const body = toObject(root);
    if (connection !== undefined) connections[place] = { id: connection.id, root };
    if (!isRecordBody(kind, body)) refusedRecords++;
    else if (connection === undefined) {
      records.push({
        kind: kind === kindEvent ? "event" : "context",
        at,
        ...body,
      } as unknown as SessionRecord);
    } else {
      records.push({ kind: "sample", at, connectionId: connection.id, ...body } as unknown as SessionRecord);
    }
  }
  if (reader.offset !== bytes.length)
    throw corrupt(`${bytes.length - reader.offset} bytes after the last record`);
  return [
    { sequence, keyframe, records, ...(refusedRecords > 0 && { refusedRecords }) },
    { nextSequence: sequence + 1, connections, bytesSinceKeyframe, slotsSinceKeyframe },
  ];
};

/**
 * Decodes the frames of one session in order. Never throws. A frame that is refused leaves the state as it was: the
 * same frame, intact, is still accepted, and otherwise the next keyframe is. Frames between them are `frame-gap`.
 */
export const createFrameDecoder = (): FrameDecoder => {
  let state: State | null = null;
  let dictionary: string[] = [];
  return {
    decode: (bytes: Uint8Array): FrameResult => {
      const strings = bytes[3] === 1 ? [] : dictionary;
      const known = strings.length;
      try {
        const [frame, after] = readFrame(bytes, state, strings);
        state = after;
        dictionary = strings;
        return { ok: true, frame };
      } catch (error) {
        strings.length = known;
        return toFrameError(error);
      }
    },
  };
};
