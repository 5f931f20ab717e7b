import { topologyOf } from "../../attribute/topology.ts";
import type { Connection } from "../../model/connection.ts";
import { withoutPrompts } from "../../model/joining.ts";
import type { SessionModel } from "../../model/session.ts";
import type { InboundStream } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { pageIsHidden } from "../guards.ts";
import { evidence } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "join-slow",
  category: "setup",
  tier: "A",
  title: "It took long until the others could be heard or seen",
  meaning:
    "From joining until the first sound or picture of somebody else more time went by than connecting needs.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "major"],
  unit: "s",
  levels: [
    { severity: "minor", on: 5, clear: 4.9 },
    { severity: "major", on: 10, clear: 9.9 },
  ],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "once per session: the way to the first received sound or picture, over the connection that brings it; counted from its negotiation where a media server answers, else from the moment at which both ends agreed",
  clearText: "at once: it is said when it is over",
  evidence: [
    "derived.joinSeconds",
    "derived.longestPhase",
    "derived.signallingMs",
    "derived.gatheringMs",
    "derived.iceMs",
    "derived.dtlsMs",
    "derived.firstFrameMs",
    "derived.promptMs",
  ],
  exceptions: [
    { when: "the person takes time to allow microphone and camera: shown, and not counted" },
    {
      when: "nobody sends yet: the wait after connecting counts only while packets arrive and no picture is there",
    },
    { when: "a person at the far end takes time to accept the call" },
    { guard: "G17", when: "the person waits in a lobby before anything is negotiated" },
    { guard: "G2", when: "the page is hidden when the media comes" },
    { guard: "G8", when: "the machine slept meanwhile" },
  ],
  blindIn: "",
  thresholds: {},
};

/** First remote media came late. */
export const joinSlow: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { joining } = model;
    if (joining.judged || connection.connectedAt === null) return;
    const stream = firstMedia(connection, interval.inbound);
    if (stream === null) return;
    joining.judged = true;
    if (pageIsHidden(model, interval.to)) return;
    const phases = phasesOf(model, connection, { stream, sampledAt: interval.from });
    if ((connection.ice.wokeAt ?? 0) >= phases.from) return;
    const seconds = phases.countedMs / 1000;
    const change = board.vote(definition, connection.subject, phases.from, phases.to, seconds);
    if (change === null) return;
    const { from, to } = phases;
    attach(change, [
      evidence("derived", "joinSeconds", seconds, "s", from, to),
      evidence("derived", "longestPhase", phases.longest, "", from, to),
      ...phases.parts.map(({ name, ms }) => evidence("derived", name, ms, "ms", from, to)),
      evidence("derived", "promptMs", phases.promptMs, "ms", from, to),
    ]);
    board.clear(definition, connection.subject, to);
  },
};

/** A received stream that can be heard or seen. */
function firstMedia(connection: Connection, received: View["interval"]["inbound"]): InboundStream | null {
  for (const { stream } of received) {
    if (stream.joinedAt === null) continue;
    const { framesDecoded } = stream.latest;
    if (stream.kind === "audio" || framesDecoded === null || framesDecoded > 0) return stream;
  }
  return null;
}

interface Phases {
  readonly from: number;
  readonly to: number;
  readonly countedMs: number;
  readonly promptMs: number;
  readonly parts: readonly { readonly name: string; readonly ms: number }[];
  readonly longest: string;
}

/** How the time was spent. Every part is the shortest that fits what was seen. */
function phasesOf(
  model: SessionModel,
  { negotiation, handshake, attemptedAt, connectedAt, firstSeenAt, stateFromEvents }: Connection,
  { stream, sampledAt }: { readonly stream: InboundStream; readonly sampledAt: number },
): Phases {
  const { startedAt, firstSettledAt } = negotiation;
  // Without events the samples bound it: the earlier bound is taken.
  const seenAt = connectedAt ?? firstSeenAt;
  const connected = stateFromEvents ? seenAt : Math.min(seenAt, handshake.encryptedAt ?? seenAt);
  const agreed = Math.min(attemptedAt ?? connected, firstSettledAt ?? connected, connected);
  // Between two people an offer may wait until somebody accepts the call.
  const byServer = topologyOf(model) === "server";
  const from = byServer ? Math.min(startedAt ?? agreed, agreed) : agreed;
  // Packets that cannot be shown yet: proof that the far end sends. Audio needs no more than a packet.
  const hasPicture = stream.kind === "video" && stream.joinedAt !== null && sampledAt > stream.joinedAt;
  const firstFrameMs = hasPicture ? sampledAt - (stream.joinedAt ?? sampledAt) : 0;
  const countedMs = withoutPrompts(model.joining, from, connected) + firstFrameMs;
  const pathAt = Math.min(handshake.pathAt ?? connected, connected);
  const checking = Math.max(agreed, Math.min(handshake.checkingAt ?? agreed, pathAt));
  const gathering =
    handshake.gatheringAt === null || handshake.gatheredAt === null
      ? null
      : handshake.gatheredAt - handshake.gatheringAt;
  const spent = [
    { name: "signallingMs", ms: agreed - from },
    { name: "iceMs", ms: pathAt - checking },
    { name: "dtlsMs", ms: connected - pathAt },
    { name: "firstFrameMs", ms: firstFrameMs },
  ];
  const [longest] = [...spent].sort((a, b) => b.ms - a.ms);
  return {
    from,
    to: connected + firstFrameMs,
    countedMs,
    promptMs: connected - from - withoutPrompts(model.joining, from, connected),
    // Gathering goes on beside the others: it has a length and no share.
    parts: gathering === null ? spent : [...spent, { name: "gatheringMs", ms: gathering }],
    longest: longest === undefined ? "" : longest.name.slice(0, -2),
  };
}
