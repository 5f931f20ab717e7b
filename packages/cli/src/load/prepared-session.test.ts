import { recordedTemplates, syntheticTemplates } from "@peerscope/scenarios";
import { createFrameDecoder, createFrameEncoder, readFrameHeader } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import { prepareSession } from "./prepared-session.ts";

const options = { samples: 150, intervalMs: 1_000 };
const player = {
  userId: "user-000017",
  callId: "call-12345678-000008",
  run: "12345678",
  startAt: 1_765_000_000_123,
};

describe.each([...recordedTemplates(options), ...syntheticTemplates(options)])(
  "prepared $name",
  (template) => {
    it("is for every player what an encoder would have made of their session", () => {
      const prepared = prepareSession(template);
      expect(prepared.frames).toBe(options.samples + 1);
      const decoder = createFrameDecoder();
      let frame = prepared.first(player);
      const times: number[] = [];
      for (let sequence = 0; sequence < prepared.frames; sequence += 1) {
        if (sequence > 0) frame = prepared.next(sequence, frame.hash);
        const result = decoder.decode(frame.bytes);
        if (!result.ok) throw new Error(`${sequence}: ${result.error.message}`);
        expect(result.frame.sequence).toBe(sequence);
        for (const record of result.frame.records) {
          times.push(record.at);
          if (record.kind === "context")
            expect(record.context).toMatchObject({ userId: player.userId, callId: player.callId });
          if (record.kind !== "sample") continue;
          const newest = Math.max(...record.stats.map(({ timestamp }) => timestamp));
          expect(Math.abs(newest - record.at)).toBeLessThan(20);
        }
      }
      const expected = [0, ...[...template.opening, ...template.samples].map(({ at }) => at)];
      expect(times).toEqual(expected.map((at) => at + player.startAt));
    });
  },
);

it("an end is a frame of its sequence, as an encoder writes it", () => {
  const [template] = syntheticTemplates(options);
  if (template === undefined) throw new Error("no template");
  const prepared = prepareSession(template);
  const bytes = prepared.last(131, player);
  expect(readFrameHeader(bytes)).toEqual({ ok: true, header: { sequence: 131, keyframe: true } });
  const encoder = createFrameEncoder();
  for (let sequence = 0; sequence < 131; sequence += 1) encoder.encode([]);
  // Not before its last sample, which frame 130 has.
  const at = (template.samples[129]?.at ?? 0) + player.startAt;
  const ending = template.ending.map((event) => ({ ...event, at }));
  expect(Buffer.from(bytes)).toEqual(Buffer.from(encoder.encode(ending, { keyframe: true })));
});
