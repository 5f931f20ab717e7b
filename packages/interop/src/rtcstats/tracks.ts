import type { JsonObject, JsonValue } from "@peerscope/schema";
import { readTrack } from "./frame-values.ts";
import type { Tell } from "./method-frame.ts";

/** Tracks of one session that are remembered. Ours. */
const maxTracks = 2_000;

/** A track as its frames told it. */
export interface KnownTrack {
  readonly kind: "audio" | "video";
  readonly direction: "local" | "remote";
  readonly source: string | null;
  connectionId: string | null;
  enabled: boolean;
  muted: boolean;
  ended: boolean;
  stoppedByApp: boolean;
}

/** The tracks of a session: rtcstats says what changes, Peerscope says the state. */
export interface Tracks {
  /** Null when there are too many. */
  seeTrack(
    trackId: string,
    track: Pick<KnownTrack, "kind" | "direction" | "source">,
    connectionId: string | null,
  ): KnownTrack | null;
  /** A track that the app gives to a connection: from then on its state matters there. Null when it is none. */
  giveTrack(described: JsonValue | undefined, connectionId: string | null): JsonObject | null;
  /** A change of a track that was seen before; of others the kind is not known. */
  changeTrack(trackId: JsonValue | undefined, change: Partial<KnownTrack>): "read" | "empty";
  kindOf(trackId: string): "audio" | "video" | undefined;
}

export function createTracks(tell: Tell): Tracks {
  const tracks = new Map<string, KnownTrack>();

  function seeTrack(
    trackId: string,
    track: Pick<KnownTrack, "kind" | "direction" | "source">,
    connectionId: string | null,
  ): KnownTrack | null {
    const known = tracks.get(trackId);
    if (known !== undefined) return known;
    if (tracks.size >= maxTracks) return null;
    const seen = { ...track, connectionId, enabled: true, muted: false, ended: false, stoppedByApp: false };
    tracks.set(trackId, seen);
    return seen;
  }

  function tellTrack(trackId: string, track: KnownTrack): void {
    const { kind, direction, source, enabled, muted, ended, stoppedByApp, connectionId } = track;
    tell(
      "track-state-changed",
      {
        trackId,
        kind,
        direction,
        enabled,
        muted,
        readyState: ended ? "ended" : "live",
        ...(stoppedByApp ? { stoppedByApp } : {}),
        ...(source === null ? {} : { source }),
      },
      connectionId,
    );
  }

  /** A track that the app gives to a connection: from then on its state matters there. */
  function giveTrack(described: JsonValue | undefined, connectionId: string | null): JsonObject | null {
    const track = readTrack(described);
    if (track === null) return null;
    const known = seeTrack(track.trackId, { kind: track.kind, direction: "local", source: null }, null);
    if (known !== null && known.connectionId === null) {
      known.connectionId = connectionId;
      tellTrack(track.trackId, known);
    }
    return track;
  }

  /** A change of a track that was seen before; of others the kind is not known. */
  function changeTrack(trackId: JsonValue | undefined, change: Partial<KnownTrack>): "read" | "empty" {
    const track = typeof trackId === "string" ? tracks.get(trackId) : undefined;
    if (track === undefined || typeof trackId !== "string") return "empty";
    Object.assign(track, change);
    tellTrack(trackId, track);
    return "read";
  }

  return { seeTrack, giveTrack, changeTrack, kindOf: (trackId) => tracks.get(trackId)?.kind };
}
