import type { ReceivedMedia } from "../../model/received-media.ts";
import type { SettledWindow } from "../../score/inputs.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

/** The best MOS that the audio model gives; levels count down from it, so that more is worse. */
const bestMos = 4.5;

const thresholds = {
  /** Share of a window that must have been measured. */
  coverage: 0.8,
  /** Windows in a row below a level: 15 s are two of them, 30 s are three. */
  minorWindows: 2,
  majorWindows: 3,
};

export const definition: ObservationDefinition = {
  id: "quality-low-sustained",
  category: "network-downlink",
  tier: "A",
  title: "Sound poor for long",
  meaning: "The estimated quality of the received sound stayed low for many seconds.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor", "major"],
  unit: "MOS below 4.5",
  levels: [
    { severity: "minor", on: 1, clear: 0.8 },
    { severity: "major", on: 1.5, clear: 1.3 },
  ],
  on: { rule: "now" },
  clearSeconds: 20,
  onText:
    "estimated MOS below 3.5 in 2 windows of the score in a row, which are 10 s each and measured to 80 % (major: below 3.0 in 3 windows)",
  clearText: "above 3.7 for 20 s",
  evidence: ["derived.audioMos", "derived.lowestAudioMos"],
  exceptions: [
    { when: "nothing can be said of a window: it counts neither way" },
    { when: "too little of a window was measured" },
    { when: "a single window is poor" },
  ],
  blindIn: "Not computable for codecs without a published impairment, where the score has no value either.",
  thresholds,
};

/** Sound poor for long, by the windows of the score. They settle 10 to 20 s after their end; what has not settled is not judged. */
export const qualityLowSustained: Detector = {
  definition,
  onStep({ interval, board }: View): void {
    for (const { now, stream } of interval.inbound) {
      if (now.kind !== "audio") continue;
      const { media } = stream;
      const { scoreWindows } = media;
      if (scoreWindows.length > 0) media.scoreWindows = [];
      for (const window of scoreWindows) {
        const limits = board.thresholds(definition, thresholds);
        // A gap that was decided late settles after younger windows: time does not run back.
        if (window.from < (media.judgedWindows.at(-1)?.to ?? 0)) continue;
        const { from, to } = window;
        const inForce = board.inForce(definition);
        const value = window.coverage < limits.coverage ? null : judged(media, window, inForce, limits);
        if (value === null && window.mos === null) board.absent(definition, "a value of the score");
        if (isQuiet(board, inForce, media, value)) continue;
        // It began somewhere in the first window of the row: its middle is least wrong.
        const first = media.judgedWindows.at(-limits.minorWindows) ?? window;
        const bad = { from: (first.from + first.to) / 2 };
        const change = board.vote(definition, stream.subject, from, to, value, bad);
        if (change === null || window.mos === null) continue;
        let lowest = window.mos;
        for (const { mos } of media.judgedWindows) if (mos !== null) lowest = Math.min(lowest, mos);
        const since = media.judgedWindows[0]?.from ?? from;
        attach(change, [
          evidence(
            "derived",
            "audioMos",
            window.mos,
            "MOS",
            from,
            to,
            bestMos - (inForce.levels[0]?.on ?? 0),
          ),
          evidence("derived", "lowestAudioMos", lowest, "MOS", since, to),
        ]);
      }
    }
  },
};

/** MOS below the best that all windows of a row have in common; null when nothing can be said of this one. */
function judged(
  media: ReceivedMedia,
  window: SettledWindow,
  { levels }: ObservationDefinition,
  limits: typeof thresholds,
): number | null {
  if (window.mos === null) return null;
  // What lies between them was not measured: a row begins anew.
  const row = media.judgedWindows.at(-1)?.to === window.from ? media.judgedWindows : [];
  const judgedWindows = [...row, window].slice(-Math.max(limits.minorWindows, limits.majorWindows));
  media.judgedWindows = judgedWindows;
  const minor = levels[0]?.on ?? 0;
  const major = levels[1]?.on ?? Number.POSITIVE_INFINITY;
  const own = bestMos - window.mos;
  // A window alone raises nothing, but holds what is open.
  const held = Math.min(own, minor);
  const two = sharedBy(judgedWindows, limits.minorWindows);
  const three = sharedBy(judgedWindows, limits.majorWindows);
  return Math.max(held, Math.min(two, major), three);
}

/** By how much every one of the latest windows is below the best; 0 until there are so many. */
function sharedBy(windows: readonly SettledWindow[], count: number): number {
  if (windows.length < count) return 0;
  let least = bestMos;
  for (const { mos } of windows.slice(-count)) least = Math.min(least, bestMos - (mos ?? bestMos));
  return least;
}
