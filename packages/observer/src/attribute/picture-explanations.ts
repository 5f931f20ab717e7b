import type { FaultDomain, Observation } from "@peerscope/schema";
import { type Explanation, type Signal, oneSidedConfidence, weights } from "./confidence.ts";
import type { Explained } from "./explanations.ts";
import { signal } from "./signals.ts";

/** A picture that arrives and is not decoded: where it stops says who may have stopped it, never who did. */
export function stalledPicture(cause: Observation): Explained {
  const variant = cause.evidence.find(({ field }) => field === "stallVariant")?.value;
  const missing = [
    {
      what: "the other side's recording",
      why: "it shows whether the requests arrived, and what was sent then",
      wouldDecide: ["publisher-device", "publisher-uplink", "sfu"] as const,
    },
  ];
  if (variant === "decode") {
    const undecoded = direct(cause, "whole frames arrived and none was decoded");
    const codec = signal(
      cause,
      "inbound-rtp",
      weights.pattern,
      "a codec or parameters that do not match look the same",
    );
    return {
      explanations: [capped("receiver-device", [undecoded]), capped("application", [codec])],
      missing: [],
    };
  }
  if (variant === "key frame") {
    const unanswered = direct(cause, "nothing was missing, and requests for a whole picture went unanswered");
    return { explanations: [capped("remote", [unanswered])], missing };
  }
  const holes = direct(cause, "frames had holes that were not filled");
  const domains: FaultDomain[] = ["publisher-uplink", "receiver-downlink", "sfu"];
  return { explanations: domains.map((domain) => capped(domain, [holes])), missing };
}

function direct(cause: Observation, text: string): Signal {
  return signal(cause, "inbound-rtp", weights.direct, text);
}

function capped(faultDomain: FaultDomain, support: readonly Signal[]): Explanation {
  return { faultDomain, for: support, against: [], cap: oneSidedConfidence };
}
