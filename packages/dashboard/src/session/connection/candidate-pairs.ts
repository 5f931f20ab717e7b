import type { JsonValue, StatsObject } from "@peerscope/schema";

/** One end of a pair, in the words of the W3C. */
export interface PairEnd {
  /** "host", "srflx", "prflx" or "relay"; null when the candidate is not in the report. */
  readonly candidateType: string | null;
  readonly protocol: string | null;
  /** How the browser reaches its relay: "udp", "tcp" or "tls". */
  readonly relayProtocol: string | null;
  /** Network part of the address, as it was recorded. */
  readonly address: string | null;
  readonly port: number | null;
  readonly networkType: string | null;
  /** STUN or TURN server it came from. */
  readonly url: string | null;
}

/** A candidate pair of one report. */
export interface CandidatePair {
  readonly id: string;
  readonly local: PairEnd;
  readonly remote: PairEnd;
  readonly state: string | null;
  readonly nominated: boolean;
  /** Media goes this way. */
  readonly selected: boolean;
  readonly roundTripTimeMs: number | null;
  readonly bytesSent: number | null;
  readonly bytesReceived: number | null;
  readonly requestsSent: number | null;
  readonly responsesReceived: number | null;
}

/** The candidate pairs of a report: the selected one first, then by what they carried. */
export function candidatePairs(stats: readonly StatsObject[]): CandidatePair[] {
  const byId = new Map(stats.map((object) => [object.id, object]));
  const selected = new Set(
    stats.flatMap((object) => {
      const id = object.type === "transport" ? object["selectedCandidatePairId"] : undefined;
      return typeof id === "string" ? [id] : [];
    }),
  );
  const endOf = (id: JsonValue | undefined): PairEnd =>
    toEnd(typeof id === "string" ? byId.get(id) : undefined);
  const pairs = stats
    .filter((object) => object.type === "candidate-pair")
    .map((pair): CandidatePair => {
      const seconds = numberOf(pair["currentRoundTripTime"]);
      return {
        id: pair.id,
        local: endOf(pair["localCandidateId"]),
        remote: endOf(pair["remoteCandidateId"]),
        state: textOf(pair["state"]),
        nominated: pair["nominated"] === true,
        // Firefox has no transport object in some versions and marks the pair itself.
        selected: selected.has(pair.id) || pair["selected"] === true,
        roundTripTimeMs: seconds === null ? null : seconds * 1000,
        bytesSent: numberOf(pair["bytesSent"]),
        bytesReceived: numberOf(pair["bytesReceived"]),
        requestsSent: numberOf(pair["requestsSent"]),
        responsesReceived: numberOf(pair["responsesReceived"]),
      };
    });
  const carried = (pair: CandidatePair): number => (pair.bytesSent ?? 0) + (pair.bytesReceived ?? 0);
  return pairs.toSorted(
    (a, b) => Number(b.selected) - Number(a.selected) || carried(b) - carried(a) || (a.id < b.id ? -1 : 1),
  );
}

/** "relay over tls", "host udp": how one end is reached. */
export function endWords(end: PairEnd): string {
  if (end.candidateType === null) return "not in the report";
  const over = end.relayProtocol === null ? end.protocol : `over ${end.relayProtocol}`;
  return [end.candidateType, over].filter(Boolean).join(" ");
}

function toEnd(object: StatsObject | undefined): PairEnd {
  return {
    candidateType: textOf(object?.["candidateType"]),
    protocol: textOf(object?.["protocol"]),
    relayProtocol: textOf(object?.["relayProtocol"]),
    address: textOf(object?.["address"]) ?? textOf(object?.["ip"]),
    port: numberOf(object?.["port"]),
    networkType: textOf(object?.["networkType"]),
    url: textOf(object?.["url"]),
  };
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: JsonValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}
