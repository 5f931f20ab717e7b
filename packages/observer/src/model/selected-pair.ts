import type { PairStats, Report } from "./report.ts";

/**
 * The pair that carries the media. Differences between browsers, by feature:
 * `transport.selectedCandidatePairId` (Chromium, Safari, Firefox 153), else the pair that says `selected`
 * (older Firefox), else the nominated one that succeeded with most bytes (scoring reference 2.2).
 */
export function selectedPair(report: Report): PairStats | null {
  for (const transport of report.transports.values()) {
    if (transport.selectedCandidatePairId === null) continue;
    const pair = report.pairs.get(transport.selectedCandidatePairId);
    if (pair !== undefined) return pair;
  }
  let best: PairStats | null = null;
  for (const pair of report.pairs.values()) {
    if (pair.selected) return pair;
    if (!pair.nominated || pair.state !== "succeeded") continue;
    if (best === null || bytes(pair) > bytes(best)) best = pair;
  }
  return best;
}

function bytes(pair: PairStats): number {
  return (pair.bytesReceived ?? 0) + (pair.bytesSent ?? 0);
}

/** States of ICE and DTLS folded into the words of RTCPeerConnection.connectionState. */
export type ConnectionState = "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

const connectionStates: readonly string[] = [
  "new",
  "connecting",
  "connected",
  "disconnected",
  "failed",
  "closed",
];

/** Is the word one of the W3C connection states? */
export function isConnectionState(word: unknown): word is ConnectionState {
  return typeof word === "string" && connectionStates.includes(word);
}

/**
 * The connection state that the statistics imply, for logs without state events. Follows the table of
 * RTCPeerConnectionState in https://www.w3.org/TR/webrtc/ . Chromium 156 reports `transport.iceState` "failed" where the
 * iceConnectionState of the API stays "disconnected".
 */
export function impliedState(report: Report): ConnectionState | null {
  let connected = 0;
  let connecting = 0;
  let closed = 0;
  let fresh = 0;
  let disconnected = false;
  for (const { iceState, dtlsState } of report.transports.values()) {
    if (iceState === null && dtlsState === null) continue;
    if (iceState === "failed" || dtlsState === "failed") return "failed";
    if (iceState === "disconnected") disconnected = true;
    if (iceState === "closed" || dtlsState === "closed") closed += 1;
    else if (dtlsState === "connected" && iceState !== "checking" && iceState !== "new") {
      connected += 1;
    } else if (iceState === "new" && (dtlsState === "new" || dtlsState === null)) fresh += 1;
    else if (iceState !== "disconnected") connecting += 1;
  }
  if (disconnected) return "disconnected";
  if (connecting > 0) return "connecting";
  if (connected > 0) return "connected";
  if (closed > 0) return "closed";
  if (fresh > 0) return report.pairs.size > 0 ? "connecting" : "new";
  // Firefox before 153 has no transport statistics: a pair in use is all there is to see.
  if (report.transports.size === 0) {
    const pair = selectedPair(report);
    if (pair !== null && pair.state === "succeeded") return "connected";
    if (report.pairs.size > 0) return "connecting";
  }
  return null;
}
