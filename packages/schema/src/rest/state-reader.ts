/** Makes states anew from bytes. */

import {
  isUndefined,
  isNull,
  isTrue,
  isFalse,
  isWhole,
  isNegative,
  isFloat,
  isWideText,
  isTextBefore,
  isName,
  isConstant,
  isObjectBefore,
  isPlain,
  isArray,
  isMap,
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
  partsOfMs,
} from "./kinds.ts";
import type { Shape } from "./shape.ts";
import { ownShape, type Tables } from "./tables.ts";

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Units of a text that are made at once. */
const maxUnits = 8_192;

type Members = Record<string, unknown>;

const nothing: Uint8Array = new Uint8Array(0);

/** Arrays begin as a part of it, as large as they are: one that is pushed to keeps room for more. Longer ones are rare. */
const zeros: readonly unknown[] = Array.from({ length: 1_024 }, () => 0);

/** See `StateBytes.take`. */
export const createStateReader = (
  tables: Tables,
): ((rested: Uint8Array, given: readonly object[]) => unknown) => {
  let bytes = nothing;
  let at = 0;
  let instant = firstInstant;
  let ownConstants: readonly object[] = [];
  let made: object[] = [];
  /** Of objects with members: their shape, or the names; of arrays, maps and sets: how many they hold. */
  let sizes: (number | Shape | readonly string[])[] = [];
  let said: string[] = [];

  const takeWhole = (): number => {
    let byte = bytes[at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let unit = 128; byte > 127; unit *= 128) {
      byte = bytes[at++] as number;
      value += (byte & 127) * unit;
    }
    return value;
  };

  const wideUnit = (place: number): number => (bytes[place] as number) | ((bytes[place + 1] as number) << 8);

  const takeUnits = (length: number, isWide: boolean): string => {
    let text = "";
    for (let left = length; left > 0; left -= maxUnits) {
      const count = Math.min(left, maxUnits);
      const units = isWide ? new Uint16Array(count) : bytes.subarray(at, at + count);
      if (isWide) for (let index = 0; index < count; index++) units[index] = wideUnit(at + 2 * index);
      // Given an array it makes the text at once.
      text += Reflect.apply(String.fromCharCode, undefined, units);
      at += isWide ? 2 * count : count;
    }
    return text;
  };

  const takeText = (kind: number): string => {
    if (kind === isName) return tables.nameAt(takeWhole());
    if (kind === isTextBefore) return said[takeWhole()] as string;
    const text = takeUnits(takeWhole(), kind === isWideText);
    said.push(text);
    return text;
  };

  const takeMembers = (): Shape | readonly string[] => {
    const shape = takeWhole();
    if (shape !== ownShape) return tables.shapeAt(shape);
    return Array.from({ length: takeWhole() }, () => takeText(bytes[at++] as number));
  };

  /** An object without what it holds. */
  const takeObject = (kind: number): object => {
    let object: object;
    let size: (typeof sizes)[number];
    if (kind === isPlain) {
      size = takeMembers();
      object = "blank" in size ? size.blank() : {};
    } else if (kind === isInstance) {
      object = tables.blankAt(takeWhole());
      size = takeMembers();
    } else if (kind === isBare) {
      object = Object.create(null) as object;
      size = takeMembers();
    } else if (kind === isTyped) {
      const Typed = typedArrays[bytes[at++] as number] as (typeof typedArrays)[number];
      size = takeWhole();
      object = new Typed(new ArrayBuffer(size));
    } else {
      size = takeWhole();
      object = kind === isArray ? zeros.slice(0, size) : kind === isMap ? new Map() : new Set();
    }
    made.push(object);
    sizes.push(size);
    return object;
  };

  const takeConstant = (place: number): unknown =>
    place < tables.constants.length ? tables.constants[place] : ownConstants[place - tables.constants.length];

  const takeValue = (): unknown => {
    const kind = bytes[at++] as number;
    if (kind >= shortNumber) return kind - shortNumber;
    switch (kind) {
      case isUndefined:
        return undefined;
      case isNull:
        return null;
      case isTrue:
        return true;
      case isFalse:
        return false;
      case isWhole:
        return takeWhole();
      case isNegative:
        return -takeWhole();
      case isFloat:
        for (let index = 0; index < floatBytes.length; index++) floatBytes[index] = bytes[at++] as number;
        return float[0];
      case isNaN:
        return Number.NaN;
      case isLater:
        return (instant += takeWhole());
      case isEarlier:
        return (instant -= takeWhole());
      case isPartLater:
        return (instant += takeWhole() / partsOfMs);
      case isPartEarlier:
        return (instant -= takeWhole() / partsOfMs);
      case isConstant:
        return takeConstant(takeWhole());
      case isObjectBefore:
        return made[takeWhole()];
    }
    return kind < isConstant ? takeText(kind) : takeObject(kind);
  };

  const takeContent = (object: object, size: (typeof sizes)[number]): void => {
    if (typeof size !== "number") {
      if ("blank" in size) size.fill(object, takeValue);
      else for (const member of size) define(object, member, takeValue());
    } else if (Array.isArray(object)) {
      for (let index = 0; index < size; index++) object[index] = takeValue();
    } else if (object instanceof Map) {
      for (let left = size; left > 0; left--) object.set(takeValue(), takeValue());
    } else if (object instanceof Set) {
      for (let left = size; left > 0; left--) object.add(takeValue());
    } else if (ArrayBuffer.isView(object)) {
      new Uint8Array(object.buffer).set(bytes.subarray(at, at + size));
      at += size;
    }
  };

  return (rested, given) => {
    bytes = rested;
    at = 0;
    instant = firstInstant;
    ownConstants = given;
    try {
      const root = takeValue();
      for (let index = 0; index < made.length; index++)
        takeContent(made[index] as object, sizes[index] as (typeof sizes)[number]);
      return root;
    } finally {
      made = [];
      sizes = [];
      said = [];
      ownConstants = [];
      bytes = nothing;
    }
  };
};

/** One named __proto__ is a member like others. */
const define = (object: object, member: string, value: unknown): void => {
  if (member !== "__proto__") (object as Members)[member] = value;
  else Object.defineProperty(object, member, { value, writable: true, enumerable: true, configurable: true });
};
