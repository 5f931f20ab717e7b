/**
 * Objects with the same members, made and copied as fast as an engine can. V8 remembers, at each place in the source that copies objects, four
 * shapes, and copies these five times as fast as any other; after a fifth, none is fast there any more. So shapes that are copied often get a
 * place that few share.
 */
import type { JsonObject, JsonValue } from "../json.ts";

type Copy = (value: JsonObject) => Record<string, JsonValue>;

/** What objects with the same members in the same order have in common. */
export interface Shape {
  /** From 1 on. No other shape of this process ever has it. */
  readonly number: number;
  /** Names of the members, as the engine keeps them: those of any other string are looked up first. */
  readonly names: readonly string[];
  /** JSON of such an object: what comes out of a parser has its members in the object itself, and not in a table. */
  readonly blank: string;
  /** No two of the names are the same. */
  readonly isDistinct: boolean;
  copies: number;
  copy: Copy;
  /** The shape that an object of this one had next, the last time that one got other members. */
  next: Shape | undefined;
}

/** For shapes that are copied seldom. */
const copyAny: Copy = (value) => ({ ...value });

/** All do the same. */
const places: readonly Copy[] = [
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
/** Shapes of a place, so that there is room for another form of each. */
const shapesOfPlace = 2;
/** Copies after which a shape gets a place, so that those of a few objects do not take them all. Ours. */
const oftenCopied = 64;
let placed = 0;

/** Shapes of all decoders. Ours: they are a few hundred, of some hundred units, for all that browsers tell. */
const shapes: Map<string, Shape> = /* @__PURE__ */ new Map<string, Shape>();
const maxShapes = 512;
/** Those, by their numbers. */
const shapesByNumber: Map<number, Shape> = /* @__PURE__ */ new Map<number, Shape>();
let lastNumber = 0;
const maxSharedBlank = 3072;

const createShape = (names: readonly string[], blank: string): Shape => {
  const made = Object.keys(JSON.parse(blank) as JsonObject);
  // Those that look like numbers come first in an object.
  const isInOrder = made.length === names.length && made.every((name, index) => name === names[index]);
  return {
    number: ++lastNumber,
    names: isInOrder ? made : names,
    blank,
    isDistinct: made.length === names.length,
    copies: 0,
    copy: copyAny,
    next: undefined,
  };
};

const hasNames = (shape: Shape, names: readonly string[]): boolean => {
  const known = shape.names;
  if (known.length !== names.length) return false;
  for (let index = 0; index < names.length; index++) if (known[index] !== names[index]) return false;
  return true;
};

const findShape = (names: readonly string[]): Shape => {
  const blank = `{${names.map((name) => `${JSON.stringify(name)}:null`).join(",")}}`;
  const found = shapes.get(blank);
  if (found !== undefined) return found;
  const shape = createShape(names, blank);
  if (blank.length > maxSharedBlank) return shape;
  if (shapes.size >= maxShapes) {
    for (const [key, known] of shapes) {
      // So that no shape that is forgotten stays behind another one.
      known.next = undefined;
      if (known.copy !== copyAny) continue;
      shapes.delete(key);
      shapesByNumber.delete(known.number);
    }
  }
  if (shapes.size < maxShapes) {
    shapes.set(blank, shape);
    shapesByNumber.set(shape.number, shape);
  }
  return shape;
};

/** The shape of a number, unless it was forgotten or never was one of all decoders. */
export const shapeNumbered = (number: number): Shape | undefined => shapesByNumber.get(number);

/** The shape of objects with members of these names. `before`: the one that the object had so far. As members come and go, the same one follows it often. */
export const shapeOf = (names: readonly string[], before?: Shape): Shape => {
  if (before?.next !== undefined && hasNames(before.next, names)) return before.next;
  const shape = findShape(names);
  // One that is not among those of all decoders would stay as long as the one before it.
  if (before !== undefined && shapes.get(shape.blank) === shape) before.next = shape;
  return shape;
};

/** An object of this shape, with null for each member; one named __proto__ is a member. */
export const objectOf = ({ blank }: Shape): Record<string, JsonValue> =>
  JSON.parse(blank) as Record<string, JsonValue>;

/** A copy of an object of this shape. */
export const copyOf = (shape: Shape, value: JsonObject): Record<string, JsonValue> => {
  if (shape.copies < oftenCopied && ++shape.copies === oftenCopied) {
    shape.copy = places[Math.floor(placed / shapesOfPlace)] ?? copyAny;
    placed++;
  }
  return shape.copy(value);
};
