import { createShape, type Shape } from "./shape.ts";
import type { PlainClass, StateBytesOptions } from "./state-bytes.ts";

/** Members in their order, by the first of them, then the next. */
interface Branch {
  readonly next: Map<string, Branch>;
  shape: number;
}

/** Orders of members that are remembered; others are written out each time. Ours: a session has less than a hundred. */
const maxShapes = 1_024;
/** Stands for one that is not remembered. */
export const ownShape = 0;

/** Texts that all sessions share: names of members, kinds and states. Ours. */
const maxNames = 4_096;
const namePattern = /^[A-Za-z][A-Za-z-]{0,47}$/;

/** Objects with more members, or with longer names of them, are written out: clients choose both. Ours. */
const maxMembers = 128;
const maxNameLength = 64;
/** Of the tree of orders, so that its size is bounded whoever fills it. Ours. */
const maxBranches = 16_384;

/** What all states of a kind refer to by its place: orders of members, names, constants and prototypes. */
export interface Tables {
  /** Number of the shape of an object with these members; `ownShape` when it is not among those that are remembered. */
  readonly shapeOf: (object: object, members: readonly string[]) => number;
  readonly shapeAt: (number: number) => Shape;
  /** Place of a text among the names, which it is added to when it looks like one; undefined for any other text. */
  readonly placeOfName: (text: string) => number | undefined;
  readonly nameAt: (place: number) => string;
  readonly constants: readonly object[];
  readonly placeOfConstant: (value: unknown) => number | undefined;
  readonly blankAt: (place: number) => object;
  readonly placeOfPrototype: (prototype: unknown) => number | undefined;
}

export const createTables = ({ classes = [], constants = [] }: StateBytesOptions): Tables => {
  const prototypePlaces = new Map<unknown, number>(classes.map(({ prototype }, place) => [prototype, place]));
  const constantPlaces = new Map<unknown, number>(constants.map((constant, place) => [constant, place]));
  const firstBranch: Branch = { next: new Map(), shape: ownShape };
  const shapes: Shape[] = [createShape({}, [])];
  const names: string[] = [];
  const namePlaces = new Map<string, number>();
  let branches = 0;

  const shapeOf = (object: object, members: readonly string[]): number => {
    if (members.length > maxMembers || members.includes("__proto__")) return ownShape;
    let branch = firstBranch;
    for (const member of members) {
      let next = branch.next.get(member);
      if (next === undefined) {
        const isFull = shapes.length >= maxShapes || branches >= maxBranches;
        if (isFull || member.length > maxNameLength) return ownShape;
        branches++;
        next = { next: new Map(), shape: ownShape };
        branch.next.set(member, next);
      }
      branch = next;
    }
    if (branch.shape === ownShape && shapes.length < maxShapes) {
      branch.shape = shapes.length;
      shapes.push(createShape(object, members));
    }
    return branch.shape;
  };

  return {
    shapeOf,
    shapeAt: (number) => shapes[number] as Shape,
    placeOfName(text) {
      const known = namePlaces.get(text);
      if (known !== undefined || names.length >= maxNames || !namePattern.test(text)) return known;
      namePlaces.set(text, names.length);
      return names.push(text) - 1;
    },
    nameAt: (place) => names[place] as string,
    constants,
    placeOfConstant: (value) => constantPlaces.get(value),
    blankAt: (place) => (classes[place] as PlainClass).blank(),
    placeOfPrototype: (prototype) => prototypePlaces.get(prototype),
  };
};
