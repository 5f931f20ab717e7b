import type { FaultDomain, Observation } from "@peerscope/schema";
import type { SessionModel } from "../model/session.ts";
import type { OwnDefinitions } from "./causes.ts";
import { type Explanation, type Signal, oneSidedConfidence } from "./confidence.ts";
import type { Missing } from "./session-verdict.ts";
import type { Topology } from "./topology.ts";

/** What one side knows when it looks for the fault domain of a cause. */
export interface Situation {
  readonly model: SessionModel;
  readonly observations: readonly Observation[];
  readonly topology: Topology;
  readonly own?: OwnDefinitions;
  readonly end: number;
}

export interface Explained {
  readonly explanations: readonly Explanation[];
  readonly missing: readonly Missing[];
}

/** Whatever only the other end can tell. */
export const otherSide: Missing = {
  what: "the other side's recording",
  why: "both ends of the path see the same packets; only what one of them knows of its own device or network tells them apart",
  wouldDecide: ["publisher-uplink", "receiver-downlink"],
};

/** A domain that one end alone does not tell from others. */
export function capped(
  faultDomain: FaultDomain,
  support: readonly Signal[],
  against: readonly Signal[] = [],
): Explanation {
  return { faultDomain, for: support, against, cap: oneSidedConfidence };
}

/** One domain, of which nothing else is known. */
export function single(faultDomain: FaultDomain, support: readonly Signal[]): Explained {
  return { explanations: [{ faultDomain, for: support, against: [] }], missing: [] };
}
