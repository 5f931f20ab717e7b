import { shownBy } from "../../model/media-elements.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isSettling, isSwitchingLayer, justSized, pageIsHidden } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** What costs less is not worth a word. */
  minimumBitsPerSecond: 100_000,
};

export const definition: ObservationDefinition = {
  id: "video-larger-than-shown",
  category: "application",
  tier: "B",
  title: "Picture received much larger than shown",
  meaning:
    "This client receives many more pixels than the page shows: bit rate and computing power are wasted.",
  domainHint: "application",
  effect: false,
  severities: ["minor"],
  unit: "times",
  levels: [{ severity: "minor", on: 4, clear: 2 }],
  on: { rule: "for", seconds: 30 },
  clearSeconds: 30,
  onText:
    "more than 4 times the pixels of the largest element that shows the track, for 30 s, at more than 100 kbit/s; the whole area of the element counts",
  clearText: "below 2 times for 30 s",
  evidence: [
    "inbound-rtp.frameWidth",
    "inbound-rtp.frameHeight",
    "media-element-changed.displayWidth",
    "media-element-changed.displayHeight",
    "inbound-rtp.bytesReceived",
    "derived.wastedBitrate",
  ],
  exceptions: [
    { guard: "G2", when: "the page is hidden" },
    { when: "the element changed its size a moment ago, as between full screen and tile" },
    { when: "no element shows the track: it may be recorded, or drawn by the page itself" },
    { when: "it costs less than 100 kbit/s" },
    { guard: "G5", when: "a layer is being switched" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
  ],
  blindIn: "Not computable where nothing tells which element shows a track, and how large.",
  signals: [
    { family: "inbound-rtp", weight: 0.6, text: "far more pixels arrive than the page shows" },
    { family: "media-element", weight: 0.5, text: "the page itself told how large it shows them" },
  ],
  thresholds,
};

/** Receives far more pixels than displayed. */
export const videoLargerThanShown: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    const { minimumBitsPerSecond } = board.thresholds(definition, thresholds);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "video") continue;
      const { stream } = inbound;
      const { frameWidth: width, frameHeight: height } = inbound.now;
      if (inbound.bytesReceived === null || width === null || height === null) continue;
      const element = shownBy(model.mediaElements, stream.subject.scope.trackId);
      if (element === null) {
        board.absent(definition, "media-element-changed");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        pageIsHidden(model, to) ||
        justSized(element, to) ||
        isSwitchingLayer(stream, to) ||
        isSettling(model, connection, stream, to) ||
        endIsIntended(model, connection, stream);
      // With object-fit: cover a picture fills all of its element.
      const times = (width * height) / (element.displayWidth * element.displayHeight);
      const bitrate = (8 * inbound.bytesReceived) / inbound.seconds;
      const cheap = bitrate <= minimumBitsPerSecond;
      const value = excluded ? null : cheap ? 0 : times;
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      attach(change, [
        evidence("inbound-rtp", "frameWidth", width, "px", from, to),
        evidence("inbound-rtp", "frameHeight", height, "px", from, to),
        evidence("media-element-changed", "displayWidth", element.displayWidth, "px", from, to),
        evidence("media-element-changed", "displayHeight", element.displayHeight, "px", from, to),
        evidence("inbound-rtp", "bytesReceived", bitrate, "bit/s", from, to),
        ...known("derived", "wastedBitrate", times > 1 ? bitrate * (1 - 1 / times) : null, "bit/s", from, to),
      ]);
    }
  },
};
