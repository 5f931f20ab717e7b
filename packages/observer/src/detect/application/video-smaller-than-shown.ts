import { shownBy, shownPixels } from "../../model/media-elements.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import {
  endIsIntended,
  isReplacingTrack,
  isScreenShare,
  isSettling,
  isSwitchingLayer,
  justSized,
  pageIsHidden,
} from "../guards.ts";
import { evidence } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /**
   * Pixels that a camera may be expected to send at most: 1920 x 1080. Ours: the catalogue takes what the source has where that is
   * less, and a receiver does not know it; without a limit each camera on a large full screen would be too small.
   */
  largestNeededPixels: 2_073_600,
};

export const definition: ObservationDefinition = {
  id: "video-smaller-than-shown",
  category: "application",
  tier: "A",
  title: "Picture shown much larger than received",
  meaning: "The page shows a picture on many more pixels than it has: it looks blurred.",
  // The app, the server or the sender's line chose the size; a receiver does not see which.
  domainHint: "unknown",
  effect: true,
  severities: ["minor"],
  unit: "times",
  levels: [{ severity: "minor", on: 4, clear: 2 }],
  on: { rule: "for", seconds: 20 },
  clearSeconds: 20,
  onText:
    "shown on more than 4 times the pixels that are received, for 20 s; more than 1920 x 1080 are not asked for, and a picture is taken as shown whole",
  clearText: "below 2 times for 20 s",
  evidence: [
    "inbound-rtp.frameWidth",
    "inbound-rtp.frameHeight",
    "media-element-changed.displayWidth",
    "media-element-changed.displayHeight",
    "inbound-rtp.packetsLost",
  ],
  exceptions: [
    { guard: "G5", when: "a layer is being switched" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
    { guard: "G2", when: "the page is hidden" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { when: "the element changed its size a moment ago" },
    { when: "it is a shared screen: a small window has no more pixels" },
  ],
  blindIn: "Not computable where nothing tells which element shows a track, and how large.",
  thresholds,
};

/** Shown larger than received. */
export const videoSmallerThanShown: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    const { largestNeededPixels } = board.thresholds(definition, thresholds);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "video") continue;
      const { stream } = inbound;
      const { frameWidth: width, frameHeight: height } = inbound.now;
      if (width === null || height === null || width * height === 0) continue;
      const element = shownBy(model.mediaElements, stream.subject.scope.trackId);
      if (element === null) {
        board.absent(definition, "media-element-changed");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        isScreenShare(model, stream) ||
        pageIsHidden(model, to) ||
        justSized(element, to) ||
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, "video", to) ||
        isSettling(model, connection, stream, to) ||
        // Nothing comes: its last size says nothing about what is sent.
        (inbound.framesDecoded ?? 0) === 0 ||
        endIsIntended(model, connection, stream);
      const needed = Math.min(largestNeededPixels, shownPixels(element, width, height));
      const value = excluded ? null : needed / (width * height);
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      attach(change, [
        evidence("inbound-rtp", "frameWidth", width, "px", from, to),
        evidence("inbound-rtp", "frameHeight", height, "px", from, to),
        evidence("media-element-changed", "displayWidth", element.displayWidth, "px", from, to),
        evidence("media-element-changed", "displayHeight", element.displayHeight, "px", from, to),
        evidence("inbound-rtp", "packetsLost", stream.sinceStep.newlyLost, "packets", from, to),
      ]);
    }
  },
};
