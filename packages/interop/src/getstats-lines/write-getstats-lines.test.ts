import { readCapture, captureNames } from "@peerscope/scenarios";
import { expect, test } from "vitest";
import { readGetStatsLines } from "./getstats-lines.ts";
import { writeGetStatsLines } from "./write-getstats-lines.ts";

test.each(captureNames)("%s: samples that are written as raw lines are read back as they were", (name) => {
  for (const { peer, samples, records } of readCapture(name).sessions) {
    const { sessions, skippedLines } = readGetStatsLines([...writeGetStatsLines(records, peer)].join("\n"));
    expect(skippedLines).toEqual([]);
    expect(sessions).toEqual([{ peer, records: samples }]);
  }
});
