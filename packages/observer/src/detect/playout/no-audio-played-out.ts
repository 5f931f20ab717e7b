import { isPlayed } from "../../model/media-elements.ts";
import type { InboundStream } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, hasEnough, pageIsHidden } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import type { InboundInterval } from "../../derive/inbound-interval.ts";

export const definition: ObservationDefinition = {
  id: "no-audio-played-out",
  category: "playout",
  tier: "A",
  title: "Received sound is not played out",
  meaning:
    "Packets of sound arrive, and nothing of them leaves the jitter buffer: the loudspeaker takes nothing.",
  domainHint: "receiver-device",
  effect: false,
  severities: ["info", "major"],
  unit: "s",
  levels: [{ severity: "major", on: 4.95, clear: 1 }],
  on: { rule: "now" },
  // Two steps, less the jitter of sampling timers.
  clearSeconds: 3.5,
  onText:
    "packets arrive and no sample leaves the jitter buffer for 5 s; info when no element is known to play the track",
  clearText: "samples leave the buffer for 2 steps",
  evidence: [
    "inbound-rtp.packetsReceived",
    "inbound-rtp.jitterBufferEmittedCount",
    "inbound-rtp.totalSamplesReceived",
    "media-element.paused",
  ],
  exceptions: [
    { when: "every element that has the track is paused: that is `playback-blocked`, or meant" },
    { when: "the app switched the received track off" },
    { when: "nothing plays the track by design: it is info where no element is known" },
    { guard: "G12", when: "hardly a packet arrives" },
    { guard: "G14", when: "the far end or the app ended it" },
  ],
  blindIn: "",
  signals: [
    { family: "inbound-rtp", weight: 0.6, text: "packets arrived and nothing of them was played out" },
    { family: "media-element", weight: 0.5, text: "the page itself plays the track aloud" },
  ],
  thresholds: {},
};

/** Packets received, nothing emitted. */
export const noAudioPlayedOut: Detector = {
  definition,
  onStep(view: View): void {
    const { interval, board } = view;
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "audio") continue;
      const { stream } = inbound;
      const emitted = inbound.jitterBufferEmittedCount ?? inbound.totalSamplesReceived;
      if (emitted === null) {
        board.absent(definition, "inbound-rtp.jitterBufferEmittedCount");
        continue;
      }
      board.present(definition);
      if (emitted > 0 && stream.unplayedSince === null) continue;
      judge(view, inbound, stream, emitted);
    }
  },
};

function judge(view: View, inbound: InboundInterval, stream: InboundStream, emitted: number): void {
  const { interval, board, model } = view;
  const { from, to } = interval;
  const { subject } = stream;
  if (emitted > 0) {
    board.vote(definition, subject, from, to, 0);
    if (board.open(definition, subject) === null) stream.unplayedSince = null;
    return;
  }
  if (!hasEnough(inbound) || isExpected(view, stream)) {
    if (board.open(definition, subject) === null) stream.unplayedSince = null;
    return;
  }
  stream.unplayedSince ??= from;
  const since = stream.unplayedSince;
  const change = board.vote(definition, subject, since, to, (to - since) / 1000);
  if (change === null || change.kind !== "opened") return;
  const { trackId } = subject.scope;
  const isKnown = trackId !== undefined && isPlayed(model.mediaElements, trackId, "audio");
  attach(change, [
    ...known("inbound-rtp", "packetsReceived", inbound.packetsReceived, "packets", from, to),
    ...known("inbound-rtp", "jitterBufferEmittedCount", inbound.jitterBufferEmittedCount, "", from, to),
    ...known("inbound-rtp", "totalSamplesReceived", inbound.totalSamplesReceived, "", from, to),
    ...(isKnown ? [evidence("media-element", "paused", false, "", from, to)] : []),
  ]);
  if (isKnown) return;
  // Chromium emits nothing for a track that nothing plays: whether that was meant is not known here.
  change.record.severity = "info";
  change.record.missing = ["media-element-changed"];
}

/** Paused or switched off, by the app or by whoever; ended; or in a page of which nobody expects sound yet. */
function isExpected({ model, connection, interval }: View, stream: InboundStream): boolean {
  const { trackId } = stream.subject.scope;
  if (connection.state !== "connected" || pageIsHidden(model, interval.to)) return true;
  if (endIsIntended(model, connection, stream)) return true;
  if (trackId === undefined) return false;
  if (model.tracks.get(trackId)?.enabled === false) return true;
  let isThere = false;
  for (const element of model.mediaElements.values()) {
    if (!element.trackIds.includes(trackId)) continue;
    isThere = true;
    if (!element.paused) return false;
  }
  return isThere;
}
