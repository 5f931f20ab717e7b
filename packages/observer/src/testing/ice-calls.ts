import type { SessionAnalysis, StatsObject } from "@peerscope/schema";
import { buildCall, callStart, type CallBuilder, type Change, type Changes } from "./call-builder.ts";

const noMedia: Changes = {
  inAudio: null,
  inVideo: null,
  outAudio: null,
  outVideo: null,
  remoteInAudio: null,
  remoteInVideo: null,
  remoteOutAudio: null,
  remoteOutVideo: null,
};
const nothing = { bytesReceived: 0, bytesSent: 0, selectedCandidatePairId: null, dtlsState: "new" };

/** Pairs are checked, and nobody answers. */
export const connecting: Changes = {
  ...noMedia,
  transport: { ...nothing, iceState: "checking" },
  pair: {
    state: "in-progress",
    nominated: false,
    requestsSent: 16,
    responsesReceived: 0,
    bytesReceived: 0,
    bytesSent: 0,
  },
};

/** ICE gave up. */
export const failed: Changes = {
  ...noMedia,
  transport: { ...nothing, iceState: "failed" },
  pair: null,
};

/** A call whose connection was created with these servers, at the moment when gathering begins. */
export function gatheringCall(urls: readonly string[], more: Change = {}): CallBuilder {
  const configuration = { iceServers: urls.map((url) => ({ urls: [url] })), ...more };
  return buildCall()
    .event("connection-created", { configuration }, true)
    .event("ice-gathering-state-changed", { state: "gathering" }, true);
}

function stamped(members: Omit<StatsObject, "timestamp">, at: number): StatsObject {
  const { id, type } = members;
  if (typeof id !== "string" || typeof type !== "string") throw new Error("An object has an id and a type.");
  return { ...members, id, type, timestamp: at };
}

/** Adds objects to the latest samples; one with an id that is there takes its place. */
export function addStats(
  call: CallBuilder,
  samples: number,
  objects: readonly Omit<StatsObject, "timestamp">[],
): CallBuilder {
  let left = samples;
  for (let index = call.records.length - 1; index >= 0 && left > 0; index -= 1) {
    const record = call.records[index];
    if (record?.kind !== "sample") continue;
    left -= 1;
    const { at } = record;
    const added = objects.map((members): StatsObject => stamped(members, at));
    const kept = record.stats.filter(({ id }) => !added.some((of) => of.id === id));
    call.records[index] = { ...record, stats: [...kept, ...added] };
  }
  return call;
}

/** "severity start..end reason" of every observation with that id, info too, seconds since the start of the call. */
export function about(analysis: SessionAnalysis, id: string): string[] {
  const seconds = (at: number | null): string =>
    at === null ? "" : String(Math.round((at - callStart) / 1000));
  return analysis.observations
    .filter((of) => of.id === id)
    .map(
      ({ severity, startedAt, clearedAt, endReason }) =>
        `${severity} ${seconds(startedAt)}..${seconds(clearedAt)} ${endReason}`,
    );
}

/** Evidence of the first observation with that id, by `stat.field`; of equal names the first. */
export function evidenceOf(analysis: SessionAnalysis, id: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { stat, field, value } of analysis.observations.find((of) => of.id === id)?.evidence ?? []) {
    found[`${stat}.${field}`] ??= value;
  }
  return found;
}

/** Ids that could not be computed, by what the verdict misses. */
export function notComputable(analysis: SessionAnalysis): string[] {
  return analysis.verdict.missing.map(({ what }) => what);
}
