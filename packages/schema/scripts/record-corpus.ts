/**
 * Writes the bytes of every session of the wire corpus anew, from its records. Bytes of a released version never
 * change: a difference here means a new version of the frame.
 *
 *   npm run record-corpus -w packages/schema
 */
import { writeFileSync } from "node:fs";
import {
  corpusFolder,
  corpusNames,
  encodeCorpus,
  formatCorpus,
  readCorpus,
} from "../src/wire/testing/corpus.ts";

for (const name of corpusNames()) {
  const session = readCorpus(name);
  const hex = encodeCorpus(session);
  const frames = session.frames.map((frame, i) => ({ ...frame, hex: hex[i] ?? "" }));
  const changed = frames.filter((frame, i) => frame.hex !== session.frames[i]?.hex).length;
  writeFileSync(new URL(name, corpusFolder), formatCorpus({ ...session, frames }));
  console.log(`${name}: ${frames.length} frames, ${changed} changed`);
}
