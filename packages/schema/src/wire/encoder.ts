import type { JsonObject, JsonValue } from "../json.ts";
import type { EventRecord, SessionRecord } from "../records.ts";
import { createByteWriter, reserve, writeByte, writeSigned, writeText, writeVarint } from "./bytes.ts";
import {
  float64View,
  formAbsent,
  formArray,
  formBits,
  formFalse,
  formInteger,
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
  toInteger,
  type Trend,
} from "./forms.ts";
import { type FrameEncoder, maxFrameBytes, wireVersion } from "./frame.ts";
import {
  maxBytesSinceKeyframe,
  maxDictionaryEntries,
  maxDictionaryString,
  maxRecordsPerFrame,
  maxSlotsPerFrame,
  maxSlotsSinceKeyframe,
} from "./limits.ts";
import { type PlainBudget, toPlain } from "./plain.ts";
import { kindFirstSample, recordKinds } from "./record-shape.ts";

/** What the decoder knows of one member or element. A vanished one keeps its place. */
interface Slot extends Trend {
  readonly key: string;
  form: number;
  /** Has changed since it was added: it has a bit in the mask. */
  isLive: boolean;
  /** Last value; undefined for objects and arrays, which have slots. */
  value: JsonValue | undefined;
  delta: number;
  rate: number;
  /** Integers of a list. */
  numbers: readonly number[];
  slots: Slot[];
}

const createSlot = (key: string, form: number = formAbsent): Slot => ({
  key,
  form,
  isLive: false,
  value: undefined,
  delta: 0,
  rate: 0,
  numbers: [],
  slots: [],
});

/** Steps beside a quotient that are written in fewer bytes than the float64. Ours. */
const maxSteps = 2 ** 20;

/** Room kept at the end of a frame for the event that tells what did not fit. */
const lossNoticeBytes = 256;

/** Numbers of a text that is exactly those numbers between commas; null for any other. */
const numbersOf = (text: string): number[] | null => {
  // 15 digits are below maxListInteger; 256 numbers are maxListLength.
  if (!/^-?\d{1,15}(,-?\d{1,15}){1,255}$/.test(text)) return null;
  const numbers = text.split(",").map(Number);
  return numbers.join() === text ? numbers : null;
};

/** The value most objects carry as `timestamp`, or `otherwise`: the candidate that survives pairwise elimination. */
const sharedTime = (stats: JsonValue | undefined, otherwise: number): number => {
  let candidate = otherwise;
  let votes = 0;
  for (const object of Array.isArray(stats) ? stats : []) {
    const time = (object as JsonObject | null)?.["timestamp"];
    if (typeof time !== "number") continue;
    if (votes === 0) candidate = time;
    votes += Object.is(time, candidate) ? 1 : -1;
  }
  return candidate;
};

const bitsOf = (value: number): bigint => float64View(value).getBigInt64(0);

/** How many float64 steps lie between two numbers of the same sign. */
const stepsBetween = (from: number, to: number): number => Number(bitsOf(to) - bitsOf(from));

/**
 * Encodes the records of one session. The layout is docs/reference/wire.md. Never throws: what is not JSON is replaced
 * (see plain.ts), and a record that is too large for a frame, or has no kind or time, is left out and counted in an event
 * `sdk-records-lost` with the reason "not-encodable". The first frame is a keyframe; so is one that comes when the
 * state has grown to half its limits, or after a record was left out for its size.
 */
export const createFrameEncoder = (options: { readonly firstSequence?: number } = {}): FrameEncoder => {
  let sequence = options.firstSequence ?? 0;
  let mustRestart = true;
  let dictionary = new Map<string, number>();
  /** Last report of each connection; the key is its id. */
  let roots: Slot[] = [];
  let bytesSinceKeyframe = 0;
  let slotsSinceKeyframe = 0;
  /** Of this frame. */
  let writer = createByteWriter();
  let slotsInFrame = 0;
  /** Shared time of the report being written. */
  let shared: number | undefined;

  const writeString = (text: string): void => {
    const place = mustRestart ? undefined : dictionary.get(text);
    if (place !== undefined) {
      writeVarint(writer, place + 3);
      return;
    }
    const isKept =
      !mustRestart && text.length <= maxDictionaryString && dictionary.size < maxDictionaryEntries;
    if (isKept) dictionary.set(text, dictionary.size);
    writeByte(writer, isKept ? 2 : 1);
    writeText(writer, text);
  };

  const setBits = (place: number, bits: number): void => {
    writer.bytes[place] = (writer.bytes[place] ?? 0) | bits;
  };

  /** Writes that a slot gets another form. One without a value needs no 0 before it. */
  const writeForm = (form: number, lastForm: number): void => {
    if (form === lastForm) return;
    if (lastForm !== formAbsent) writeByte(writer, 0);
    writeByte(writer, form);
  };

  /**
   * Writes a number and returns its form. The form of the last value is kept as long as it can say the new one; then
   * only the difference to what was expected is written, which starts with a byte other than 0.
   */
  const writeNumber = (value: number, trend: Trend, lastForm: number): number => {
    // −0 is no integer in any unit: only its bits say it.
    let form = Object.is(value, -0) ? formBits : formInteger;
    if (form === formInteger && lastForm > form && lastForm < formBits) form = lastForm;
    for (; form < formBits; form++) {
      const integer = toInteger(form, value);
      const difference = integer - expectedInteger(form, trend);
      if (!Number.isSafeInteger(integer) || !Number.isSafeInteger(difference)) continue;
      const near = fromInteger(form, integer);
      const steps = near === value ? 0 : form === formBeside ? stepsBetween(near, value) : maxSteps;
      if (Math.abs(steps) >= maxSteps) continue;
      writeForm(form, lastForm);
      if (form === formBeside) writeSigned(writer, steps < 0 ? steps : steps + 1);
      writeSigned(writer, difference);
      return form;
    }
    writeForm(formBits, lastForm);
    const view = float64View(0);
    view.setBigInt64(0, bitsOf(value) ^ bitsOf(typeof trend.value === "number" ? trend.value : 0));
    const bytes = [...new Uint8Array(view.buffer)];
    const first = bytes.findIndex(Boolean);
    const last = bytes.findLastIndex(Boolean);
    writeByte(writer, first < 0 ? 0 : first * 16 + last - first + 1);
    for (const byte of bytes.slice(first, last + 1)) writeByte(writer, byte);
    return formBits;
  };

  /** Writes how much more each integer has grown than the one before it, from the last list in the slot. */
  const writeList = (numbers: readonly number[], last: readonly number[]): void => {
    writeVarint(writer, numbers.length);
    slotsInFrame += numbers.length;
    let growth = 0;
    for (const [i, number] of numbers.entries()) {
      const grown = number - (last[i] ?? 0);
      writeSigned(writer, grown - growth);
      growth = grown;
    }
  };

  /** Writes what turns a slot into this value. Writes nothing and returns false when that is expected anyway. */
  const writeSlot = (slot: Slot, value: JsonValue): boolean => {
    const lastForm = slot.form;
    if (lastForm === formShared) slot.value = shared;
    const isExpected = Object.is(expectedValue(lastForm, slot), value);
    const isNode = typeof value === "object" && value !== null;
    const numbers = typeof value === "string" && !isExpected ? numbersOf(value) : null;
    let { form } = slot;
    if (!isExpected) {
      if (typeof value === "number") {
        if (slot.key === "timestamp" && Object.is(value, shared)) form = formShared;
        else form = writeNumber(value, slot, lastForm);
      } else if (typeof value === "string") form = numbers === null ? formString : formList;
      else if (isNode) form = Array.isArray(value) ? formArray : formObject;
      else if (value === null) form = formNull;
      else form = value ? formTrue : formFalse;
    }
    Object.assign(slot, nextTrend(slot, isNode ? undefined : value), { form });
    if (isExpected) return false;
    if (form !== lastForm) {
      if (typeof value !== "number" || form === formShared) writeForm(form, lastForm);
      slot.numbers = [];
      slot.slots = [];
    }
    if (form === formString) writeString(value as string);
    if (numbers !== null) {
      writeList(numbers, slot.numbers);
      slot.numbers = numbers;
    }
    return form < formArray || writeNode(slot, value as JsonObject, form === lastForm);
  };

  /** Writes what turns a slot into this value, or that it vanished; returns false when that needs no word. */
  const writeChange = (slot: Slot, value: JsonValue | undefined): boolean => {
    if (value !== undefined) return writeSlot(slot, value);
    if (slot.form === formAbsent) return false;
    writeByte(writer, 0);
    writeByte(writer, formAbsent);
    Object.assign(slot, createSlot(slot.key), { isLive: slot.isLive });
    return true;
  };

  /** Writes the differences of an object or array. Writes nothing and returns false when there are none. */
  const writeNode = (node: Slot, value: JsonObject | readonly JsonValue[], mayBeSame: boolean): boolean => {
    const { slots } = node;
    const known = slots.length;
    const next: (JsonValue | undefined)[] = [];
    const order: number[] = [];
    const added: [Slot, JsonValue][] = [];
    let isOrdered = true;
    let last = -1;
    const isArray = Array.isArray(value);
    for (const name of Object.keys(value)) {
      const member = (value as Record<string, JsonValue>)[name] as JsonValue;
      // Elements of a report are the same object when their id is the same, wherever they stand.
      const id = isArray ? (member as JsonObject | null)?.["id"] : undefined;
      const key = typeof id === "string" ? id : name;
      // Members mostly come in the order of last time.
      const isFree = (slot: Slot | undefined, place: number): boolean =>
        slot?.key === key && next[place] === undefined;
      let place = last + 1;
      if (!isFree(slots[place], place)) place = slots.findIndex(isFree);
      if (place < 0) place = known - 1 + added.push([createSlot(key), member]);
      else next[place] = member;
      if (place < last) isOrdered = false;
      last = place;
      order.push(place);
    }
    // Vanished members lose their place when they are more than the others, by naming the order of those.
    if (known + added.length > 2 * order.length + 4) isOrdered = false;
    slotsInFrame += known + added.length;
    slotsSinceKeyframe += added.length;
    const start = writer.length;
    writeVarint(writer, added.length * 8 + (isOrdered ? 1 : 3));
    const live = slots.filter((slot) => slot.isLive);
    const mask = reserve(writer, Math.ceil(live.length / 8));
    writer.bytes.fill(0, mask, writer.length);
    let isChanged = added.length > 0 || !isOrdered;
    let bit = 0;
    slots.forEach((slot, place) => {
      if (!slot.isLive) return;
      if (writeChange(slot, next[place])) {
        setBits(mask + (bit >> 3), 1 << (bit & 7));
        isChanged = true;
      }
      bit++;
    });
    const woken: Slot[] = [];
    slots.forEach((slot, place) => {
      if (slot.isLive) return;
      const end = writer.length;
      writeVarint(writer, place + 1);
      if (writeChange(slot, next[place])) woken.push(slot);
      else writer.length = end;
    });
    if (woken.length > 0) {
      setBits(start, 4);
      writeByte(writer, 0);
      for (const slot of woken) slot.isLive = true;
    } else if (!isChanged && mayBeSame) {
      writer.length = start;
      return false;
    }
    for (const [slot, member] of added) {
      if (node.form === formObject) writeString(slot.key);
      writeSlot(slot, member);
      slots.push(slot);
    }
    if (!isOrdered) {
      for (const place of order) writeVarint(writer, place);
      node.slots = order.map((place) => slots[place] as Slot);
    }
    return true;
  };

  const writeTime = (time: number, reference: number): void => {
    writeNumber(time, { value: reference, delta: 0, rate: 0 }, formAbsent);
  };

  /** Writes a record and returns true, or returns false when it cannot be one. */
  const writeRecord = (record: SessionRecord, lastAt: number): boolean => {
    const { kind: name, at, ...rest } = record;
    const budget: PlainBudget = { values: 32_768, units: 524_288, isCut: false };
    const body = toPlain({ rest }, "rest", budget) as Record<string, JsonValue>;
    const kind = recordKinds.indexOf(name);
    const isSample = kind === kindFirstSample;
    // A report cut short would say that the rest of its objects vanished.
    const isWhole = !isSample || (typeof body["connectionId"] === "string" && !budget.isCut);
    if (kind < 0 || !Number.isFinite(at) || !isWhole) return false;
    let root = createSlot("", formObject);
    if (isSample) {
      root = createSlot(body["connectionId"] as string, formObject);
      delete body["connectionId"];
      const place = roots.findIndex(({ key }) => key === root.key);
      writeVarint(writer, kind + (place < 0 ? roots.length : place));
      if (place < 0) {
        writeString(root.key);
        roots.push(root);
        slotsSinceKeyframe++;
      } else root = roots[place] as Slot;
    } else writeVarint(writer, kind);
    writeTime(at, lastAt);
    shared = undefined;
    if (isSample) {
      shared = sharedTime(body["stats"], at);
      writeTime(shared, at);
    }
    writeNode(root, body, false);
    return true;
  };

  const encode = (
    records: readonly SessionRecord[],
    { keyframe = false }: { readonly keyframe?: boolean } = {},
  ): Uint8Array => {
    const isKeyframe =
      keyframe ||
      mustRestart ||
      bytesSinceKeyframe > maxBytesSinceKeyframe / 2 ||
      slotsSinceKeyframe > maxSlotsSinceKeyframe / 2;
    if (isKeyframe) {
      dictionary = new Map();
      roots = [];
      bytesSinceKeyframe = 0;
      slotsSinceKeyframe = 0;
      mustRestart = false;
    }
    slotsInFrame = 0;
    writer = createByteWriter();
    let base = 0;
    let lastAt = 0;
    const lost = { samples: 0, events: 0 };
    let count = 0;
    for (const record of records) {
      const start = writer.length;
      let isWritten = false;
      let isSample = false;
      let time = lastAt;
      try {
        const { kind, at } = record;
        isSample = kind === "sample";
        if (count === 0) lastAt = base = at > 0 && at < 2 ** 53 ? Math.floor(at) : 0;
        isWritten = !mustRestart && count < maxRecordsPerFrame - 1 && writeRecord(record, lastAt);
        if (isWritten) time = at;
      } catch {
        // A hostile record: what it left behind in the state cannot be trusted.
        mustRestart = true;
      }
      if (
        writer.length > maxFrameBytes - lossNoticeBytes ||
        slotsInFrame > maxSlotsPerFrame - 16 ||
        slotsSinceKeyframe > maxSlotsSinceKeyframe - 16
      ) {
        mustRestart = true;
      }
      if (isWritten && !mustRestart) {
        lastAt = time;
        count++;
      } else {
        writer.length = start;
        lost[isSample ? "samples" : "events"]++;
      }
    }
    if (lost.samples + lost.events > 0) {
      const notice: EventRecord = {
        kind: "event",
        at: lastAt,
        name: "sdk-records-lost",
        data: { reason: "not-encodable", ...lost },
      };
      writeRecord(notice, lastAt);
      count++;
    }
    const body = writer;
    writer = createByteWriter();
    for (const byte of [0x50, 0x53, wireVersion, isKeyframe ? 1 : 0]) writeByte(writer, byte);
    writeVarint(writer, sequence++);
    writeVarint(writer, base);
    writeVarint(writer, count);
    const start = reserve(writer, body.length);
    writer.bytes.set(body.bytes.subarray(0, body.length), start);
    bytesSinceKeyframe += writer.length;
    return writer.bytes.slice(0, writer.length);
  };

  return {
    encode,
    get nextSequence() {
      return sequence;
    },
  };
};
