import { type InboundStream, stepColumn } from "../../model/streams.ts";
import { ratio } from "../../derive/delta.ts";
import { type BadStep, attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isRampingUp, isReplacingTrack } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { dropBefore } from "./video-freeze.ts";

const thresholds = {
  windowSeconds: 15,
  minimumSamples: 24_000,
  /** Less of the window says too little: one hiccup at the start is no audible trouble. Ours. */
  minimumWindowSeconds: 8,
};

export const definition: ObservationDefinition = {
  id: "audio-concealment",
  category: "network-downlink",
  tier: "A",
  title: "Audible gaps",
  meaning: "Part of the received sound had to be made up because it did not arrive in time.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor", "major", "critical"],
  unit: "%",
  levels: [
    { severity: "minor", on: 3, clear: 1 },
    { severity: "major", on: 7, clear: 5.6 },
    { severity: "critical", on: 15, clear: 12 },
  ],
  on: { rule: "now" },
  clearSeconds: 15,
  onText:
    "concealed share of the last 15 s above the level, with at least 24 000 samples: max(a, min(c/n, L)), a = (c-s)/(n-s), L = lost/(lost+received); a proven outage counts in full",
  clearText: "below 1 % for 15 s",
  evidence: [
    "inbound-rtp.concealedSamples",
    "inbound-rtp.silentConcealedSamples",
    "inbound-rtp.totalSamplesReceived",
    "inbound-rtp.concealmentEvents",
    "inbound-rtp.packetsLost",
    "inbound-rtp.jitterBufferDelay",
    "derived.outageSeconds",
  ],
  exceptions: [
    { guard: "G3", when: "comfort noise fills the pauses of speech: it counts as silent concealment" },
    { guard: "G1", when: "the sender is muted" },
    { guard: "G12", when: "fewer than 24,000 samples were played" },
  ],
  blindIn: "",
  thresholds,
};

/** Audible gaps. */
export const audioConcealment: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const limits = board.thresholds(definition, thresholds);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "audio") continue;
      const { stream } = inbound;
      const { totalSamplesReceived, concealedSamples, silentConcealedSamples } = inbound;
      if (totalSamplesReceived === null || concealedSamples === null || silentConcealedSamples === null) {
        board.absent(definition, "inbound-rtp.concealedSamples");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        endIsIntended(model, connection, stream) ||
        isReplacingTrack(connection, "audio", to) ||
        isRampingUp(model, connection, stream, to);
      const steps = stream.recentSteps;
      const row = steps.add();
      const { numbers } = steps;
      numbers[row + stepColumn.from] = from;
      numbers[row + stepColumn.to] = to;
      numbers[row + stepColumn.excluded] = excluded ? 1 : 0;
      numbers[row + stepColumn.lost] = stream.sinceStep.newlyLost;
      numbers[row + stepColumn.samples] = totalSamplesReceived;
      numbers[row + stepColumn.concealed] = concealedSamples;
      numbers[row + stepColumn.silent] = Math.min(silentConcealedSamples, concealedSamples);
      numbers[row + stepColumn.events] = inbound.concealmentEvents ?? 0;
      numbers[row + stepColumn.received] = inbound.packetsReceived ?? 0;
      numbers[row + stepColumn.blackoutMs] = Math.min(stream.sinceStep.blackoutMs, to - from);
      dropBefore(steps, to - limits.windowSeconds * 1000);
      const total = concealment(steps, limits);
      const value = excluded || total === null ? null : total.percent;
      const change = board.vote(definition, stream.subject, from, to, value, total?.bad);
      if (change === null || total === null) continue;
      const buffer = ratio(inbound.jitterBufferDelay, inbound.jitterBufferEmittedCount);
      attach(change, [
        evidence("inbound-rtp", "concealedSamples", total.concealed, "samples", total.from, to),
        evidence("inbound-rtp", "silentConcealedSamples", total.silent, "samples", total.from, to),
        evidence("inbound-rtp", "totalSamplesReceived", total.samples, "samples", total.from, to),
        evidence("inbound-rtp", "concealmentEvents", total.events, "", total.from, to),
        evidence("inbound-rtp", "packetsLost", total.lost, "packets", total.from, to),
        ...known("inbound-rtp", "jitterBufferDelay", buffer === null ? null : buffer * 1000, "ms", from, to),
        ...(total.blackoutMs === 0
          ? []
          : [evidence("derived", "outageSeconds", total.blackoutMs / 1000, "s", total.from, to)]),
      ]);
    }
  },
};

interface Concealment {
  readonly from: number;
  /** First and last step with audible trouble. */
  readonly bad: BadStep;
  readonly percent: number;
  readonly samples: number;
  readonly concealed: number;
  readonly silent: number;
  readonly events: number;
  readonly lost: number;
  readonly blackoutMs: number;
}

/** Concealment of a window by the formula of the scoring reference 3.3; null when there is too little to say. */
function concealment(steps: InboundStream["recentSteps"], limits: typeof thresholds): Concealment | null {
  let samples = 0;
  let concealed = 0;
  let silent = 0;
  let events = 0;
  let lost = 0;
  let received = 0;
  let blackoutMs = 0;
  let coveredMs = 0;
  let excluded = 0;
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  const { numbers, length: count } = steps;
  for (let step = 0; step < count; step += 1) {
    const at = steps.startOf(step);
    if (numbers[at + stepColumn.excluded] === 1) {
      excluded += 1;
      continue;
    }
    const length =
      (numbers[at + stepColumn.to] ?? Number.NaN) - (numbers[at + stepColumn.from] ?? Number.NaN);
    const stepSamples = numbers[at + stepColumn.samples] ?? Number.NaN;
    const stepConcealed = numbers[at + stepColumn.concealed] ?? Number.NaN;
    const stepSilent = numbers[at + stepColumn.silent] ?? Number.NaN;
    const stepLost = numbers[at + stepColumn.lost] ?? Number.NaN;
    const stepReceived = numbers[at + stepColumn.received] ?? Number.NaN;
    const stepBlackoutMs = numbers[at + stepColumn.blackoutMs] ?? Number.NaN;
    coveredMs += length;
    blackoutMs += stepBlackoutMs;
    samples += stepSamples;
    lost += stepLost;
    received += stepReceived;
    events += numbers[at + stepColumn.events] ?? Number.NaN;
    // During an outage all samples are concealed silently: the outage itself is what counts then.
    if (stepBlackoutMs < length) {
      concealed += stepConcealed;
      silent += stepSilent;
    }
    const audible = stepConcealed - stepSilent;
    const missing = stepLost > 0.01 * (stepLost + stepReceived);
    if (stepBlackoutMs > 0 || missing || audible > 0.01 * stepSamples) {
      firstAt ??= numbers[at + stepColumn.from] ?? Number.NaN;
      lastAt = numbers[at + stepColumn.to] ?? Number.NaN;
    }
  }
  if (coveredMs < limits.minimumWindowSeconds * 1000 || excluded * 2 > steps.length) return null;
  if (samples < limits.minimumSamples) return null;
  const share = Math.min(1, blackoutMs / coveredMs);
  const heard = Math.max(1, samples * (1 - share));
  const a = Math.min(1, (concealed - silent) / Math.max(heard - silent, 1));
  const loss = lost + received === 0 ? 0 : lost / (lost + received);
  const con = Math.max(a, Math.min(concealed / heard, loss));
  const from = steps.get(0, stepColumn.from);
  return {
    from,
    bad: { from: firstAt ?? from, to: lastAt ?? steps.get(steps.length - 1, stepColumn.to) },
    percent: 100 * Math.min(1, con * (1 - share) + share),
    samples,
    concealed,
    silent,
    events,
    lost,
    blackoutMs,
  };
}
