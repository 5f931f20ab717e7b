import type {
  Evidence,
  FaultDomain,
  Observation,
  ObservationScope,
  SessionAnalysis,
  Severity,
} from "@peerscope/schema";
import type { CallWindow } from "../attribute/call-windows.ts";
import type { Explanation } from "../attribute/confidence.ts";
import type { Leg } from "../attribute/joins.ts";
import type { ObservationDefinition } from "./definition.ts";

/** Something noticed by one person that an observation of another one explains. */
export interface SessionLink {
  readonly receiver: number;
  readonly effect: Observation;
  readonly sender: number;
  readonly cause: Observation;
  /** What it is about: capture or computing power, the sender's way to the server, or a path whose two ends look the same. */
  readonly through: "device" | "uplink" | "path";
}

/** What a detector sees of a call. People are places in `sessions`, which are in the order of their ids. */
export interface CallView {
  readonly sessions: readonly SessionAnalysis[];
  /** Media goes over a server, so that each leg is measured on its own. */
  readonly overServer: boolean;
  readonly legs: readonly Leg[];
  readonly windows: readonly CallWindow[];
  readonly links: readonly SessionLink[];
  /** The definition with the thresholds of the project. */
  inForce(definition: ObservationDefinition): ObservationDefinition;
  /** The named constants of a rule, with the project's value where it has one. */
  thresholds<Constants extends { readonly [name: string]: number }>(
    definition: ObservationDefinition,
    catalogued: Constants,
  ): Constants;
}

/** Whose effects a finding explains; absent members do not narrow it. */
export interface Reach {
  readonly person: number;
  readonly pcId?: string;
  readonly ssrc?: number;
}

/** What a detector of the call found. */
export interface CallFinding {
  readonly severity: Severity;
  readonly from: number;
  readonly to: number;
  /** Whom it is about; null: the call. */
  readonly person: number | null;
  readonly scope?: Omit<ObservationScope, "sessionId" | "participantId">;
  readonly peak?: Evidence;
  readonly evidence: readonly Evidence[];
  readonly counter?: readonly Evidence[];
  readonly missing?: readonly string[];
  /** Left out: that of the definition. */
  readonly domainHint?: FaultDomain;
  /** What speaks for which domain, where the definition's standing signals do not say it. */
  readonly explanations?: readonly Explanation[];
  /** In whose sessions its cause may lie. */
  readonly causedIn: readonly number[];
  readonly explains?: readonly Reach[];
  /** The observation that explains it, where the detector knows it. */
  readonly parent?: Observation;
}

/** One observation of a call: its definition as data and how it is recognised. Pure: the sessions say it all. */
export interface CallDetector {
  readonly definition: ObservationDefinition;
  detect(view: CallView): readonly CallFinding[];
}
