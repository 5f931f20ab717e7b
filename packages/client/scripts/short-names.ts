import type { Rolldown } from "tsdown";

/**
 * Members of objects that never leave the SDK, by the name that they have in the self-contained files: minifiers cannot know that nobody
 * else asks for them. A short name stays with its member: a page that has an older main file loads newer parts beside it.
 * A test holds that none of them is a member of anything else: of records, events, messages, options, the DOM or the language.
 */
export const shortNames: Readonly<Record<string, string>> = {
  // What the parts of the SDK lend each other.
  emit: "a",
  attempt: "b",
  recorder: "c",
  listen: "d",
  wrapper: "e",
  tellCall: "f",
  creation: "g",
  onCapture: "h",
  onEvent: "i",
  busyMs: "j",
  repeatContext: "k",
  openSocket: "l",
  lose: "m",
  others: "n",
  isKeyframe: "o",
  isKeyframeDue: "p",
  reduces: "y",
  bytesEncoded: "q",
  acknowledge: "r",
  abandon: "s",
  pump: "u",
  storageKey: "v",
  retire: "w",
  received: "x",
  isPending: "t",
  // The codec.
  nextSequence: "A",
  firstSequence: "B",
  keyframe: "C",
  onLost: "D",
  isExact: "E",
  errorOfSame: "F",
  errorOfTrend: "G",
  errorOfLeader: "H",
  leader: "I",
  leaders: "J",
  slots: "K",
  marks: "L",
  names: "M",
  words: "N",
  row: "O",
  cell: "P",
  gaps: "Q",
  places: "z",
  streamPlaces: "aa",
  frameWeight: "R",
  allocate: "S",
  layOut: "T",
  settle: "U",
  clock: "V",
  even: "X",
  bit: "Y",
  heldCount: "W",
  plainOffset: "Z",
  reader: "$",
};

/**
 * Gives members their short names in every source, and leaves out what only a reader of frames does, and what the faults of the codec say, which
 * an encoder catches. Sources keep their lines, so that maps stay right by the line.
 */
export function createShortNames(): Rolldown.Plugin {
  return {
    name: "short-names",
    transform: {
      filter: { id: /\.ts$/ },
      handler(code) {
        return { code: shortenMembers(code, this.parse(code, { lang: "ts" })), map: null };
      },
    },
  };
}

/** What of a syntax tree is looked at (ESTree). */
interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly computed: boolean;
  readonly shorthand: boolean;
  /** Of a member that is asked for, and of one that is named in an object, class or pattern. */
  readonly property: Syntax;
  readonly key: Syntax;
  /** Of `new`. */
  readonly callee: Syntax;
}

/** What the codec asks for to know whether it reads. Pages only write: what hangs on it is left out of their files. */
const readerOfCoder = "coder.reader";

function shortenMembers(code: string, tree: object): string {
  const changes: { readonly at: number; readonly length: number; readonly text: string }[] = [];

  function visit(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const { type, start, end, computed, shorthand, property, key, callee } = value as Syntax;
    const isAsked = type === "MemberExpression";
    if (isAsked && code.slice(start, end) === readerOfCoder) {
      changes.push({ at: start, length: end - start, text: "undefined" });
      return;
    }
    if (type === "NewExpression" && callee.name === "FrameFault") {
      const { end: at } = callee;
      changes.push({ at, length: end - at, text: `(${code.slice(at, end).replace(/[^\n]/g, "")})` });
      return;
    }
    for (const child of Object.values(value)) visit(child);
    if (computed || !(isAsked || type === "Property")) return;
    const { type: nameType, name, start: at } = isAsked ? property : key;
    if (nameType !== "Identifier" || !Object.hasOwn(shortNames, name)) return;
    const short = shortNames[name] ?? "";
    // `{ emit }` is `{ a: emit }`.
    changes.push(
      shorthand ? { at, length: 0, text: `${short}: ` } : { at, length: name.length, text: short },
    );
  }

  visit(tree);
  let shortened = code;
  for (const { at, length, text } of changes.toSorted((first, second) => second.at - first.at))
    shortened = shortened.slice(0, at) + text + shortened.slice(at + length);
  return shortened;
}
