import type { FaultDomain } from "@peerscope/schema";
import type { Undecoded } from "../../model/received-media.ts";
import { type Change, attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, pageIsHidden } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Less than this may be padding and probes. */
  minimumBitsPerSecond: 10_000,
  /** Requests for a whole picture: the receiver itself says that it cannot go on. */
  keyFrameRequests: 2,
  /** A request takes a round trip, and may be lost: so many round trips are waited for an answer. */
  roundTrips: 15,
};

export const definition: ObservationDefinition = {
  id: "video-stalled",
  category: "network-downlink",
  tier: "A",
  title: "Picture arrives and is not decoded",
  meaning: "Packets of a picture arrived, and for seconds no frame came out of them.",
  domainHint: "unknown",
  effect: false,
  severities: ["major", "critical"],
  unit: "s",
  // 4 and 10 s, less the 50 ms for which Chromium caches getStats.
  levels: [
    { severity: "major", on: 3.95, clear: 0.5 },
    { severity: "critical", on: 9.95, clear: 0.5 },
  ],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "no frame decoded for 4 s (critical: 10 s) and 15 round trips while at least 10 kbit/s arrive, and at least 2 requests for a whole picture",
  clearText: "a frame is decoded",
  evidence: [
    "derived.stalledSeconds",
    "derived.stallVariant",
    "inbound-rtp.bytesReceived",
    "inbound-rtp.framesReceived",
    "inbound-rtp.framesDecoded",
    "inbound-rtp.pliCount",
    "inbound-rtp.nackCount",
    "inbound-rtp.packetsLost",
    "candidate-pair.currentRoundTripTime",
  ],
  exceptions: [
    { guard: "G2", when: "the page is hidden" },
    { guard: "G18", when: "what arrives is so little that it may be padding or probes" },
    { when: "nobody asked for a whole picture: the sender stands still" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "",
  thresholds,
};

/** Packets arrive, no frame is decoded. */
export const videoStalled: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const limits = board.thresholds(definition, thresholds);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "video") continue;
      const { stream } = inbound;
      const { pliCount, firCount, framesDecoded } = inbound;
      if (
        framesDecoded === null ||
        inbound.bytesReceived === null ||
        (pliCount === null && firCount === null)
      ) {
        board.absent(
          definition,
          framesDecoded === null ? "inbound-rtp.framesDecoded" : "inbound-rtp.pliCount",
        );
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const { media } = stream;
      const { undecoded } = media;
      if (undecoded === null) {
        board.present(definition);
        if (media.stalled) clear({ interval, board }, stream.subject, framesDecoded);
        media.stalled = false;
        continue;
      }
      const stalledMs = to - undecoded.since;
      const rttMs = 1000 * (interval.path?.pair.currentRoundTripTime ?? 0);
      if (
        stalledMs <= 0 ||
        stalledMs < limits.roundTrips * rttMs ||
        undecoded.keyFrameRequests < limits.keyFrameRequests ||
        (8000 * undecoded.bytes) / stalledMs < limits.minimumBitsPerSecond ||
        pageIsHidden(model, to) ||
        endIsIntended(model, connection, stream)
      ) {
        continue;
      }
      const bad = { from: undecoded.since };
      const change = board.vote(definition, stream.subject, from, to, stalledMs / 1000, bad);
      if (change === null) continue;
      media.stalled = true;
      describe(change, undecoded, rttMs, to);
    }
  },
};

function describe(change: Change, undecoded: Undecoded, rttMs: number, to: number): void {
  const { since } = undecoded;
  const variant = variantOf(undecoded);
  attach(
    change,
    [
      evidence("derived", "stalledSeconds", (to - since) / 1000, "s", since, to),
      ...known("derived", "stallVariant", variant, "", since, to),
      evidence("inbound-rtp", "bytesReceived", undecoded.bytes, "bytes", since, to),
      ...known("inbound-rtp", "framesReceived", undecoded.framesReceived, "frames", since, to),
      evidence("inbound-rtp", "framesDecoded", 0, "frames", since, to),
      evidence("inbound-rtp", "pliCount", undecoded.keyFrameRequests, "", since, to),
      evidence("inbound-rtp", "nackCount", undecoded.retransmissionRequests, "", since, to),
      evidence("inbound-rtp", "packetsLost", undecoded.packetsLost, "packets", since, to),
      ...known("candidate-pair", "currentRoundTripTime", rttMs > 0 ? rttMs : null, "ms", since, to),
    ],
    variant === null ? "unknown" : domains[variant],
  );
}

type Variant = "assembly" | "key frame" | "decode";

/** Holes and unanswered requests may come from any part of the way, or from its start. */
const domains: { readonly [V in Variant]: FaultDomain } = {
  assembly: "unknown",
  "key frame": "remote",
  decode: "receiver-device",
};

/** Where it stops: frames have holes, no whole picture is sent, or the decoder takes none. Null: not told. */
function variantOf({ framesReceived, packetsLost, retransmissionRequests }: Undecoded): Variant | null {
  if (framesReceived === null) return null;
  if (framesReceived > 0) return "decode";
  return packetsLost > 0 || retransmissionRequests > 0 ? "assembly" : "key frame";
}

function clear(
  { interval, board }: Pick<View, "interval" | "board">,
  subject: Parameters<View["board"]["clear"]>[1],
  framesDecoded: number,
): void {
  const { from, to } = interval;
  const record = board.clear(definition, subject, to);
  if (record !== null) {
    record.clearEvidence = [evidence("inbound-rtp", "framesDecoded", framesDecoded, "frames", from, to)];
  }
}
