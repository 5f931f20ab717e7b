import { readCandidateLine } from "../candidate.ts";
import { objectOf } from "../json.ts";
import { reduceAddresses, reduceData, reduceUrl } from "../redact.ts";
import type { MethodFrame, Outcome, Tell } from "./method-frame.ts";

/** onicecandidate. */
export function candidateGathered({ value, connectionId }: MethodFrame, tell: Tell): Outcome {
  const { candidate, url, relayProtocol } = objectOf(value);
  const line = typeof candidate === "string" ? readCandidateLine(candidate) : null;
  // Null and the empty one are the end of the list.
  if (line === null) return value === null || candidate === "" ? "empty" : "invalid";
  tell(
    "ice-candidate-gathered",
    {
      ...line,
      ...(typeof url === "string" ? { url: reduceAddresses(reduceUrl(url)) } : {}),
      ...(typeof relayProtocol === "string" ? { relayProtocol: relayProtocol.slice(0, 20) } : {}),
    },
    connectionId,
  );
  return "read";
}

/** onicecandidateerror. */
export function candidateFailed({ value, connectionId }: MethodFrame, tell: Tell): Outcome {
  const { errorCode, errorText, url, address, port, hostCandidate } = objectOf(value);
  if (typeof errorCode !== "number") return "invalid";
  const from = address ?? (typeof hostCandidate === "string" ? hostCandidate.replace(/:\d*$/, "") : null);
  tell(
    "ice-candidate-failed",
    reduceData({
      errorCode,
      errorText: errorText ?? "",
      url: url ?? "",
      address: from,
      port: port ?? null,
    }),
    connectionId,
  );
  return "read";
}
