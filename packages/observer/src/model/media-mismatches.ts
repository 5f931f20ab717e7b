import type { MediaSection } from "./descriptions.ts";
import type { Negotiation } from "./negotiation.ts";

/** A media section in which the two ends share nothing. */
export interface Mismatch {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly at: number;
  /** The answer refused the section; else it stands without a common codec. */
  readonly rejected: boolean;
  readonly localCodecs: readonly string[];
  readonly remoteCodecs: readonly string[];
  /** Unix ms when a later exchange ended it. */
  resolvedAt: number | null;
}

/** Ours. */
const maximumMismatches = 50;

/** Compares offer and answer once both stand. `answered` is true when this end gave the answer. */
export function noteMismatches(
  { local, remote, mismatches, stoppedMids }: Negotiation,
  answered: boolean,
  at: number,
): void {
  const offer = (answered ? remote : local)?.sections ?? null;
  const answer = (answered ? local : remote)?.sections ?? null;
  if (offer === null || answer === null) return;
  const found = new Set<string>();
  for (const [index, offered] of offer.entries()) {
    const given = answer[index];
    const { kind } = offered;
    const mid = offered.mid ?? String(index);
    if (given === undefined || (kind !== "audio" && kind !== "video")) continue;
    if (stoppedMids.has(mid) || !isMismatch(offered, given)) continue;
    found.add(mid);
    if (mismatches.get(mid)?.resolvedAt === null || mismatches.size >= maximumMismatches) continue;
    mismatches.set(mid, {
      mid,
      kind,
      at,
      rejected: given.rejected,
      localCodecs: (answered ? given : offered).codecs,
      remoteCodecs: (answered ? offered : given).codecs,
      resolvedAt: null,
    });
  }
  for (const mismatch of mismatches.values()) {
    if (!found.has(mismatch.mid)) mismatch.resolvedAt ??= at;
  }
}

/**
 * A section that is offered as inactive, or was ended before (its m-line stays, or is used again later), is meant to be so. One
 * that only asks to receive and is refused has nobody who wanted to send.
 */
function isMismatch(offered: MediaSection, given: MediaSection): boolean {
  if (offered.rejected || offered.direction === "inactive") return false;
  if (given.rejected) return offered.direction !== "recvonly";
  if (given.direction === "inactive" || offered.codecs.length === 0 || given.codecs.length === 0)
    return false;
  return !offered.codecs.some((name) => given.codecs.includes(name));
}
