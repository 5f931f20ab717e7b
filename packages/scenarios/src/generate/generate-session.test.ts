import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SampleRecord, StatsObject } from "@peerscope/schema";
import { generateSession, type GenerateOptions, type SessionKind } from "../index.ts";

const kinds: readonly SessionKind[] = [
  "good",
  "loss",
  "jitter",
  "bandwidth",
  "outage",
  "ice-failure",
  "muted",
  "permission-denied",
];

const options: fc.Arbitrary<GenerateOptions> = fc.record({
  seed: fc.nat(),
  durationSeconds: fc.integer({ min: 1, max: 90 }),
  kind: fc.constantFrom(...kinds),
  startAt: fc.integer({ min: 1.6e12, max: 2e12 }),
});

/** Members that go up and down, or name something. All other numbers are cumulative. */
const gauges = new Set([
  "audioLevel",
  "availableOutgoingBitrate",
  "currentRoundTripTime",
  "fractionLost",
  "frameHeight",
  "frameWidth",
  "framesPerSecond",
  "jitter",
  "roundTripTime",
  "targetBitrate",
]);

function samplesOf(generated: GenerateOptions): SampleRecord[] {
  return generateSession(generated).records.filter((record) => record.kind === "sample");
}

function find(sample: SampleRecord | undefined, type: string, kind: string): StatsObject | undefined {
  return sample?.stats.find((object) => object.type === type && object["kind"] === kind);
}

function number(object: StatsObject | undefined, member: string): number {
  const value = object?.[member];
  if (typeof value !== "number") throw new Error(`no ${member} in ${object?.type}`);
  return value;
}

describe("generateSession", () => {
  it("depends on its options alone", () => {
    fc.assert(
      fc.property(options, (generated) => {
        expect(generateSession(generated)).toEqual(generateSession(generated));
      }),
      { numRuns: 20 },
    );
    const base = { durationSeconds: 5, kind: "good", startAt: 1.7e12 } as const;
    expect(generateSession({ ...base, seed: 1 }).records).not.toEqual(
      generateSession({ ...base, seed: 2 }).records,
    );
  });

  it("has counters that never fall and times that never go back", () => {
    fc.assert(
      fc.property(options, (generated) => {
        const last = new Map<string, number>();
        let previous = generated.startAt;
        for (const record of generateSession(generated).records) {
          expect(record.at).toBeGreaterThanOrEqual(previous);
          previous = record.at;
          if (record.kind !== "sample") continue;
          for (const object of record.stats)
            for (const [member, value] of Object.entries(object)) {
              if (typeof value !== "number" || gauges.has(member)) continue;
              const key = `${object.id} ${member}`;
              expect(value, key).toBeGreaterThanOrEqual(last.get(key) ?? 0);
              last.set(key, value);
            }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("has counters that agree with each other", () => {
    fc.assert(
      fc.property(options, (generated) => {
        for (const sample of samplesOf(generated)) {
          const transport = sample.stats.find(({ type }) => type === "transport");
          const pair = sample.stats.find(({ type }) => type === "candidate-pair");
          expect(pair?.["bytesSent"]).toBe(transport?.["bytesSent"]);
          const audio = find(sample, "inbound-rtp", "audio");
          if (audio === undefined) continue;
          const video = find(sample, "inbound-rtp", "video");
          const payload = number(audio, "bytesReceived") + number(video, "bytesReceived");
          expect(number(transport, "bytesReceived")).toBeGreaterThanOrEqual(payload);
          expect(number(audio, "concealedSamples")).toBeLessThanOrEqual(
            number(audio, "totalSamplesReceived"),
          );
          expect(number(audio, "totalSamplesReceived") / 48_000).toBeCloseTo(
            number(audio, "totalSamplesDuration"),
            6,
          );
          expect(number(video, "framesDecoded")).toBeLessThanOrEqual(number(video, "framesReceived"));
          expect(number(video, "retransmittedPacketsReceived")).toBeLessThanOrEqual(
            number(video, "packetsReceived"),
          );
          const sent = find(sample, "outbound-rtp", "video");
          if (sent === undefined) continue;
          const durations = Object.values(sent["qualityLimitationDurations"] ?? {});
          const total = durations.reduce<number>((sum, value) => sum + Number(value), 0);
          expect(total).toBeCloseTo(number(find(sample, "media-source", "audio"), "totalSamplesDuration"), 6);
          expect(number(sent, "framesEncoded")).toBeLessThanOrEqual(
            number(find(sample, "media-source", "video"), "frames"),
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it("shows its trouble in the middle and nowhere else", () => {
    const loss = samplesOf({ seed: 7, durationSeconds: 100, kind: "loss", startAt: 1.7e12 });
    const lost = (at: number): number => number(find(loss[at - 1], "inbound-rtp", "audio"), "packetsLost");
    expect(lost(30)).toBe(0);
    // 40 s of 50 packets, a tenth of them lost: 200, with a standard deviation of 13.
    expect(lost(70)).toBeGreaterThan(135);
    expect(lost(70)).toBeLessThan(265);
    expect(lost(100)).toBe(lost(70));
    const reported = number(find(loss.at(-1), "remote-inbound-rtp", "audio"), "packetsLost");
    expect(reported).toBeGreaterThan(135);
  });

  it("pauses video in an outage, and reports nothing of the far end meanwhile", () => {
    const samples = samplesOf({ seed: 7, durationSeconds: 60, kind: "outage", startAt: 1.7e12 });
    const video = find(samples.at(-1), "inbound-rtp", "video");
    expect(number(video, "pauseCount")).toBe(1);
    expect(number(video, "totalPausesDuration")).toBe(10);
    const during = samples
      .slice(20, 27)
      .map((sample) => find(sample, "remote-inbound-rtp", "audio")?.timestamp);
    expect(new Set(during).size).toBe(1);
  });

  it("never connects where ICE fails, and sends nothing where permission is denied", () => {
    const failed = generateSession({ seed: 3, durationSeconds: 20, kind: "ice-failure", startAt: 1.7e12 });
    const states = failed.records.flatMap((record) =>
      record.kind === "event" && record.name === "connection-state-changed" ? [record.data?.["state"]] : [],
    );
    expect(states).toEqual(["connecting", "failed"]);
    const denied = samplesOf({ seed: 3, durationSeconds: 5, kind: "permission-denied", startAt: 1.7e12 });
    expect(denied.flatMap(({ stats }) => stats.filter(({ type }) => type === "outbound-rtp"))).toEqual([]);
  });
});
