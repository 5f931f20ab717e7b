import { expect, test } from "vitest";
import type { SampleRecord } from "@peerscope/schema";
import { createMediaTraits, noteMedia } from "./session-traits.ts";

const sample = (connectionId: string): SampleRecord => ({ kind: "sample", at: 1, connectionId, stats: [] });

test("connections of any number and with names of any length are not remembered", () => {
  const media = createMediaTraits();
  noteMedia(media, sample("a".repeat(100_000)));
  expect(media.seen.size).toBe(0);
  for (let connection = 0; connection < 3_000; connection += 1) noteMedia(media, sample(`c${connection}`));
  expect(media.seen.size).toBe(2_000);
  noteMedia(media, sample("c0"));
  expect(media.seen.get("c0")).toBe(2);
});
