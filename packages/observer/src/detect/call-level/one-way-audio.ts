import type { StreamWindows } from "@peerscope/schema";
import { at } from "../../attribute/call-windows.ts";
import { type Explanation, oneSidedConfidence, weights } from "../../attribute/confidence.ts";
import { common } from "../dry-spans.ts";
import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { type Episode, windowEpisodes, type WindowValue } from "../window-episodes.ts";

const thresholds = { speechLevelRms: 0.01, silentLevelRms: 0.0001, receivedWindows: 1, playedWindows: 2 };

export const definition: ObservationDefinition = {
  id: "one-way-audio",
  category: "call-level",
  tier: "A",
  title: "One side did not hear the other",
  meaning: "One person spoke and the other one got none of it, while the other direction worked.",
  domainHint: "unknown",
  effect: false,
  severities: ["critical"],
  unit: "",
  levels: [],
  on: { rule: "for", seconds: 10 },
  clearSeconds: 0,
  onText:
    "10 s in which one side's microphone has sound (more than 0.01 RMS) and none of it is sent, arrives, or is heard at the other side (below 0.0001 RMS for 20 s), while sound arrives the other way",
  clearText: "the other side hears it",
  evidence: [
    "derived.failedPoint",
    "media-source.totalAudioEnergy",
    "outbound-rtp.packetsSent",
    "inbound-rtp.packetsReceived",
    "inbound-rtp.totalAudioEnergy",
  ],
  exceptions: [
    { guard: "G1", when: "the one who is not heard is muted or on hold" },
    { when: "nobody speaks" },
    { when: "nothing arrives the other way either" },
  ],
  blindIn:
    "Where only one side was recorded, and among several people of whom it is not known who receives whom.",
  thresholds,
};

/** Where the sound got lost: of the four points captured, sent, received, played the first that has none. */
type FailedPoint = "sent" | "received" | "played";

/** Between two people, or any two whose streams are joined directly. */
export const oneWayAudio: CallDetector = {
  definition,
  detect(view) {
    // Through a server an app may choose who hears whom.
    if (view.overServer && view.sessions.length !== 2) return [];
    const limits = view.thresholds(definition, thresholds);
    const findings: CallFinding[] = [];
    for (const sender of view.sessions.keys()) {
      for (const receiver of view.sessions.keys()) {
        if (sender === receiver) continue;
        const way = wayOf(view, sender, receiver);
        const back = wayOf(view, receiver, sender);
        if (way === null || back === null) continue;
        for (const point of ["sent", "received", "played"] as const) {
          const values = view.windows.map((window) => judge(way, back, window, point, limits));
          const windows = point === "played" ? limits.playedWindows : limits.receivedWindows;
          for (const episode of windowEpisodes(values, { on: 1, clear: 1, windows, clearWindows: 1 })) {
            findings.push(findingOf(view, { sender, receiver, point, way }, episode));
          }
        }
      }
    }
    return findings;
  },
};

/** What one person says, and what another one gets of it. */
interface Way {
  readonly sent: readonly StreamWindows[];
  readonly received: readonly StreamWindows[];
}

function wayOf({ legs }: CallView, sender: number, receiver: number): Way | null {
  const own = legs.filter(
    (leg) => leg.sender === sender && leg.receiver === receiver && leg.received.kind === "audio",
  );
  if (own.length === 0) return null;
  return {
    sent: [...new Set(own.flatMap((leg) => leg.sent))],
    received: own.map((leg) => leg.received),
  };
}

/** 1 when the sound is lost at that point in this window, 0 when it is not, null when it cannot be said. */
function judge(
  way: Way,
  back: Way,
  { from, to }: { readonly from: number; readonly to: number },
  point: FailedPoint,
  limits: typeof thresholds,
): WindowValue {
  const value = (): number | null => {
    const level = most(way.sent, (stream) => at(stream, stream.level, from));
    const sent = sum(way.sent, (stream) => at(stream, stream.packets, from));
    const arrived = sum(way.received, (stream) => at(stream, stream.packets, from));
    const heard = most(way.received, (stream) => at(stream, stream.level, from));
    if (heard !== null && heard >= limits.silentLevelRms) return 0;
    if (level === null || level < limits.speechLevelRms || sent === null) return null;
    // The other direction works, or it is no matter of one way.
    if ((sum(back.received, (stream) => at(stream, stream.packets, from)) ?? 0) === 0) return null;
    if (sent === 0) {
      const isMeant = way.sent.some(({ dry }) =>
        dry.some((span) => span.intended === true && common([span], [{ from, to }], 1).length > 0),
      );
      return isMeant ? null : point === "sent" ? 1 : 0;
    }
    if (arrived === null) return null;
    if (arrived === 0) return point === "received" ? 1 : 0;
    return heard === null ? null : point === "played" ? 1 : 0;
  };
  return { from, to, value: value() };
}

type Reading = (stream: StreamWindows) => number | null;

function sum(streams: readonly StreamWindows[], read: Reading): number | null {
  let total: number | null = null;
  for (const stream of streams) {
    const value = read(stream);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
}

function most(streams: readonly StreamWindows[], read: Reading): number | null {
  let highest: number | null = null;
  for (const stream of streams) {
    const value = read(stream);
    if (value !== null) highest = Math.max(highest ?? 0, value);
  }
  return highest;
}

function findingOf(
  { sessions }: CallView,
  { sender, receiver, point, way }: { sender: number; receiver: number; point: FailedPoint; way: Way },
  { from, to }: Episode,
): CallFinding {
  const peer = sessions[sender]?.userId ?? sessions[sender]?.peer ?? null;
  const items: [stat: string, field: string, value: number | null, unit: string][] = [
    ["media-source", "totalAudioEnergy", most(way.sent, (stream) => at(stream, stream.level, from)), "RMS"],
    ["outbound-rtp", "packetsSent", sum(way.sent, (stream) => at(stream, stream.packets, from)), "packets"],
    [
      "inbound-rtp",
      "packetsReceived",
      sum(way.received, (stream) => at(stream, stream.packets, from)),
      "packets",
    ],
    [
      "inbound-rtp",
      "totalAudioEnergy",
      most(way.received, (stream) => at(stream, stream.level, from)),
      "RMS",
    ],
  ];
  return {
    severity: "critical",
    from,
    to,
    person: receiver,
    scope: { kind: "audio", direction: "inbound", ...(peer === null ? {} : { peerParticipantId: peer }) },
    evidence: [
      evidence("derived", "failedPoint", point, "", from, to),
      ...items.flatMap(([stat, field, value, unit]) =>
        value === null ? [] : [evidence(stat, field, value, unit, from, to)],
      ),
    ],
    explanations: explanationsOf(point, from, to),
    causedIn: [sender, receiver],
  };
}

function explanationsOf(point: FailedPoint, from: number, to: number): Explanation[] {
  const found = {
    family: "points",
    text: {
      sent: "the microphone had sound and nothing was sent",
      received: "sound was sent and nothing of it arrived",
      played: "it arrived and nothing of it was heard",
    }[point],
    weight: weights.direct,
    from,
    to,
  };
  const domains = {
    sent: ["publisher-device", "application"],
    received: ["publisher-uplink", "receiver-downlink"],
    played: ["receiver-device", "application"],
  } as const;
  return domains[point].map((faultDomain) => ({
    faultDomain,
    for: [found],
    against: [],
    cap: oneSidedConfidence,
  }));
}
