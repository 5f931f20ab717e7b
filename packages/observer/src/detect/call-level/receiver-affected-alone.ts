import { spanOf } from "../../attribute/call-links.ts";
import type { CallWindow } from "../../attribute/call-windows.ts";
import { patternLimits } from "../../attribute/multi-party.ts";
import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { windowEpisodes } from "../window-episodes.ts";

const thresholds = { senders: 3, sendersWithOwnEvidence: 2, othersBadPercent: 20, otherReceivers: 1 };

export const definition: ObservationDefinition = {
  id: "receiver-affected-alone",
  category: "call-level",
  tier: "A",
  title: "One person received nearly everything badly, the others did not",
  meaning: "This person lost part of what most senders sent, and hardly anybody else did.",
  domainHint: "receiver-downlink",
  effect: false,
  severities: ["major"],
  unit: "%",
  levels: [{ severity: "major", on: 80, clear: 50 }],
  on: { rule: "share", need: 2, of: 2 },
  clearSeconds: 20,
  onText:
    "that share or more of the received streams lose 5 % or more, at most 20 % of what others receive does, and they come from at least 3 senders, or from 2 with an own observation of the way in; two windows of 10 s in a row",
  clearText: "below the clear value for two windows",
  evidence: ["derived.badStreams", "derived.streams", "derived.senders", "derived.othersBadPercent"],
  exceptions: [
    { when: "the others are affected too" },
    { when: "the ways of the senders to the server were bad" },
    { when: "all of it comes from one sender" },
  ],
  blindIn: "It is not known when nobody else was recorded.",
  signals: [
    { family: "all-streams", weight: 0.6, text: "nearly all received streams suffered, whoever sent them" },
    { family: "others", weight: 0.5, text: "what the others received was clean at the time" },
  ],
  thresholds,
};

/** A column of the matrix of losses. */
export const receiverAffectedAlone: CallDetector = {
  definition,
  detect(view) {
    const [level] = view.inForce(definition).levels;
    if (level === undefined) return [];
    const limits = view.thresholds(definition, thresholds);
    const windows = view.windows.map((window): Judged => ({
      window,
      unexplained: window.received.map((_, person) => unexplained(window, person)),
    }));
    return view.sessions.flatMap((_, person) =>
      windowEpisodes(
        windows.map((judged) => ({
          from: judged.window.from,
          to: judged.window.to,
          value: shareOf(view, judged, person, limits),
        })),
        { on: level.on, clear: level.clear, windows: 2, clearWindows: 2 },
      ).map(({ from, to, peak }): CallFinding => {
        const judged = windows.find(({ window }) => window.from === peak.from);
        const { all = 0, bad = 0, senders = 0 } = judged?.window.received[person] ?? {};
        const others = judged === undefined ? null : othersShare(judged, person);
        return {
          severity: "major",
          from,
          to,
          person,
          scope: { direction: "inbound" },
          peak: evidence("derived", definition.id, peak.value, "%", peak.from, peak.to, level.on),
          evidence: [
            evidence("derived", "badStreams", bad, "", peak.from, peak.to),
            evidence("derived", "streams", all, "", peak.from, peak.to),
            evidence("derived", "senders", senders, "", peak.from, peak.to),
            evidence("derived", "othersBadPercent", 100 * (others ?? 0), "%", peak.from, peak.to),
          ],
          causedIn: [person],
        };
      }),
    );
  },
};

/** Streams, and how many of them were bad. */
interface Streams {
  readonly all: number;
  readonly bad: number;
}

interface Judged {
  readonly window: CallWindow;
  /** By person. Worked out once: everybody is compared with everybody. */
  readonly unexplained: readonly Streams[];
}

/** Percent of the received streams that are bad and that no bad way of a sender explains; null: it cannot be judged. */
function shareOf(view: CallView, judged: Judged, person: number, limits: typeof thresholds): number | null {
  const { window } = judged;
  const own = window.received[person];
  if (own === undefined || own.all === 0) return null;
  const needed = hasOwnEvidence(view, window, person) ? limits.sendersWithOwnEvidence : limits.senders;
  const others = othersShare(judged, person);
  const heard = window.received.filter(({ all }, other) => other !== person && all > 0).length;
  if (own.senders < needed || others === null || heard < limits.otherReceivers) return null;
  if (100 * others > limits.othersBadPercent) return 0;
  const { all, bad } = judged.unexplained[person] ?? { all: 0, bad: 0 };
  return all === 0 ? null : (100 * bad) / all;
}

/** Share of what the others received that was bad, less what bad ways of senders explain. */
function othersShare(judged: Judged, person: number): number | null {
  let all = 0;
  let bad = 0;
  for (const [other, share] of judged.unexplained.entries()) {
    if (other === person) continue;
    all += share.all;
    bad += share.bad;
  }
  return all === 0 ? null : bad / all;
}

/** Without the streams that those with a bad way to the server sent: whose they are need not be known to count them. */
function unexplained({ received, uplinks }: CallWindow, person: number): Streams {
  const { all, bad, senders } = received[person] ?? { all: 0, bad: 0, senders: 0 };
  let badSenders = 0;
  for (const [sender, uplink] of uplinks.entries()) {
    if (sender !== person && uplink !== null && uplink >= patternLimits.badLossRatio) badSenders += 1;
  }
  const explained = Math.min(bad, senders === 0 ? 0 : (all / senders) * Math.min(senders, badSenders));
  return { all: all - explained, bad: bad - explained };
}

/** What the person's own session says about its way in. */
function hasOwnEvidence({ sessions }: CallView, window: CallWindow, person: number): boolean {
  const session = sessions[person];
  return (session?.observations ?? []).some((observation) => {
    if (!observation.id.startsWith("downlink-") || observation.severity === "info") return false;
    const { from, to } = spanOf(observation, session);
    return from < window.to && to > window.from;
  });
}
