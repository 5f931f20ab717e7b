import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFrameDecoder } from "./decoder.ts";
import { maxFrameBytes } from "./frame.ts";
import * as limits from "./limits.ts";
import { corpusCommand, corpusNames, encodeCorpus, readCorpus } from "./testing/corpus.ts";

describe("wire corpus v3: bytes of a released version never change", () => {
  it("has sessions", () => {
    expect(corpusNames().length).toBeGreaterThanOrEqual(7);
  });

  for (const name of corpusNames()) {
    const session = readCorpus(name);

    it(`${name} is decoded to its records`, () => {
      const decoder = createFrameDecoder();
      for (const [i, { records, hex }] of session.frames.entries()) {
        const result = decoder.decode(Uint8Array.from(Buffer.from(hex, "hex")));
        expect(result).toEqual({
          ok: true,
          frame: {
            sequence: session.firstSequence + i,
            keyframe: (session.frames[i]?.keyframe ?? false) || i === 0,
            records,
          },
        });
      }
    });

    it(`${name} is encoded to its bytes (a new corpus: ${corpusCommand})`, () => {
      expect(encodeCorpus(session), `other bytes; if that is meant, run: ${corpusCommand}`).toEqual(
        session.frames.map((frame) => frame.hex),
      );
    });
  }
});

describe("docs/reference/wire.md", () => {
  const page = readFileSync(new URL("../../../../docs/reference/wire.md", import.meta.url), "utf8");
  const spaced = (value: number): string => value.toLocaleString("en").replaceAll(",", " ");

  it.each([maxFrameBytes, ...Object.values(limits)])("names the limit %i", (limit) => {
    const table = page.slice(page.indexOf("## Limits"), page.indexOf("## Conversation"));
    expect(table.includes(spaced(limit)) || table.includes(String(limit))).toBe(true);
  });
});
