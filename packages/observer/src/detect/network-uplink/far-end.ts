import type { Evidence } from "@peerscope/schema";
import type { ConnectionInterval } from "../../derive/interval.ts";
import type { Connection } from "../../model/connection.ts";
import { jitterThresholds } from "../jitter-rule.ts";
import { evidence } from "../open-record.ts";

/**
 * Jitter (of sound; video counts half) from which packets come late enough to be asked for again, ms, and loss, %. Ours: calls
 * without a fault reported 1 to 5 ms; those with 40±40 ms on the way 13 to 24, below what is called high.
 */
const unevenMs = 10;
const lossPercent = 0.5;

/**
 * What the far end noticed of the way out, also below its levels. Sending again and holding back are answers to it: they are no
 * causes then. Empty when it noticed nothing.
 */
export function noticedAtFarEnd(
  connection: Connection,
  { from, to, report }: ConnectionInterval,
): readonly Evidence[] {
  for (const [id, { kind, reportedLossRatio }] of connection.outbound) {
    const jitterMs = 1000 * (report.remoteInbound.get(id)?.jitter ?? 0);
    const limit = kind === "video" ? unevenMs * jitterThresholds.videoFactor : unevenMs;
    if (jitterMs >= limit) return [evidence("remote-inbound-rtp", "jitter", jitterMs, "ms", from, to, limit)];
    const lost = 100 * (reportedLossRatio ?? 0);
    if (lost >= lossPercent)
      return [evidence("remote-inbound-rtp", "packetsLost", lost, "%", from, to, lossPercent)];
  }
  return [];
}
