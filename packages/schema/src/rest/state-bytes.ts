/**
 * State at rest. Who follows thousands of sessions works on one of them, then on the next: of the others everything only has to be kept.
 * As objects it takes ten times the memory that it takes as bytes, and the engine looks at all of it again each time that it collects
 * garbage.
 *
 * Bytes are for the process that made them: they name members, common texts and constants by their places in its tables.
 */

import { createStateReader } from "./state-reader.ts";
import { createStateWriter } from "./state-writer.ts";
import { createTables } from "./tables.ts";

/** Puts what belongs to a session into bytes, and makes it anew from them. */
export interface StateBytes {
  /**
   * The bytes of everything that can be reached from a value: plain objects, arrays, maps, sets, arrays of bytes and numbers, instances
   * of the classes, and references to constants; `given` are more of these. What is there twice by reference is so afterwards, circles
   * too. A `WeakRef` becomes null: it held what can be made again.
   * @throws Error for what is none of these, as a function is: `state-not-plain`.
   */
  put(root: unknown, given?: readonly object[]): Uint8Array;
  /** Made anew from bytes that `put` gave in this process; `given` are the ones given then, or what has taken their places. */
  take(bytes: Uint8Array, given?: readonly object[]): unknown;
}

/** A class whose instances are their members: it has none that are private to the language. */
export interface PlainClass {
  readonly prototype: object;
  /** An instance whose members are about to be replaced: the engine knows what comes from the constructor as one kind of object. */
  readonly blank: () => object;
}

export interface StateBytesOptions {
  readonly classes?: readonly PlainClass[];
  /** Objects and functions that are not of one session: what refers to one refers to the same one afterwards. */
  readonly constants?: readonly object[];
}

export const createStateBytes = (options: StateBytesOptions): StateBytes => {
  const tables = createTables(options);
  const put = createStateWriter(tables);
  const take = createStateReader(tables);
  return {
    put: (root, given = []) => put(root, given),
    take: (bytes, given = []) => take(bytes, given),
  };
};
