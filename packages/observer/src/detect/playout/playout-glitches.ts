import { growth } from "../../derive/delta.ts";
import type { PlayoutState, PlayoutStep } from "../../model/playout.ts";
import type { PlayoutStats } from "../../model/report.ts";
import type { Subject } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { pageIsHidden, stepMs } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { windowSeconds: 10, shortestWindowSeconds: 7 };

export const definition: ObservationDefinition = {
  id: "playout-glitches",
  category: "playout",
  tier: "A",
  title: "Sound stuttered at the loudspeaker",
  meaning:
    "The audio device asked for sound that this machine did not have ready in time, and the gaps were filled.",
  domainHint: "receiver-device",
  effect: false,
  severities: ["minor", "major"],
  unit: "%",
  levels: [
    { severity: "minor", on: 1, clear: 0.5 },
    { severity: "major", on: 5, clear: 4 },
  ],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "share of synthesized sound in what was played, over 10 s",
  clearText: "below 0.5 % (major: 4 %) over 10 s",
  evidence: [
    "media-playout.synthesizedSamplesDuration",
    "media-playout.synthesizedSamplesEvents",
    "media-playout.totalPlayoutDelay",
    "page.computePressure",
  ],
  exceptions: [
    { when: "the sound went to another device a moment ago: 2 steps" },
    { guard: "G2", when: "the page is hidden" },
    { when: "less than 7 s were judged: a start is no stutter" },
  ],
  blindIn: "Only Chromium reports `media-playout`.",
  thresholds,
};

/** Of the loudspeaker, which all connections of a page share. */
const subject: Subject = { key: "playout", scope: { kind: "audio", direction: "inbound" } };

/** Audio device starves. */
export const playoutGlitches: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { playout: now } = interval.report;
    if (now === null) {
      const isHeard = connection.state === "connected" && connection.seen.audioIn > 0;
      if (isHeard && model.playout.connectionId === null) board.absent(definition, "media-playout");
      return;
    }
    board.present(definition);
    const { playout } = model;
    // Each connection reports the same device: one of them is enough.
    const owner = playout.connectionId === null ? undefined : model.connections.get(playout.connectionId);
    if (owner === undefined || owner.closedAt !== null) {
      playout.connectionId = connection.id;
      restart(playout);
    } else if (owner !== connection) return;
    const step = stepOf(playout, now, interval.from, interval.to);
    if (step === null) return;
    const switchedAt = model.capture.outputChangedAt;
    const isSwitching =
      switchedAt !== null && interval.to - switchedAt < 2 * stepMs + interval.to - interval.from;
    if (isSwitching || pageIsHidden(model, interval.to)) return;
    const { windowSeconds, shortestWindowSeconds } = board.thresholds(definition, thresholds);
    playout.steps.push(step);
    playout.playedSeconds += step.playedSeconds;
    playout.filledSeconds += step.filledSeconds;
    while (playout.playedSeconds - (playout.steps[0]?.playedSeconds ?? 0) >= windowSeconds) {
      const first = playout.steps.shift();
      playout.playedSeconds -= first?.playedSeconds ?? 0;
      playout.filledSeconds -= first?.filledSeconds ?? 0;
    }
    // Nothing was filled and nothing is open: most pages, all the time.
    if (playout.playedSeconds < shortestWindowSeconds || (step.filledSeconds === 0 && !playout.isJudged))
      return;
    playout.isJudged = true;
    const share = Math.max(0, (100 * playout.filledSeconds) / playout.playedSeconds);
    const from = playout.steps[0]?.from ?? interval.from;
    const filled = playout.steps.filter(({ filledSeconds }) => filledSeconds > 0);
    const bad = { from: filled[0]?.from ?? from, to: filled.at(-1)?.to ?? interval.to };
    const change = board.vote(definition, subject, from, interval.to, share, bad);
    if (board.open(definition, subject) === null && step.filledSeconds === 0) playout.isJudged = false;
    if (change === null) return;
    attach(change, [
      evidence(
        "media-playout",
        "synthesizedSamplesDuration",
        share,
        "%",
        from,
        interval.to,
        definition.levels[0]?.on,
      ),
      ...known(
        "media-playout",
        "synthesizedSamplesEvents",
        now.synthesizedSamplesEvents,
        "",
        interval.to,
        interval.to,
      ),
      ...known(
        "media-playout",
        "totalPlayoutDelay",
        interval.playoutDelayMs,
        "ms",
        interval.from,
        interval.to,
      ),
      ...known(
        "page",
        "computePressure",
        model.machine.pressure?.state ?? null,
        "",
        interval.to,
        interval.to,
      ),
    ]);
  },
};

function restart(playout: PlayoutState): void {
  playout.steps.length = 0;
  playout.playedSeconds = 0;
  playout.filledSeconds = 0;
  playout.before = null;
}

/** What was played since the last step; null where the device reports something else than before, or nothing. */
function stepOf(playout: PlayoutState, now: PlayoutStats, from: number, to: number): PlayoutStep | null {
  const { before } = playout;
  playout.before = now;
  if (before === null || before.id !== now.id) return null;
  // Suspended in between: guard G8.
  if (now.timestamp - before.timestamp > 3 * (to - from)) {
    restart(playout);
    playout.before = now;
    return null;
  }
  const playedSeconds = growth(before.totalSamplesDuration, now.totalSamplesDuration);
  const filledSeconds = growth(before.synthesizedSamplesDuration, now.synthesizedSamplesDuration);
  if (playedSeconds === null || filledSeconds === null || playedSeconds <= 0) return null;
  return { from, to, playedSeconds, filledSeconds };
}
