/** What objects with the same members in the same order have in common. */
export interface Shape {
  /** An object with these members, which are about to be replaced. */
  readonly blank: () => object;
  /** Gives such an object its members, each the next value. */
  readonly fill: (object: object, next: () => unknown) => void;
}

/** What a member begins with: of the same kind as that of another object, so that a number stays one that has no box of its own. */
const beginningOf = (value: unknown): string => {
  if (typeof value !== "number") return "null";
  return Number.isInteger(value) ? "0" : "0.5";
};

/**
 * An engine takes objects whose members were added one after the other for another kind than those that the source makes at once, and is
 * slower with both when there are two kinds: so the source of each shape is made, too. `object` is one of this shape; no member of it is
 * named __proto__.
 */
export const createShape = (object: object, members: readonly string[]): Shape => {
  const names = members.map((member) => JSON.stringify(member));
  const beginnings = Object.values(object).map(beginningOf);
  let blank: Shape["blank"] | undefined;
  let fill: Shape["fill"] | undefined;
  return {
    blank() {
      // oxlint-disable-next-line typescript/no-implied-eval -- Names are JSON: they end no text and begin no other.
      blank ??= new Function(
        `return {${names.map((name, place) => `${name}:${beginnings[place]}`).join(",")}}`,
      ) as Shape["blank"];
      return blank();
    },
    fill(into, next) {
      // oxlint-disable-next-line typescript/no-implied-eval -- As above.
      fill ??= new Function(
        "object",
        "next",
        names.map((name) => `object[${name}]=next();`).join(""),
      ) as Shape["fill"];
      fill(into, next);
    },
  };
};
