import type { EventRecord } from "@peerscope/schema";
import { objectOf, stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/** Tracks that are remembered, and streams of one track; a hostile log cannot make more. Ours. */
const maximumTracks = 2000;
const maximumStreams = 8;

/** Ids of the streams to which received tracks belong, by track. Tracks of one stream are to be played in time with each other. */
export type RemoteTracks = SmallMap<string, readonly string[]>;

/** Takes over a `remote-track-added` event. */
export function applyRemoteTrack(tracks: RemoteTracks, event: EventRecord): void {
  const data = objectOf(event.data);
  const trackId = data === null ? null : stringOf(data, "trackId");
  const streamIds: unknown = data?.["streamIds"];
  if (trackId === null || !Array.isArray(streamIds)) return;
  if (!tracks.has(trackId) && tracks.size >= maximumTracks) return;
  const ids = streamIds.slice(0, maximumStreams).filter((id): id is string => typeof id === "string");
  tracks.set(trackId, ids);
}

/** Do two received tracks belong to one stream? Null when nobody told of either. */
export function shareStream(
  tracks: RemoteTracks,
  a: string | undefined,
  b: string | undefined,
): boolean | null {
  const streamsOfA = a === undefined ? undefined : tracks.get(a);
  const streamsOfB = b === undefined ? undefined : tracks.get(b);
  if (streamsOfA === undefined || streamsOfB === undefined) return null;
  return streamsOfA.some((id) => streamsOfB.includes(id));
}
