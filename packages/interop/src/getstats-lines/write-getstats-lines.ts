import type { SessionRecord } from "@peerscope/schema";

/**
 * Writes the samples of a session as raw getStats lines, without line ends: whole reports, as `readGetStatsLines` takes them. Events and
 * context have no place in this format. `peer` names the participant.
 */
export function* writeGetStatsLines(records: Iterable<SessionRecord>, peer?: string): Generator<string> {
  for (const record of records) {
    if (record.kind !== "sample") continue;
    const { at, connectionId, durationMs, stats } = record;
    yield JSON.stringify({ t: at, peer, pageT: at, pc: connectionId, ms: durationMs, stats });
  }
}
