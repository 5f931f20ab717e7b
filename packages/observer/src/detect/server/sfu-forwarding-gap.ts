import type { StreamWindows } from "@peerscope/schema";
import { type Explanation, oneSidedConfidence, weights } from "../../attribute/confidence.ts";
import { windowMs } from "../../attribute/joins.ts";
import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { allDry, common, flows, isDryIn, type Source, sourcesOf, type TimeSpan } from "../dry-spans.ts";
import { evidence } from "../open-record.ts";

const thresholds = { drySeconds: 5, cleanUplinkPercent: 2, receivers: 2, clockSeconds: 2 };

export const definition: ObservationDefinition = {
  id: "sfu-forwarding-gap",
  category: "server",
  tier: "A",
  title: "The server did not pass media on",
  meaning:
    "What a sender sent reached the server, and did not reach those who were connected and received others.",
  domainHint: "sfu",
  effect: false,
  severities: ["minor", "critical"],
  unit: "s",
  levels: [],
  on: { rule: "for", seconds: 5 },
  clearSeconds: 0,
  onText:
    "a receiver gets nothing of a source for 5 s while it sends, its way to the server lost less than 2 %, and the receiver's other streams arrive; critical when nobody of at least two receivers gets it, else minor: an app may have paused it there",
  clearText: "packets arrive",
  evidence: ["derived.dryReceivers", "derived.receivers", "derived.drySeconds"],
  exceptions: [
    { when: "nothing else arrives at that receiver either" },
    { guard: "G15", when: "another layer of the same source arrives" },
    { when: "the sender stopped sending" },
    { when: "the way of the sender to the server was bad, or nothing is known of it" },
  ],
  blindIn: "Through a server that gives streams new numbers it is not known whose media somebody received.",
  signals: [
    { family: "receivers", weight: 0.6, text: "nobody got this media while everything else arrived" },
    { family: "uplink", weight: 0.5, text: "what was sent reached the server" },
  ],
  thresholds,
};

/** A sender that is heard by the server, and receivers that do not get it. */
export const sfuForwardingGap: CallDetector = {
  definition,
  detect(view) {
    if (!view.overServer) return [];
    const limits = view.thresholds(definition, thresholds);
    return sourcesOf(view.sessions, view.legs).flatMap((source) => gapsOf(view, source, limits));
  },
};

/** When one receiver went without. */
interface Gap extends TimeSpan {
  readonly receiver: number;
  readonly received: readonly StreamWindows[];
}

function gapsOf(view: CallView, source: Source, limits: typeof thresholds): CallFinding[] {
  const receivers = [...new Set(source.legs.map(({ receiver }) => receiver))];
  const gaps = receivers.flatMap((receiver) => gapsAt(view, source, receiver, limits));
  const shortestMs = limits.drySeconds * 1000;
  // All at once: those times are one finding about the sender's media, not one for each receiver.
  const together = receivers.length < limits.receivers ? [] : sharedBy(receivers, gaps, shortestMs);
  const rest = gaps.filter((gap) => common([gap], together, shortestMs).length === 0);
  return [
    ...together.map((span) => {
      const own = gaps.filter((gap) => common([gap], [span], shortestMs).length > 0);
      return findingOf(source, own, receivers.length, span);
    }),
    ...rest.map((gap) => findingOf(source, [gap], receivers.length, gap)),
  ];
}

function gapsAt(view: CallView, source: Source, receiver: number, limits: typeof thresholds): Gap[] {
  const shortestMs = limits.drySeconds * 1000;
  const received = source.legs.filter((leg) => leg.receiver === receiver).map((leg) => leg.received);
  const others = (view.sessions[receiver]?.callShare?.streams ?? []).filter(
    (stream) => stream.direction === "inbound" && !received.includes(stream),
  );
  return allDry(received, shortestMs)
    .filter(
      (span) =>
        flows(source.sent, span) &&
        !isDryIn(source.sent, span, limits.clockSeconds * 1000) &&
        isClean(view, source.sender, span, limits.cleanUplinkPercent / 100) &&
        others.some((stream) => flows([stream], span) && common(stream.dry, [span], 1).length === 0),
    )
    .map((span) => ({ ...span, receiver, received }));
}

/** The server's own reports to the sender: known, and clean. */
function isClean({ windows }: CallView, sender: number, { from, to }: TimeSpan, limit: number): boolean {
  let isKnown = false;
  for (const window of windows) {
    if (window.to <= from || window.from >= to + windowMs) continue;
    const uplink = window.uplinks[sender] ?? null;
    if (uplink === null) continue;
    if (uplink >= limit) return false;
    isKnown = true;
  }
  return isKnown;
}

/** Times in which every receiver goes without. */
function sharedBy(receivers: readonly number[], gaps: readonly Gap[], shortestMs: number): TimeSpan[] {
  let spans: readonly TimeSpan[] | null = null;
  for (const receiver of receivers) {
    const own = gaps.filter((gap) => gap.receiver === receiver);
    spans = spans === null ? own : common(spans, own, shortestMs);
  }
  return [...(spans ?? [])];
}

function findingOf(
  { sender, sent }: Source,
  gaps: readonly Gap[],
  receivers: number,
  { from, to }: TimeSpan,
): CallFinding {
  const isAll = gaps.length === receivers && receivers > 1;
  const [first] = gaps;
  const [stream] = sent;
  return {
    severity: isAll ? "critical" : "minor",
    from,
    to,
    person: isAll ? sender : (first?.receiver ?? null),
    scope: {
      direction: isAll ? "outbound" : "inbound",
      ...(stream === undefined ? {} : { kind: stream.kind }),
      ...(isAll ? {} : scopeOf(first?.received[0])),
    },
    evidence: [
      evidence("derived", "dryReceivers", gaps.length, "", from, to),
      evidence("derived", "receivers", receivers, "", from, to),
      evidence("derived", "drySeconds", (to - from) / 1000, "s", from, to, thresholds.drySeconds),
    ],
    ...(isAll
      ? {}
      : { missing: ["whether the app wanted this media there"], explanations: perhaps(from, to) }),
    causedIn: [],
    explains: gaps.flatMap(({ receiver, received }) =>
      received.map(({ pcId, ssrc }) => ({ person: receiver, pcId, ...(ssrc === null ? {} : { ssrc }) })),
    ),
  };
}

function scopeOf(received: StreamWindows | undefined): { readonly pcId?: string; readonly ssrc?: number } {
  if (received === undefined) return {};
  return { pcId: received.pcId, ...(received.ssrc === null ? {} : { ssrc: received.ssrc }) };
}

/** Only some go without: the server, or an app that shows only some people. */
function perhaps(from: number, to: number): Explanation[] {
  const gap = {
    family: "receivers",
    text: "this media did not arrive while everything else did",
    weight: weights.direct,
    from,
    to,
  };
  return (["sfu", "application"] as const).map((faultDomain) => ({
    faultDomain,
    for: [gap],
    against: [],
    cap: oneSidedConfidence,
  }));
}
