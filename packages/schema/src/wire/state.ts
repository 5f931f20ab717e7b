import type { JsonValue } from "../json.ts";
import { cellNewMember, cellNextName, cellNextStream, cellSameText } from "./cells.ts";
import type { Coder } from "./coder.ts";
import { FrameFault } from "./fault.ts";
import { formBinary, formList, isScaled } from "./forms.ts";
import { maxFrameWeight, maxStateWeight } from "./limits.ts";
import { createModel, createTendency, freshRow, type Model, type Tendency } from "./model.ts";
import type { Scaled } from "./numbers.ts";
import { createNode, createSlot, findLive, restart, type Node, type Slot } from "./slots.ts";

/** Records that follow each other as differences: the samples of a connection, the events of a name. */
export interface Stream {
  readonly kind: number;
  readonly key: string;
  readonly node: Node;
  /** Time of its records. */
  readonly clock: Slot;
  /** Place of the stream whose record came next, last time. */
  next: number;
  /** Of a decoder: members of a record before its body, whether the last one was a record, and `kinds` when that was looked at. */
  head: Record<string, JsonValue> | undefined;
  isRecord: boolean;
  kinds: number;
}

/** What encoder and decoder know since the last keyframe, and what they both do to it. */
export interface State {
  readonly model: Model;
  readonly streams: Stream[];
  /** Place of the stream of the last record, −1 before the first. */
  last: number;
  /** Slots that grew, by how much. */
  readonly leaders: (Slot | undefined)[];
  /** Between members that change for the first time. */
  readonly gaps: Tendency;
  /** Between members that stay, and of streams that did not come next. */
  readonly places: Tendency;
  readonly streamPlaces: Tendency;
  /** Counts the records. */
  round: number;
  /** Counts what may have changed the kind of a member: first values and layouts. */
  kinds: number;
  /** Of the frames. */
  bytes: number;
  /** Of the frame at hand, and since the keyframe: see limits.ts. */
  frameWeight: number;
  weight: number;
  /** Counts values that come out of a frame. Throws a fault when they are too many. */
  readonly count: (values: number) => void;
  /** Finds the stream of the next record: that of a kind and a key in an encoder, the one it wrote in a decoder. */
  readonly stream: (kind: number, key: string) => Stream;
  /**
   * Gives a node other members: those with the keys in an encoder, the ones it wrote in a decoder. Returns the old place of each, −1 for
   * those that are new.
   */
  readonly layOut: (node: Node, keys?: readonly string[]) => readonly number[];
  /** Begins a slot anew with a value in full: its form, and all of it when it is a number in a unit. */
  readonly first: (slot: Slot, name: number, value: Scaled) => void;
  /** Gives a member that never changed a slot with the value it had; `integer` says a number. */
  readonly wake: (node: Node, index: number, integer: (form: number, exponent: number) => number) => Slot;
  /** Notes what was told of a new member. Returns the slot for the next one: the same, unless the member keeps it. */
  readonly settle: (node: Node, index: number, slot: Slot) => Slot;
}

export const createState = (coder: Coder): State => {
  const streams: Stream[] = [];
  const places = createTendency();
  const streamPlaces = createTendency();

  const grow = (weight: number): void => {
    state.weight += weight;
    if (state.weight > maxStateWeight)
      throw new FrameFault("frame-limit-exceeded", "more than one keyframe can hold");
    state.count(weight);
  };

  const model = createModel(coder, (units) => {
    if (units < 0) throw new FrameFault("frame-corrupt", "text of no length");
    grow(units / 16);
  });

  const addStream = (kind: number, key: string): void => {
    grow(1);
    streams.push({
      kind: model.plain(2, kind),
      key: model.string(cellSameText, -1, key),
      node: createNode(false),
      clock: createSlot(),
      next: -1,
      head: undefined,
      isRecord: false,
      kinds: -1,
    });
  };

  const state: State = {
    model,
    streams,
    last: -1,
    leaders: Array.from({ length: 256 }),
    gaps: createTendency(),
    places,
    streamPlaces,
    round: 0,
    kinds: 0,
    bytes: 0,
    frameWeight: 0,
    weight: 0,
    count(values) {
      state.frameWeight += values;
      if (state.frameWeight > maxFrameWeight)
        throw new FrameFault("frame-limit-exceeded", "more than one frame can hold");
    },
    stream(kind, key) {
      const last = streams[state.last];
      let place = streams.findIndex((stream) => stream.kind === kind && stream.key === key);
      if (last && model.bit(cellNextStream, place >= 0 && last.next === place ? 1 : 0) === 1)
        place = last.next;
      else {
        place = model.integer(streamPlaces, place < 0 ? streams.length : place);
        if (place === streams.length) addStream(kind, key);
        if (last) last.next = place;
      }
      const stream = streams[place];
      if (!stream) throw new FrameFault("frame-corrupt", `stream ${place} is not known`);
      state.last = place;
      state.round++;
      return stream;
    },
    layOut(node, keys) {
      state.kinds++;
      const old = { ...node };
      const found: string[] = [];
      const names: number[] = [];
      const from: number[] = [];
      let expected = 0;
      let name = -1;
      Object.assign(node, { marks: [], slots: [], values: [] });
      for (;;) {
        const index = from.length;
        const key = keys?.[index];
        const known = key === undefined ? -1 : old.keys.indexOf(key, expected);
        const isNew = model.bit(cellNewMember, key !== undefined && known < 0 ? 1 : 0) === 1;
        // 0: no more, from 1 on: how many of the old ones are left out before the next.
        const code = isNew ? 1 : model.integer(places, key === undefined ? 0 : known - expected + 1);
        if (code === 0) {
          // As large as they are: an array that grew has half as much room again.
          node.keys = found.slice();
          node.names = names.slice();
          findLive(node);
          return from;
        }
        const place = isNew ? -1 : expected + code - 1;
        from.push(place);
        if (isNew) {
          grow(1);
          const before = model.words[name];
          found.push(node.isArray ? (key ?? "") : model.string(cellNextName, before?.next ?? -1, key ?? ""));
          if (!node.isArray) name = model.place();
          if (before && !node.isArray) before.next = name;
          names.push(name);
          continue;
        }
        if (code < 0 || place >= old.keys.length)
          throw new FrameFault("frame-corrupt", `member ${place} is not known`);
        expected = place + 1;
        name = old.names[place] as number;
        found.push(old.keys[place] as string);
        names.push(name);
        node.marks[index] = old.marks[place] as number;
        node.values[index] = old.values[place];
        node.slots[index] = old.slots[place];
      }
    },
    first(slot, name, value) {
      state.kinds++;
      const word = model.words[name];
      const form = model.form(word?.form ?? 0, value.form);
      let { exponent, integer } = value;
      if (isScaled(form)) {
        exponent = form === formBinary ? model.plain(12, exponent + 1024) - 1024 : 0;
        const base = word?.form === form && form < formBinary ? word.integer : 0;
        integer = base + model.integer(slot, integer - base);
        if (word) word.integer = integer;
      }
      if (word) word.form = form;
      restart(slot, form, exponent, integer, state.round);
    },
    wake(node, index, integer) {
      const slot = createSlot();
      const mark = node.marks[index] as number;
      slot.form = mark & 15;
      slot.exponent = mark >> 4;
      if (isScaled(slot.form)) slot.integer = integer(slot.form, slot.exponent);
      slot.name = node.names[index] as number;
      node.slots[index] = slot;
      // Members of one name often grow alike: the timestamps of a report, the bytes of a transport and its pair.
      const word = model.words[slot.name];
      if (word) {
        slot.leader = word.slot;
        slot.errorOfLeader = -1;
        word.slot = slot;
      }
      return slot;
    },
    settle(node, index, slot) {
      node.marks[index] = slot.form + slot.exponent * 16;
      slot.row = freshRow;
      if (!slot.node && slot.form !== formList) return slot;
      node.slots[index] = slot;
      return createSlot();
    },
  };
  return state;
};
