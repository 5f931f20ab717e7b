import type { FaultDomain, Severity } from "@peerscope/schema";

/** One severity level: raised above `on`, let go below `clear`, both in `unit` of the definition. */
export interface Level {
  readonly severity: Severity;
  readonly on: number;
  readonly clear: number;
}

/** How often a condition must be true before it is raised. */
export type OnRule =
  /** True in `need` of the last `of` judged steps. */
  | { readonly rule: "share"; readonly need: number; readonly of: number }
  /** True in every judged step of the last `seconds`. */
  | { readonly rule: "for"; readonly seconds: number }
  /** At once: an event, or a value that is already taken over a window. */
  | { readonly rule: "now" };

/** An observation as data: what the catalogue page and every reader is generated from or tested against. */
export interface ObservationDefinition {
  readonly id: string;
  readonly category: "setup" | "ice-turn" | "capture" | "network-uplink" | "network-downlink";
  readonly title: string;
  /** One sentence: what it says about the call. */
  readonly meaning: string;
  readonly domainHint: FaultDomain;
  /** An effect has a cause elsewhere; it is never stated as the cause itself. */
  readonly effect: boolean;
  /** Severities it can have, mildest first. */
  readonly severities: readonly Severity[];
  /** What the levels are measured in; "" for observations without a magnitude. */
  readonly unit: string;
  readonly levels: readonly Level[];
  readonly on: OnRule;
  /** Seconds below the clear value before a level is let go; 0: at once. */
  readonly clearSeconds: number;
  /** In words, for the reference page. */
  readonly onText: string;
  readonly clearText: string;
  /** Evidence fields as `stat.field`, stable names. */
  readonly evidence: readonly string[];
  /** Named constants of the rule besides its levels, in the unit their name ends with. */
  readonly thresholds: { readonly [name: string]: number };
}
