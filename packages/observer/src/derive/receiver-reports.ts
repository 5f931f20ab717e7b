import type { Connection } from "../model/connection.ts";
import type { OutboundStream } from "../model/streams.ts";
import type { ConnectionInterval } from "./interval.ts";

/** Longest time between two reports that one of them speaks for, ms: 5 s on average, times 1.5 (RFC 3550, 6.3.1). */
export const longestReportMs = 7500;

/** Nothing at all came for so long, and for twice the usual time between two reports: they are overdue. Ours. */
const shortestOverdueMs = 2000;

/** How often the far end reports on a stream, followed from report to report. */
export function trackReportDistance(stream: OutboundStream, reportedAt: number): void {
  if (stream.reportAt === null) return;
  // A silence is no usual distance.
  const distanceMs = Math.min(longestReportMs, reportedAt - stream.reportAt);
  stream.usualReportMs =
    stream.usualReportMs === null ? distanceMs : stream.usualReportMs * 0.8 + distanceMs * 0.2;
}

/**
 * Seconds without a byte while reports on what is sent are overdue; null when they are not. For Firefox before 142, which counts no path
 * checks: who only pauses goes on reporting how own media arrives, so the way or the far end is gone.
 */
export function secondsOverdue(
  { transportSilentSince, everReceivedBytes, outbound: streams }: Connection,
  { path, outbound, to }: ConnectionInterval,
): number | null {
  if (transportSilentSince === null || !everReceivedBytes) return null;
  if (path === null || path.pair.responsesReceived !== null) return null;
  const silentMs = to - transportSilentSince;
  for (const { id, packetsSent } of outbound) {
    const usualMs = streams.get(id)?.usualReportMs ?? null;
    if (usualMs === null || packetsSent === null || packetsSent === 0) continue;
    if (silentMs >= Math.max(shortestOverdueMs, 2 * usualMs)) return silentMs / 1000;
  }
  return null;
}
