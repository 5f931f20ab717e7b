import type { FaultDomain, ObservationWords, Severity } from "@peerscope/schema";

/** One severity level: raised above `on`, let go below `clear`, both in `unit` of the definition. */
export interface Level {
  readonly severity: Severity;
  readonly on: number;
  readonly clear: number;
}

/** How often a condition must be true before it is raised. */
export type OnRule =
  /** True in `need` of the last `of` judged steps. */
  | {
      readonly rule: "share";
      readonly need: number;
      readonly of: number;
      /** A step above this many times the level counts twice: what is far beyond it needs less time to be believed. */
      readonly strong?: number;
      /** Bad steps of other streams on the same way count too, those of the same time once. */
      readonly joint?: true;
    }
  /** True in every judged step of the last `seconds`. */
  | { readonly rule: "for"; readonly seconds: number }
  /** At once: an event, or a value that is already taken over a window. */
  | { readonly rule: "now" };

/** Part of the call that an observation is about; its folder and its chapter of the reference. */
export type ObservationCategory =
  | "setup"
  | "ice-turn"
  | "dtls"
  | "capture"
  | "cpu"
  | "network-uplink"
  | "network-downlink"
  | "remote"
  | "server"
  | "application"
  | "browser"
  | "playout"
  | "av-sync"
  | "call-level";

/** Guards of the catalogue, section 1.2. */
export type Guard = `G${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18}`;

/** An expected state, or a false positive that is known: it does not raise the observation, and a test proves it. */
export interface Exception {
  readonly guard?: Guard;
  /** Completes "Not raised when …". */
  readonly when: string;
}

/** What an observation says about its fault domain whenever it is raised; see the weights of `attribute/confidence.ts`. */
export interface StandingSignal {
  /** Signals of one counter family count once. */
  readonly family: string;
  /** 0.9 definitive, 0.6 direct, 0.5 clean control, 0.4 secondary, 0.3 pattern. */
  readonly weight: number;
  readonly text: string;
}

/** An observation as data: what the catalogue page and every reader is generated from or tested against. */
export interface ObservationDefinition {
  readonly id: string;
  readonly category: ObservationCategory;
  /** A: from statistics and events of any browser. B: a hint, or needs what few browsers or apps give. */
  readonly tier: "A" | "B";
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
  /** Expected states that do not raise it. */
  readonly exceptions: readonly Exception[];
  /** Where it cannot be computed, as a sentence; "" when every supported browser reports what it needs. */
  readonly blindIn: string;
  /** What speaks for `domainHint` of the record; left out where `attribute/explanations.ts` weighs more than that. */
  readonly signals?: readonly StandingSignal[];
  /** Of an observation that a project defined itself; those of the catalogue have theirs in `words`. */
  readonly words?: ObservationWords;
  /** Named constants of the rule besides its levels, in the unit their name ends with. */
  readonly thresholds: { readonly [name: string]: number };
}
