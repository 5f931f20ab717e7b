import { readdirSync, readFileSync } from "node:fs";
import type { SessionRecord } from "../../records.ts";
import { createFrameEncoder } from "../encoder.ts";

/** One frame of a corpus file: what goes in and the bytes that must come out. */
interface CorpusFrame {
  readonly keyframe: boolean;
  readonly records: readonly SessionRecord[];
  readonly hex: string;
}

/** A session of a few frames, kept as records and bytes beside each other. */
export interface CorpusSession {
  readonly about: string;
  readonly firstSequence: number;
  /** Reals bit by bit. */
  readonly isExact: boolean;
  readonly frames: readonly CorpusFrame[];
}

export const corpusFolder: URL = new URL("../corpus/v3/", import.meta.url);

export const corpusCommand = "npm run record-corpus -w packages/schema";

export const corpusNames = (): string[] =>
  readdirSync(corpusFolder)
    .filter((name) => name.endsWith(".json"))
    .toSorted();

const special: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

/** JSON has no NaN, infinities and −0: they stand as {"$number": "NaN"}. */
const revive = (_name: string, value: unknown): unknown => {
  if (typeof value === "object" && value !== null && "$number" in value)
    return special[String(value.$number)];
  return value;
};

const replace = (_name: string, value: unknown): unknown => {
  const name = Object.keys(special).find((key) => Object.is(special[key], value));
  return name === undefined ? value : { $number: name };
};

const parseCorpus = (json: string): CorpusSession => JSON.parse(json, revive) as CorpusSession;

export const formatCorpus = (session: CorpusSession): string => `${JSON.stringify(session, replace, 1)}\n`;

export const readCorpus = (name: string): CorpusSession =>
  parseCorpus(readFileSync(new URL(name, corpusFolder), "utf8"));

/** The frames as this release writes them. */
export const encodeCorpus = ({ firstSequence, isExact, frames }: CorpusSession): string[] => {
  const encoder = createFrameEncoder({ firstSequence, isExact });
  return frames.map(({ records, keyframe }) =>
    Buffer.from(encoder.encode(records, { keyframe })).toString("hex"),
  );
};
