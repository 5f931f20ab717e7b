import type { FaultDomain } from "@peerscope/schema";
import { spanOf } from "../../attribute/call-links.ts";
import { type Explanation, weights } from "../../attribute/confidence.ts";
import { patternLimits } from "../../attribute/multi-party.ts";
import { senderRows } from "../../attribute/parents-table.ts";
import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { type Episode, windowEpisodes } from "../window-episodes.ts";

const thresholds = { receivers: 3, cleanUplinkPercent: 2 };

export const definition: ObservationDefinition = {
  id: "publisher-affects-many",
  category: "call-level",
  tier: "A",
  title: "One sender's media was bad for most who received it",
  meaning: "Most of those who received this person's media lost part of it, and hardly any other media.",
  domainHint: "unknown",
  effect: false,
  severities: ["major"],
  unit: "%",
  levels: [{ severity: "major", on: 60, clear: 30 }],
  on: { rule: "share", need: 2, of: 2 },
  clearSeconds: 20,
  onText:
    "at least 3 receivers, and that share of all of them or more, lose 5 % or more of this person's media and not of most other media; two windows of 10 s in a row",
  clearText: "below the clear value for two windows",
  evidence: ["derived.badReceivers", "derived.receivers", "derived.ownUplinkLoss"],
  exceptions: [
    { when: "those receivers lose other people's media too" },
    { when: "fewer than three receivers are affected" },
  ],
  blindIn: "Through a server that gives streams new numbers it is not known whose media somebody received.",
  thresholds,
};

/** A row of the matrix of losses. */
export const publisherAffectsMany: CallDetector = {
  definition,
  detect(view) {
    const [level] = view.inForce(definition).levels;
    if (level === undefined) return [];
    const limits = view.thresholds(definition, thresholds);
    return view.sessions.flatMap((_, person) => {
      const values = view.windows.map(({ from, to, heardBy }) => {
        const { all, bad } = heardBy[person] ?? { all: 0, bad: 0 };
        if (all < limits.receivers) return { from, to, value: null };
        // Fewer receivers than it takes never raise it, but they may hold it.
        const share = (100 * bad) / all;
        return { from, to, value: bad >= limits.receivers ? share : Math.min(share, level.on - 1e-9) };
      });
      return windowEpisodes(values, { on: level.on, clear: level.clear, windows: 2, clearWindows: 2 }).map(
        (episode) => finding(view, person, episode, { on: level.on, ...limits }),
      );
    });
  },
};

function finding(
  view: CallView,
  person: number,
  { from, to, peak }: Episode,
  limits: typeof thresholds & { readonly on: number },
): CallFinding {
  const heard = view.windows.find((window) => window.from === peak.from)?.heardBy[person];
  const uplink = worstUplink(view, person, from, to);
  return {
    severity: "major",
    from,
    to,
    person,
    scope: { direction: "outbound" },
    peak: evidence("derived", definition.id, peak.value, "%", peak.from, peak.to, limits.on),
    evidence: [
      evidence("derived", "badReceivers", heard?.bad ?? 0, "", peak.from, peak.to),
      evidence("derived", "receivers", heard?.all ?? 0, "", peak.from, peak.to),
      ...(uplink === null ? [] : [evidence("derived", "ownUplinkLoss", 100 * uplink, "%", from, to)]),
    ],
    missing: uplink === null ? ["remote-inbound-rtp.packetsLost of the sender"] : [],
    explanations: explanationsOf(view, person, { from, to }, uplink, limits.cleanUplinkPercent / 100),
    causedIn: [person],
    explains: view.legs
      .filter(({ sender }) => sender === person)
      .map(({ receiver, received }) => ({
        person: receiver,
        pcId: received.pcId,
        ...(received.ssrc === null ? {} : { ssrc: received.ssrc }),
      })),
  };
}

function worstUplink({ windows }: CallView, person: number, from: number, to: number): number | null {
  let worst: number | null = null;
  for (const window of windows) {
    if (window.from < from || window.to > to) continue;
    const uplink = window.uplinks[person] ?? null;
    if (uplink !== null) worst = Math.max(worst ?? 0, uplink);
  }
  return worst;
}

/** The sender's own report decides: its way out, its device, or, when both are fine, the server. */
function explanationsOf(
  view: CallView,
  person: number,
  span: { readonly from: number; readonly to: number },
  uplink: number | null,
  cleanRatio: number,
): Explanation[] {
  const row = {
    family: "receivers",
    text: "most of those who received this media lost part of it, and hardly any other media",
    weight: weights.control,
    ...span,
  };
  const of = (faultDomain: FaultDomain, support: Explanation["for"]): Explanation => ({
    faultDomain,
    for: support,
    against: [],
  });
  // Without a server all direct ways begin at the sender.
  const isBad = uplink !== null && uplink >= patternLimits.badLossRatio;
  if (isBad || !view.overServer) {
    const direct = {
      family: "uplink",
      text: "the far end of its way out reported the loss too",
      weight: weights.direct,
      ...span,
    };
    return [of("publisher-uplink", isBad ? [row, direct] : [row])];
  }
  if (uplink === null || uplink >= cleanRatio) return [of("publisher-uplink", [row]), of("sfu", [row])];
  const clean = {
    family: "uplink",
    text: "what it sent reached the server",
    weight: weights.control,
    ...span,
  };
  const device = deviceTrouble(view, person, span);
  if (device !== null) {
    const direct = {
      observationId: device,
      family: "device",
      text: "recorded at the sender at the time",
      weight: weights.direct,
    };
    return [of("publisher-device", [row, direct]), of("sfu", [row])];
  }
  return [of("sfu", [row, clean])];
}

const deviceIds = new Set(senderRows.flatMap(({ through, causes }) => (through === "device" ? causes : [])));

function deviceTrouble(
  { sessions }: CallView,
  person: number,
  span: { readonly from: number; readonly to: number },
): string | null {
  const session = sessions[person];
  const found = session?.observations.find((observation) => {
    const { from, to } = spanOf(observation, session);
    return (
      deviceIds.has(observation.id) && observation.severity !== "info" && from <= span.to && to >= span.from
    );
  });
  return found?.id ?? null;
}
