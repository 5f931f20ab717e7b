import type { FaultDomain, Observation } from "@peerscope/schema";
import { weights } from "./confidence.ts";
import { capped, type Explained } from "./explained.ts";
import { direct, signal } from "./signals.ts";

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
    const undecoded = direct(cause, "inbound-rtp", "whole frames arrived and none was decoded");
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
    const unanswered = direct(
      cause,
      "inbound-rtp",
      "nothing was missing, and requests for a whole picture went unanswered",
    );
    return { explanations: [capped("remote", [unanswered])], missing };
  }
  const holes = direct(cause, "inbound-rtp", "frames had holes that were not filled");
  const domains: FaultDomain[] = ["publisher-uplink", "receiver-downlink", "sfu"];
  return { explanations: domains.map((domain) => capped(domain, [holes])), missing };
}
