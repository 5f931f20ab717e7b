import type { StatsObject } from "@peerscope/schema";
import { ExtensionError } from "./extension-error.ts";

/** One statistics object in two reports of its connection. */
export interface StatsInterval {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** By the timestamps of the object itself; always above 0. */
  readonly seconds: number;
  readonly now: StatsObject;
  readonly before: StatsObject;
  /** A finite number of the newer report, else null. */
  readonly value: (member: string) => number | null;
  /** Growth of a counter; null when it is missing, went backwards, or belongs to another SSRC than before. */
  readonly growth: (member: string) => number | null;
  /** Another object of the newer report, by id: `related(now.codecId)`. */
  readonly related: (id: unknown) => StatsObject | null;
}

/** A value of the project's own, computed from two samples of one statistics object. */
export interface CustomMetric {
  /** Lower-case words with hyphens. Charts know it as `custom:<id>`. */
  readonly id: string;
  /** "ms", "%", "bit/s", "frames/s", … */
  readonly unit: string;
  /** One sentence. */
  readonly meaning: string;
  /** Type of the statistics object it is computed on: "inbound-rtp", "media-source", "candidate-pair", … */
  readonly stats: string;
  /** Which objects of that type; left out: all of them. */
  readonly when?: (stats: StatsObject) => boolean;
  /** The value over the interval; null where the browser does not report what it needs. Must not depend on anything but its argument. */
  readonly compute: (interval: StatsInterval) => number | null;
}

export const customId: RegExp = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Checks and returns a metric, so that a mistake is found when it is written and not in a call.
 * @throws ExtensionError `metric-invalid`
 */
export function defineMetric(metric: CustomMetric): CustomMetric {
  const wrong = (what: string): never => {
    throw new ExtensionError("metric-invalid", `${metric.id}: ${what}`);
  };
  if (typeof metric.id !== "string" || !customId.test(metric.id) || metric.id.length > 60) {
    wrong('the id must be lower-case words with hyphens, like "frames-per-key-frame"');
  }
  if (typeof metric.compute !== "function") wrong("compute must be a function");
  if (typeof metric.stats !== "string" || metric.stats === "")
    wrong('stats must name a type, like "inbound-rtp"');
  return Object.freeze({ ...metric });
}
