import type { Evidence } from "@peerscope/schema";
import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import { type InboundStream, stepColumn } from "../../model/streams.ts";
import type { RowQueue } from "../../pack/row-queue.ts";
import { type BadStep, attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import {
  endIsIntended,
  isRampingUp,
  isReplacingTrack,
  isScreenShare,
  isSwitchingLayer,
  pageIsHidden,
} from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  windowSeconds: 30,
  freezesPerMinute: 2,
  /** Fewer frames from the sender speak against the path. Ours: half of a usual camera. */
  lowFrameRate: 15,
};

export const definition: ObservationDefinition = {
  id: "video-freeze",
  category: "network-downlink",
  tier: "A",
  title: "Picture freezes",
  meaning: "The received picture stood still for a noticeable part of the time.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor", "major", "critical"],
  unit: "%",
  levels: [
    { severity: "minor", on: 2, clear: 1 },
    { severity: "major", on: 10, clear: 8 },
    { severity: "critical", on: 30, clear: 24 },
  ],
  on: { rule: "now" },
  clearSeconds: 30,
  onText:
    "frozen share of the last 30 s above the level, or two freezes a minute (minor); a freeze that still runs is taken from framesDecoded, pauses count like freezes, and gaps of a camera that slowed down do not",
  clearText: "below 1 % for 30 s",
  evidence: [
    "derived.frozenSeconds",
    "derived.freezes",
    "inbound-rtp.framesDecoded",
    "inbound-rtp.packetsLost",
    "inbound-rtp.pliCount",
    "inbound-rtp.framesPerSecond",
    "outbound-rtp.framesPerSecond",
  ],
  exceptions: [
    { guard: "G2", when: "the page is hidden" },
    { guard: "G4", when: "a screen share stands still" },
    { guard: "G5", when: "a layer is being switched" },
    { guard: "G6", when: "the track was replaced" },
    { guard: "G9", when: "the stream has just begun" },
    { when: "the sender's own frame rate went down" },
  ],
  blindIn: "",
  thresholds,
};

/** Picture freezes. */
export const videoFreeze: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const limits = board.thresholds(definition, thresholds);
    const mildest = board.inForce(definition).levels[0]?.on ?? 0;
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "video") continue;
      const { stream } = inbound;
      if (inbound.now.framesDecoded === null) {
        board.absent(definition, "inbound-rtp.framesDecoded");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        isRampingUp(model, connection, stream, to) ||
        pageIsHidden(model, to) ||
        isScreenShare(model, stream) ||
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, "video", to) ||
        endIsIntended(model, connection, stream);
      const windowed = sum(stream, { from, to, excluded }, inbound, limits);
      const value = windowed === null ? null : frozenPercent(windowed, limits, mildest);
      const change = board.vote(definition, stream.subject, from, to, value, windowed?.bad);
      if (change === null || windowed === null) continue;
      const slow = senderIsSlow(model, connection, stream, { from, to, lowFrameRate: limits.lowFrameRate });
      if (slow.length > 0) change.record.counter = slow;
      attach(change, [
        evidence("derived", "frozenSeconds", windowed.frozenMs / 1000, "s", windowed.from, to),
        evidence("derived", "freezes", windowed.freezes, "", windowed.from, to),
        ...known("inbound-rtp", "framesDecoded", inbound.framesDecoded, "frames", from, to),
        evidence("inbound-rtp", "packetsLost", windowed.lost, "packets", windowed.from, to),
        ...known("inbound-rtp", "pliCount", inbound.pliCount, "", from, to),
        ...known("inbound-rtp", "framesPerSecond", inbound.now.framesPerSecond, "frames/s", from, to),
      ]);
    }
  },
};

/** The sender's own frame rate when the session holds both ends (two connections of one page), and it is low. */
function senderIsSlow(
  model: SessionModel,
  connection: Connection,
  { latest }: InboundStream,
  { from, to, lowFrameRate }: { readonly from: number; readonly to: number; readonly lowFrameRate: number },
): Evidence[] {
  if (latest.ssrc === null) return [];
  for (const other of model.connections.values()) {
    if (other === connection) continue;
    for (const { latest: sent } of other.outbound.values()) {
      if (sent.ssrc !== latest.ssrc || sent.kind !== "video" || sent.framesPerSecond === null) continue;
      if (sent.framesPerSecond >= lowFrameRate) continue;
      const unit = "frames/s";
      const { framesPerSecond } = sent;
      return [evidence("outbound-rtp", "framesPerSecond", framesPerSecond, unit, from, to, lowFrameRate)];
    }
  }
  return [];
}

interface Windowed {
  readonly from: number;
  /** First and last step with frozen time. */
  readonly bad: BadStep;
  readonly frozenMs: number;
  readonly freezes: number;
  readonly lost: number;
}

/** Adds the step and sums the last 30 s; null when guards exclude the step or more than half of the window. */
function sum(
  stream: InboundStream,
  step: { from: number; to: number; excluded: boolean },
  inbound: View["interval"]["inbound"][number],
  limits: typeof thresholds,
): Windowed | null {
  const steps = stream.recentSteps;
  const { frozenMs, freezeEvents, newlyLost } = stream.sinceStep;
  const row = steps.add();
  steps.numbers[row + stepColumn.from] = step.from;
  steps.numbers[row + stepColumn.to] = step.to;
  steps.numbers[row + stepColumn.excluded] = step.excluded ? 1 : 0;
  steps.numbers[row + stepColumn.lost] = newlyLost;
  steps.numbers[row + stepColumn.frozenMs] = frozenMs;
  steps.numbers[row + stepColumn.freezes] = freezeEvents;
  dropBefore(steps, step.to - limits.windowSeconds * 1000);
  if (step.excluded) return null;
  let excluded = 0;
  let frozen = 0;
  let freezes = 0;
  let lost = 0;
  let firstAt: number | null = null;
  let lastAt = step.to;
  const { numbers, length } = steps;
  for (let recent = 0; recent < length; recent += 1) {
    const at = steps.startOf(recent);
    if (numbers[at + stepColumn.excluded] === 1) {
      excluded += 1;
      continue;
    }
    const frozenThen = numbers[at + stepColumn.frozenMs] ?? Number.NaN;
    frozen += frozenThen;
    freezes += numbers[at + stepColumn.freezes] ?? Number.NaN;
    lost += numbers[at + stepColumn.lost] ?? Number.NaN;
    if (frozenThen > 0) {
      firstAt ??= numbers[at + stepColumn.from] ?? Number.NaN;
      lastAt = numbers[at + stepColumn.to] ?? Number.NaN;
    }
  }
  if (excluded * 2 > length) return null;
  const from = length === 0 ? step.from : steps.get(0, stepColumn.from);
  const bad = { from: firstAt ?? step.from, to: lastAt };
  return { from, bad, frozenMs: frozen, freezes, lost };
}

/** Two freezes a minute count as the mildest level, however short they are. */
function frozenPercent({ frozenMs, freezes }: Windowed, limits: typeof thresholds, mildest: number): number {
  const percent = (100 * frozenMs) / (limits.windowSeconds * 1000);
  const perWindow = (limits.freezesPerMinute * limits.windowSeconds) / 60;
  // One freeze in half a minute would be two a minute by arithmetic; it takes two to make a rate.
  return freezes >= Math.max(2, perWindow) ? Math.max(percent, mildest + 0.001) : percent;
}

/** Forgets steps that ended before the window. */
export function dropBefore(steps: RowQueue, start: number): void {
  let over = 0;
  while (over < steps.length && steps.get(over, stepColumn.to) <= start) over += 1;
  steps.drop(over);
}
