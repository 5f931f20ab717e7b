/** Puts states into bytes. */

import {
  isUndefined,
  isNull,
  isTrue,
  isFalse,
  isWhole,
  isNegative,
  isFloat,
  isAsciiText,
  isWideText,
  isTextBefore,
  isName,
  isConstant,
  isObjectBefore,
  isPlain,
  isArray,
  isMap,
  isSet,
  isInstance,
  isTyped,
  isBare,
  isNaN,
  isLater,
  isEarlier,
  isPartLater,
  isPartEarlier,
  shortNumber,
  typedArrays,
  firstInstant,
  lastInstant,
  partsOfMs,
} from "./kinds.ts";
import { ownShape, type Tables } from "./tables.ts";

/** Whole numbers up to here are written seven bits a byte. */
const maxWhole = 2 ** 48;

/** Room that is kept between two uses. Ours. */
const usualBytes = 1 << 18;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

type Members = Record<string, unknown>;

/** One state is written after the other, so that all of them share what is needed for it. See `StateBytes.put`. */
export const createStateWriter = (
  tables: Tables,
): ((root: unknown, given: readonly object[]) => Uint8Array) => {
  let out: Uint8Array = new Uint8Array(usualBytes);
  let at = 0;
  let objects: object[] = [];
  let places = new Map<unknown, number>();
  let texts = new Map<string, number>();
  let ownConstants: readonly object[] = [];
  /** The last one that was written. */
  let instant = firstInstant;

  const makeRoom = (bytes: number): void => {
    if (at + bytes <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, at + bytes));
    larger.set(out);
    out = larger;
  };

  const putWhole = (value: number): void => {
    let rest = value;
    while (rest > 127) {
      out[at++] = (rest & 127) | 128;
      rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 128);
    }
    out[at++] = rest;
  };

  const putInstant = (value: number): void => {
    const since = value - instant;
    const isInteger = Number.isInteger(since);
    out[at++] = isInteger ? (since < 0 ? isEarlier : isLater) : since < 0 ? isPartEarlier : isPartLater;
    putWhole(Math.abs(isInteger ? since : since * partsOfMs));
    instant = value;
  };

  const putNumber = (value: number): void => {
    if (value >= firstInstant && value < lastInstant) putInstant(value);
    else if (value >= 0 && value < shortNumber && Number.isInteger(value) && !Object.is(value, -0)) {
      out[at++] = shortNumber + value;
    } else if (Number.isInteger(value) && Math.abs(value) <= maxWhole && value !== 0) {
      out[at++] = value < 0 ? isNegative : isWhole;
      putWhole(Math.abs(value));
    } else if (value !== value) out[at++] = isNaN;
    else {
      out[at++] = isFloat;
      float[0] = value;
      out.set(floatBytes, at);
      at += floatBytes.length;
    }
  };

  const putText = (text: string): void => {
    makeRoom(2 * text.length + 16);
    const name = tables.placeOfName(text);
    if (name !== undefined) {
      out[at++] = isName;
      putWhole(name);
      return;
    }
    const before = texts.get(text);
    if (before !== undefined) {
      out[at++] = isTextBefore;
      putWhole(before);
      return;
    }
    texts.set(text, texts.size);
    const { length } = text;
    const start = at;
    out[at++] = isAsciiText;
    putWhole(length);
    let isWide = false;
    for (let index = 0; index < length && !isWide; index++) {
      const unit = text.charCodeAt(index);
      out[at++] = unit;
      isWide = unit > 127;
    }
    if (!isWide) return;
    at = start;
    out[at++] = isWideText;
    putWhole(length);
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      out[at++] = unit & 255;
      out[at++] = unit >> 8;
    }
  };

  const putValue = (value: unknown): void => {
    makeRoom(16);
    switch (typeof value) {
      case "number":
        putNumber(value);
        return;
      case "string":
        putText(value);
        return;
      case "boolean":
        out[at++] = value ? isTrue : isFalse;
        return;
      case "undefined":
        out[at++] = isUndefined;
        return;
    }
    if (value === null || value instanceof WeakRef) {
      out[at++] = isNull;
      return;
    }
    const place = places.get(value);
    if (place !== undefined) {
      out[at++] = isObjectBefore;
      putWhole(place);
      return;
    }
    const constant = tables.placeOfConstant(value) ?? placeAmong(ownConstants, value);
    if (constant !== undefined) {
      out[at++] = isConstant;
      putWhole(constant);
      return;
    }
    if (typeof value !== "object") throw notPlain(typeof value);
    places.set(value, objects.length);
    objects.push(value);
    putKind(value);
  };

  /** Its place behind the constants. */
  const placeAmong = (own: readonly object[], value: unknown): number | undefined => {
    const place = own.length === 0 ? -1 : own.indexOf(value as object);
    return place < 0 ? undefined : tables.constants.length + place;
  };

  const putKind = (object: object): void => {
    if (Array.isArray(object)) {
      out[at++] = isArray;
      putWhole(object.length);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype) out[at++] = isPlain;
    else if (prototype === null) out[at++] = isBare;
    else if (object instanceof Map || object instanceof Set) {
      out[at++] = object instanceof Map ? isMap : isSet;
      putWhole(object.size);
      return;
    } else if (ArrayBuffer.isView(object)) {
      const kind = typedArrays.findIndex(({ prototype: own }) => own === prototype);
      if (kind < 0) throw notPlain(tagOf(object));
      out[at++] = isTyped;
      out[at++] = kind;
      putWhole(object.byteLength);
      return;
    } else {
      const place = tables.placeOfPrototype(prototype);
      if (place === undefined) throw notPlain(tagOf(object));
      out[at++] = isInstance;
      putWhole(place);
    }
    const members = Object.keys(object);
    const shape = tables.shapeOf(object, members);
    putWhole(shape);
    if (shape !== ownShape) return;
    putWhole(members.length);
    for (const member of members) putText(member);
  };

  const putContent = (object: object): void => {
    if (Array.isArray(object)) {
      for (let index = 0; index < object.length; index++) putValue(object[index]);
    } else if (object instanceof Map) {
      for (const [key, value] of object) {
        putValue(key);
        putValue(value);
      }
    } else if (object instanceof Set) {
      for (const value of object) putValue(value);
    } else if (ArrayBuffer.isView(object)) {
      makeRoom(object.byteLength);
      out.set(new Uint8Array(object.buffer, object.byteOffset, object.byteLength), at);
      at += object.byteLength;
    } else {
      for (const member of Object.keys(object)) putValue((object as Members)[member]);
    }
  };

  return (root, given) => {
    at = 0;
    instant = firstInstant;
    ownConstants = given;
    try {
      putValue(root);
      // What an object holds may be objects that come behind all others.
      for (let index = 0; index < objects.length; index++) putContent(objects[index] as object);
      return out.slice(0, at);
    } finally {
      objects = [];
      places = new Map();
      texts = new Map();
      ownConstants = [];
      if (out.length > 16 * usualBytes) out = new Uint8Array(usualBytes);
    }
  };
};

const tagOf = (object: object): string => Object.prototype.toString.call(object);

const notPlain = (what: string): Error =>
  new Error(`state-not-plain: a ${what} is in the state of a session`);
