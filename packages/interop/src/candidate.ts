import type { SeenCandidate } from "@peerscope/schema";
import { reduceAddresses } from "./redact.ts";

/** Characters of a candidate line that are looked at. Ours: real ones have some 200. */
const maxCharacters = 2_000;

/** What a candidate line (RFC 8839, with or without "candidate:") says of the way, as the SDK records it; null when it is none. */
export function readCandidateLine(line: string): SeenCandidate | null {
  const words = line.slice(0, maxCharacters).trim().split(/\s+/);
  const [, , protocol, , address, port, typ, type] = words;
  if (typ !== "typ" || type === undefined || address === undefined) return null;
  const number = Number(port);
  return {
    type,
    protocol: protocol?.toLowerCase() ?? null,
    address: reduceAddresses(address),
    port: Number.isInteger(number) ? number : null,
  };
}
