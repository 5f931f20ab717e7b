import type { Evidence } from "@peerscope/schema";
import { ratio } from "../../derive/delta.ts";
import type { PathInterval } from "../../derive/interval.ts";
import { candidateOf, noteRelayedRtt } from "../../model/ice.ts";
import type { Report } from "../../model/report.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isChangingPath } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

/** Baseline: a queue lengthens the round trip too, but its best tenth stays short. */
const thresholds = { baselineMs: 250, baselineShare: 0.1, directShare: 0.8 };

export const definition: ObservationDefinition = {
  id: "relay-detour",
  category: "ice-turn",
  tier: "A",
  title: "Detour over a distant relay",
  meaning: "Media goes over a relay, and answers take long all the time: the relay may be far from the way.",
  domainHint: "turn",
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 300, clear: 250 },
    { severity: "major", on: 500, clear: 400 },
  ],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "round trip over a relayed path above the level in 3 of 5 steps, and above 250 ms in nine of ten steps of the last 120 s",
  clearText: "below 250 ms (major: 400 ms) for 10 s, or another path",
  evidence: [
    "candidate-pair.totalRoundTripTime",
    "candidate-pair.currentRoundTripTime",
    "derived.baselineRoundTripTime",
    "derived.directRoundTripTime",
    "local-candidate.candidateType",
    "remote-candidate.candidateType",
    "local-candidate.url",
  ],
  exceptions: [
    { when: "a direct path is as slow: then it is the distance" },
    { when: "the round trip was short before: then a queue built up" },
    { guard: "G7", when: "ICE restarted a moment ago" },
  ],
  blindIn: "Firefox before 142 has no round trip of the pair.",
  thresholds,
};

/** Relayed path with long round trip. */
export const relayDetour: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { path, report, from, to } = interval;
    if (path === null) return;
    const local = candidateOf(report, path.pair.localCandidateId);
    const remote = candidateOf(report, path.pair.remoteCandidateId);
    const { subject, ice } = connection;
    if (local?.type !== "relay" && remote?.type !== "relay") {
      if (ice.relayedRttsMs.length === 0) return;
      ice.relayedRttsMs.length = 0;
      board.clear(definition, subject, to);
      return;
    }
    const rttMs = roundTripMs(path);
    if (rttMs === null) {
      if (path.pair.currentRoundTripTime === null) {
        board.absent(definition, "candidate-pair.currentRoundTripTime");
        board.unknown(definition, subject, from, to);
      }
      return;
    }
    if (isChangingPath(connection, to)) {
      board.vote(definition, subject, from, to, null);
      return;
    }
    noteRelayedRtt(ice, rttMs);
    const { levels } = board.inForce(definition);
    const limits = board.thresholds(definition, thresholds);
    let baselineMs: number | null = null;
    let directMs: number | null = null;
    let judgedMs = rttMs;
    if (rttMs > (levels[0]?.on ?? 0)) {
      baselineMs = quantile(ice.relayedRttsMs, limits.baselineShare);
      directMs = directRoundTripMs(report, path);
      const queued = baselineMs <= limits.baselineMs;
      const distant = directMs !== null && directMs >= rttMs * limits.directShare;
      // The relay is not what takes the time: as good as a short round trip.
      if (queued || distant) judgedMs = 0;
    }
    const change = board.vote(definition, subject, from, to, judgedMs);
    if (change === null) return;
    const items: Evidence[] = [
      evidence("candidate-pair", "totalRoundTripTime", rttMs, "ms", from, to, levels[0]?.on),
      ...known("derived", "baselineRoundTripTime", baselineMs, "ms", from, to),
      ...known("derived", "directRoundTripTime", directMs, "ms", from, to),
      ...known("local-candidate", "candidateType", local?.type ?? null, "", from, to),
      ...known("remote-candidate", "candidateType", remote?.type ?? null, "", from, to),
      ...known("local-candidate", "url", local?.url ?? null, "", from, to),
    ];
    attach(change, items);
  },
};

/** A round trip that was measured in this step, ms; null without a new one. 0 is unknown. */
function roundTripMs(path: PathInterval): number | null {
  const mean = ratio(path.totalRoundTripTime, path.responsesReceived);
  if (mean !== null && mean > 0) return mean * 1000;
  const current = path.pair.currentRoundTripTime;
  return current !== null && current > 0 && (path.responsesReceived ?? 0) > 0 ? current * 1000 : null;
}

/** The shortest round trip of a path that needs no relay and answers, ms; null when there is none. */
function directRoundTripMs(report: Report, { pair: selected }: PathInterval): number | null {
  let shortest: number | null = null;
  for (const pair of report.pairs.values()) {
    if (pair.id === selected.id || pair.state !== "succeeded") continue;
    if (candidateOf(report, pair.localCandidateId)?.type === "relay") continue;
    if (candidateOf(report, pair.remoteCandidateId)?.type === "relay") continue;
    const rtt = pair.currentRoundTripTime;
    if (rtt !== null && rtt > 0) shortest = Math.min(shortest ?? Infinity, rtt * 1000);
  }
  return shortest;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}
