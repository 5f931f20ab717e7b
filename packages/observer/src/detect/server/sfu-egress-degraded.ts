import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { windowEpisodes, type WindowValue } from "../window-episodes.ts";

const thresholds = {
  affectedPeople: 3,
  badStreamsPercent: 50,
  cleanUplinkPercent: 2,
  onsetSpreadSeconds: 20,
};

export const definition: ObservationDefinition = {
  id: "sfu-egress-degraded",
  category: "server",
  tier: "A",
  title: "Many people lost media on the way from the server at once",
  meaning: "What reached the server well was lost on the way to most of those in the call.",
  domainHint: "sfu",
  effect: false,
  severities: ["major", "critical"],
  unit: "%",
  levels: [
    { severity: "major", on: 50, clear: 30 },
    { severity: "critical", on: 60, clear: 30 },
  ],
  on: { rule: "share", need: 2, of: 2 },
  clearSeconds: 20,
  onText:
    "at least 3 people, and that share of those who receive or more, lose 5 % or more of at least half of their streams; two windows of 10 s in a row, begun within 20 s of one another",
  clearText: "below the clear value for two windows",
  evidence: ["derived.affectedPeople", "derived.receivingPeople", "derived.worstUplinkLoss"],
  exceptions: [
    { when: "the way of a sender to the server was bad" },
    { when: "it is about one sender's media" },
    { when: "fewer than three people are affected" },
    { when: "it began at different times" },
  ],
  blindIn: "It is not known for calls without a server, or of which only some people were recorded.",
  signals: [
    { family: "others", weight: 0.5, text: "most of those who received were affected at the same time" },
    { family: "uplinks", weight: 0.5, text: "what was sent reached the server" },
  ],
  thresholds,
};

/** The way out of the server: common to all who receive. */
export const sfuEgressDegraded: CallDetector = {
  definition,
  detect(view) {
    if (!view.overServer) return [];
    const { levels } = view.inForce(definition);
    const [major, critical] = levels;
    if (major === undefined || critical === undefined) return [];
    const limits = view.thresholds(definition, thresholds);
    const shares = affectedShares(view, limits);
    return windowEpisodes(
      shares.map(({ from, to, value }) => ({ from, to, value })),
      { on: major.on, clear: major.clear, windows: 2, clearWindows: 2 },
    ).map(({ from, to, peak }): CallFinding => {
      const worst = shares.find((share) => share.from === peak.from);
      const people = new Set<number>();
      for (const share of shares) {
        if (share.from >= from && share.to <= to) for (const person of share.people) people.add(person);
      }
      return {
        severity: peak.value >= critical.on ? "critical" : "major",
        from,
        to,
        person: null,
        peak: evidence("derived", definition.id, peak.value, "%", peak.from, peak.to, major.on),
        evidence: [
          evidence("derived", "affectedPeople", worst?.people.length ?? 0, "", peak.from, peak.to),
          evidence("derived", "receivingPeople", worst?.receiving ?? 0, "", peak.from, peak.to),
          evidence("derived", "worstUplinkLoss", 100 * (worst?.worstUplink ?? 0), "%", peak.from, peak.to),
        ],
        // A provider that those affected share would look the same.
        missing: ["the networks and servers that those affected share"],
        causedIn: [],
        explains: [...people].map((person) => ({ person })),
      };
    });
  },
};

interface AffectedShare extends WindowValue {
  readonly people: readonly number[];
  readonly receiving: number;
  readonly worstUplink: number;
}

function affectedShares({ windows }: CallView, limits: typeof thresholds): AffectedShare[] {
  const onsets = new Map<number, number>();
  return windows.map(({ from, to, received, uplinks, patterns }) => {
    let receiving = 0;
    for (const [person, { all, bad }] of received.entries()) {
      if (all === 0) continue;
      receiving += 1;
      if (100 * bad < limits.badStreamsPercent * all) onsets.delete(person);
      else if (!onsets.has(person)) onsets.set(person, from);
    }
    const people = sameOnset(onsets, received, limits.onsetSpreadSeconds * 1000);
    const worstUplink = uplinks.reduce<number>((worst, uplink) => Math.max(worst, uplink ?? 0), 0);
    const isKnown = uplinks.some((uplink) => uplink !== null);
    // One sender's media, or a bad way to the server: that explains it, whoever else is affected.
    const isElsewhere =
      100 * worstUplink >= limits.cleanUplinkPercent || patterns.some(({ kind }) => kind === "sender");
    const share = receiving === 0 ? null : (100 * people.length) / receiving;
    const counted = people.length >= limits.affectedPeople ? share : 0;
    return {
      from,
      to,
      value: !isKnown || share === null ? null : isElsewhere ? 0 : counted,
      people,
      receiving,
      worstUplink,
    };
  });
}

/** Most of those affected now whose trouble began within that time of one another. */
function sameOnset(
  onsets: ReadonlyMap<number, number>,
  received: CallView["windows"][number]["received"],
  spreadMs: number,
): number[] {
  const now = [...onsets].filter(([person]) => (received[person]?.all ?? 0) > 0);
  let best: number[] = [];
  for (const [, first] of now) {
    const together = now.filter(([, at]) => at >= first && at - first <= spreadMs).map(([person]) => person);
    if (together.length > best.length) best = together;
  }
  return best.sort((a, b) => a - b);
}
