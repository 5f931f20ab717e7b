import type { FaultDomain, Observation } from "@peerscope/schema";
import { type Signal, weights } from "./confidence.ts";
import { capped, type Explained, single } from "./explained.ts";
import { signal } from "./signals.ts";

/* What two ends did not agree on. Who of them is at fault only the messages between them tell, unless the browser says it. */

function valueOf({ evidence }: Observation, stat: string, field: string): unknown {
  return evidence.find((item) => item.stat === stat && item.field === field)?.value;
}

/** Several that may be at fault, and what would tell. */
function oneOf(domains: readonly FaultDomain[], support: Signal, what: string, why: string): Explained {
  return {
    explanations: domains.map((faultDomain) => capped(faultDomain, [support])),
    missing: [{ what, why, wouldDecide: domains }],
  };
}

/** An offer without answer. With a server the server or the app's messages to it are late; else it is an app at either end. */
export function stalledNegotiation(cause: Observation): Explained {
  const waiting = signal(
    cause,
    "signaling-state",
    weights.direct,
    "the next step of the exchange did not come",
  );
  if (cause.domainHint === "sfu") {
    return oneOf(
      ["application", "sfu"],
      waiting,
      "the server's log of this exchange",
      "it shows whether the offer arrived there, and when the answer was sent",
    );
  }
  const stands = valueOf(cause, "peer-connection", "connectionState") === "connected";
  if (!stands) return single("application", [waiting]);
  return single("application", [
    waiting,
    signal(cause, "ice", weights.control, "the connection itself stands"),
  ]);
}

/** A refused medium. Only the codecs of both ends prove that they share none; an app may also refuse what it does not want. */
export function refusedMedium(cause: Observation): Explained {
  if (valueOf(cause, "derived", "commonCodecs") === 0) {
    return single("application", [
      signal(cause, "event", weights.definitive, "the codecs of both ends have none in common"),
    ]);
  }
  return single("application", [signal(cause, "event", weights.direct, "the answer refused the medium")]);
}

/** Refused candidates. */
export function refusedCandidates(cause: Observation): Explained {
  const support = [signal(cause, "event", weights.direct, "the browser refused candidates of the far end")];
  if (valueOf(cause, "derived", "takenCandidates") === 0) {
    support.push(signal(cause, "candidates", weights.secondary, "it had no other one to try"));
  }
  return single("application", support);
}

/** A handshake that failed. A fingerprint that does not fit is a description that was mixed up; all else may be either. */
export function failedHandshake(cause: Observation): Explained {
  if (valueOf(cause, "event", "errorDetail") === "fingerprint-failure") {
    return single("application", [
      signal(cause, "event", weights.definitive, "the certificate is not the one that was signalled"),
    ]);
  }
  return oneOf(
    ["application", "browser"],
    signal(cause, "dtls", weights.direct, "the path worked, and the handshake over it did not end well"),
    "the other side's recording",
    "it shows what the handshake looked like there",
  );
}
