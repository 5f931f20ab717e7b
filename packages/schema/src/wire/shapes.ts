/**
 * Objects with the same members, made and copied as fast as an engine can. V8 remembers, at each place in the source that copies objects, four
 * shapes, and copies these five times as fast as any other; after a fifth, none is fast there any more. So shapes that are copied often get a
 * place that few share.
 */
import type { JsonObject, JsonValue } from "../json.ts";

type Copy = (value: JsonObject) => Record<string, JsonValue>;

/** What objects with the same members in the same order have in common. */
export interface Shape {
  /** Names of the members, as the engine keeps them: those of any other string are looked up first. */
  readonly names: readonly string[];
  /** JSON of such an object: what comes out of a parser has its members in the object itself, and not in a table. */
  readonly blank: string;
  copies: number;
  copy: Copy;
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
const maxSharedBlank = 3072;

const createShape = (names: readonly string[], blank: string): Shape => {
  const made = Object.keys(JSON.parse(blank) as JsonObject);
  // Those that look like numbers come first in an object.
  const isInOrder = made.length === names.length && made.every((name, index) => name === names[index]);
  return { names: isInOrder ? made : names, blank, copies: 0, copy: copyAny };
};

/** The shape of objects with members of these names, of which no two are the same. */
export const shapeOf = (names: readonly string[]): Shape => {
  const blank = `{${names.map((name) => `${JSON.stringify(name)}:null`).join(",")}}`;
  const known = shapes.get(blank);
  if (known !== undefined) return known;
  const shape = createShape(names, blank);
  if (blank.length > maxSharedBlank) return shape;
  if (shapes.size >= maxShapes)
    for (const [key, { copy }] of shapes) if (copy === copyAny) shapes.delete(key);
  if (shapes.size < maxShapes) shapes.set(blank, shape);
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
