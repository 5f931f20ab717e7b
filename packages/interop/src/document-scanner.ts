import { maxDepth, parseJson } from "./json.ts";
import { nowhere, type Place } from "./skips.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Bytes of one value that is parsed at once: a thousand samples of a member are some ten kilobytes. Ours. */
const maxUnitBytes = 16_777_216;
/** Bytes of the name of a member. Ours. */
const maxKeyBytes = 4_096;

/** Names of the members that lead to a value; an array adds nothing. */
export type Path = readonly string[];

export interface DocumentVisitor {
  /** Whether the object or array at this path is gone into, or read as one value, as every entry of an array is. */
  descend(path: Path): boolean;
  /** A value that is not gone into: its JSON text, and the byte at which it begins. */
  value(path: Path, text: string, offset: number): void;
  /** Documents may follow each other, as in JSON lines. */
  readonly isSequence?: boolean;
}

export interface DocumentScanner {
  push(chunk: Uint8Array): void;
  /** Tells whether the document was whole. */
  end(): void;
}

/** Hears of what is damaged or larger than the limits. */
export interface Complaints {
  add(code: "unreadable" | "truncated" | "limit-exceeded", place: Place, reason: string): void;
}

type Expected = "value" | "value-or-end" | "key-or-end" | "colon" | "comma-or-end" | "nothing";

/** A value or name of which the beginning is read. */
interface Capture {
  readonly isKey: boolean;
  /** "scalar" ends with what cannot be part of it. */
  readonly kind: "container" | "string" | "scalar";
  readonly offset: number;
  readonly parts: Uint8Array[];
  bytes: number;
  depth: number;
  isInString: boolean;
  isEscaped: boolean;
  /** Why it cannot be used, once that is known. */
  refusal: string | null;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openObject = 0x7b;
const closeObject = 0x7d;
const openArray = 0x5b;
const closeArray = 0x5d;

/**
 * Cuts one large JSON document into values, as it comes: memory holds one of them, never the document. What is damaged costs as
 * little of the rest as can be told.
 */
export function createDocumentScanner(visitor: DocumentVisitor, skips: Complaints): DocumentScanner {
  const stack: { readonly isArray: boolean; readonly hasKey: boolean }[] = [];
  const path: string[] = [];
  const afterRoot: Expected = visitor.isSequence === true ? "value" : "nothing";
  let expected: Expected = "value";
  let key: string | null = null;
  let capture: Capture | null = null;
  /** Bytes before this chunk. */
  let base = 0;
  let isDamaged = false;
  let hasStarted = false;

  function complain(offset: number): void {
    // One spot of damage usually spoils several bytes: it is told once, until something is right again.
    if (!isDamaged) skips.add("unreadable", { line: null, offset }, `not valid JSON at byte ${offset}`);
    isDamaged = true;
  }

  function begin(kind: Capture["kind"], isKey: boolean, offset: number): void {
    capture = {
      isKey,
      kind,
      offset,
      parts: [],
      bytes: 0,
      depth: 0,
      isInString: false,
      isEscaped: false,
      refusal: null,
    };
  }

  /** Takes bytes of the capture from `start`; gives the place after its end, or the length when it goes on. */
  function take(open: Capture, chunk: Uint8Array, start: number): number {
    let { depth, isInString, isEscaped } = open;
    let at = start;
    let isDone = false;
    const isScalar = open.kind === "scalar";
    for (; at < chunk.length && !isDone; at += 1) {
      const byte = chunk[at];
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) {
          isInString = false;
          isDone = depth === 0;
        }
      } else if (byte === quote && !isScalar) isInString = true;
      else if (isScalar) {
        if (byte === comma || byte === closeObject || byte === closeArray || isSpace(byte)) break;
      } else if (byte === openObject || byte === openArray) {
        depth += 1;
        if (depth > maxDepth) open.refusal ??= `nested deeper than ${maxDepth} levels`;
      } else if (byte === closeObject || byte === closeArray) {
        depth -= 1;
        isDone = depth <= 0;
      }
    }
    open.depth = depth;
    open.isInString = isInString;
    open.isEscaped = isEscaped;
    open.bytes += at - start;
    if (open.bytes > (open.isKey ? maxKeyBytes : maxUnitBytes)) {
      open.refusal ??= `larger than ${open.isKey ? maxKeyBytes : maxUnitBytes} bytes`;
    }
    const ends = isDone || (isScalar && at < chunk.length);
    if (open.refusal !== null) open.parts.length = 0;
    // A copy of what has to wait: the caller may use the chunk again. (slice() of a Node buffer copies nothing.)
    else open.parts.push(ends ? chunk.subarray(start, at) : new Uint8Array(chunk.subarray(start, at)));
    if (ends) finish(open);
    return at;
  }

  function finish(open: Capture): void {
    capture = null;
    const place = { line: null, offset: open.offset };
    if (open.isKey) {
      const name = open.refusal === null ? parseJson(textOfParts(open.parts)) : undefined;
      key = typeof name === "string" ? name : "";
      if (typeof name !== "string") skips.add("unreadable", place, "the name of a member is not readable");
      expected = "colon";
      return;
    }
    isDamaged = false;
    expected = stack.length === 0 ? afterRoot : "comma-or-end";
    const where = key === null ? path : [...path, key];
    key = null;
    if (open.refusal !== null)
      skips.add("limit-exceeded", place, `${(where.at(-1) ?? "a value").slice(0, 80)}: ${open.refusal}`);
    else visitor.value(where, textOfParts(open.parts), open.offset);
  }

  function beginValue(byte: number | undefined, offset: number): boolean {
    if (byte === openObject || byte === openArray) {
      const where = key === null ? path : [...path, key];
      const isEntry = stack.at(-1)?.isArray === true;
      if (!isEntry && stack.length < maxDepth && visitor.descend(where)) {
        stack.push({ isArray: byte === openArray, hasKey: key !== null });
        if (key !== null) path.push(key);
        key = null;
        expected = byte === openArray ? "value-or-end" : "key-or-end";
        return true;
      }
      begin("container", false, offset);
    } else begin(byte === quote ? "string" : "scalar", false, offset);
    return false;
  }

  function close(): void {
    const closed = stack.pop();
    if (closed?.hasKey === true) path.pop();
    expected = stack.length === 0 ? afterRoot : "comma-or-end";
  }

  /** Takes a byte between values; false when a value or name begins with it. */
  function takeStructure(byte: number | undefined, offset: number): boolean {
    const isEnd = byte === closeObject || byte === closeArray;
    switch (expected) {
      case "value":
        if (!isEnd && byte !== comma && byte !== colon) return beginValue(byte, offset);
        complain(offset);
        if (isEnd && stack.length > 0) close();
        return true;
      case "value-or-end":
        if (isEnd) close();
        else if (byte === comma || byte === colon) complain(offset);
        else return beginValue(byte, offset);
        return true;
      case "key-or-end":
        if (byte === quote) {
          begin("string", true, offset);
          return false;
        }
        if (isEnd) close();
        else complain(offset);
        return true;
      case "colon":
        if (byte === colon) expected = "value";
        else {
          complain(offset);
          key = null;
          if (isEnd) close();
          else expected = byte === comma ? "key-or-end" : "comma-or-end";
        }
        return true;
      case "comma-or-end":
        if (byte === comma) expected = stack.at(-1)?.isArray === true ? "value-or-end" : "key-or-end";
        else if (isEnd) close();
        else complain(offset);
        return true;
      case "nothing":
        complain(offset);
        return true;
    }
  }

  return {
    push(chunk) {
      let at = 0;
      if (!hasStarted && chunk.length > 0) {
        hasStarted = true;
        if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3;
      }
      while (at < chunk.length) {
        if (capture !== null) {
          at = take(capture, chunk, at);
          continue;
        }
        const byte = chunk[at];
        if (isSpace(byte) || takeStructure(byte, base + at)) at += 1;
      }
      base += chunk.length;
    },
    end() {
      if (capture !== null && capture.kind === "scalar") finish(capture);
      if (capture !== null || stack.length > 0 || expected !== afterRoot) {
        skips.add("truncated", { ...nowhere, offset: base }, `the document ends early, after byte ${base}`);
      }
    },
  };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function textOfParts(parts: readonly Uint8Array[]): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return decodeUtf8(only).text;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return decodeUtf8(bytes).text;
}
