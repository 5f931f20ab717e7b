/** The case at hand, in memory that whoever watches can read while the worker does not answer any more. */

/** Three numbers (cases so far, bytes of the text, bytes of the case), the text, the case. */
const textAt = 12;
const bytesAt = 1_024;
/** A log of a recorded call is some 20 kB. */
const size = 4_194_304;

export const createCaseMemory = (): SharedArrayBuffer => new SharedArrayBuffer(size);

/** Says before each case what it is. */
export function createCaseWriter(
  memory: SharedArrayBuffer,
): (target: string, context: string, bytes: Uint8Array) => void {
  const head = new Int32Array(memory, 0, 3);
  const all = new Uint8Array(memory);
  let lastText = "";
  return (target, context, bytes) => {
    const text = `${target}: ${context}`;
    if (text !== lastText) {
      const encoded = new TextEncoder().encode(text).subarray(0, bytesAt - textAt);
      all.set(encoded, textAt);
      head[1] = encoded.length;
      lastText = text;
    }
    const kept = bytes.subarray(0, size - bytesAt);
    all.set(kept, bytesAt);
    head[2] = kept.length;
    Atomics.add(head, 0, 1);
  };
}

export interface SharedCase {
  readonly number: number;
  readonly text: string;
  /** In hexadecimal. */
  readonly bytes: string;
}

export function readCase(memory: SharedArrayBuffer): SharedCase {
  const head = new Int32Array(memory, 0, 3);
  const part = (at: number, length = 0): Buffer => Buffer.from(memory.slice(at, at + length));
  return {
    number: Atomics.load(head, 0),
    text: part(textAt, head[1]).toString(),
    bytes: part(bytesAt, head[2]).toString("hex"),
  };
}
