/*
 * An observation of your own: the picture that arrives is smaller than your app promises.
 *
 *   npx peerscope analyze --extension examples/custom-observation/extension.mjs <recording>
 *
 * A metric is computed on every statistics object of one type, an observation judges it every two seconds with the same
 * hysteresis as those of the catalogue.
 */
import { defineMetric, defineObservation } from "@peerscope/observer";

/** What the app promises, in pixels. */
const promisedHeight = 720;

export const missingHeight = defineMetric({
  id: "missing-height",
  unit: "px",
  meaning: "By how much the received picture is lower than promised.",
  stats: "inbound-rtp",
  when: (stats) => stats["kind"] === "video",
  compute({ value, growth }) {
    const height = value("frameHeight");
    // Nothing was decoded in between: the size is an old one.
    return height === null || (growth("framesDecoded") ?? 0) === 0
      ? null
      : Math.max(0, promisedHeight - height);
  },
});

export default defineObservation({
  id: "picture-below-promise",
  title: "Received picture smaller than promised",
  meaning: `The picture arrived with less than ${promisedHeight} lines.`,
  support: "Nothing to change on this person's side.",
  developer: "Look at what the sender's encoder was given, and at the layer that the server chose.",
  domain: "remote",
  effect: true,
  metric: missingHeight,
  levels: [
    { severity: "info", on: 0, clear: 0 },
    { severity: "minor", on: 300, clear: 200 },
  ],
  on: { rule: "for", seconds: 10 },
});
