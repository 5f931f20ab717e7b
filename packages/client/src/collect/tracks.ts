import type { Recorder } from "../recorder.ts";
import type { Connection, Listen, SeenTrack } from "./connection.ts";

export interface Tracks {
  /** Tells the state of a track of this connection now and at each change. */
  watch(connection: Connection, track: MediaStreamTrack, direction: "local" | "remote"): void;
  /** Finds new tracks, and changes without an event: `enabled` has none. */
  check(connection: Connection): void;
  /** The app called stop(). */
  stopped(track: MediaStreamTrack, connections: Iterable<Connection>): void;
  /** Where the tracks of a stream come from. */
  captured(stream: MediaStream, display: boolean): void;
}

export function createTracks(recorder: Recorder, listen: Listen): Tracks {
  const stoppedByApp = new WeakSet<MediaStreamTrack>();
  const sources = new WeakMap<MediaStreamTrack, string>();

  function tell(connection: Connection, seen: SeenTrack): void {
    const { track, direction } = seen;
    const { id, kind, enabled, muted, readyState } = track;
    const told = `${enabled} ${muted} ${readyState}`;
    if (told === seen.told) return;
    seen.told = told;
    recorder.emit(
      "track-state-changed",
      {
        trackId: id,
        kind: kind === "audio" ? "audio" : "video",
        direction,
        enabled,
        muted,
        readyState,
        ...(stoppedByApp.has(track) ? { stoppedByApp: true } : {}),
        ...(direction === "local" ? { source: sourceOf(track) } : {}),
      },
      connection.id,
    );
  }

  function watch(connection: Connection, track: MediaStreamTrack, direction: "local" | "remote"): void {
    let seen = connection.tracks.get(track.id);
    if (seen === undefined) {
      const added: SeenTrack = { track, direction, told: "" };
      connection.tracks.set(track.id, (seen = added));
      for (const type of ["mute", "unmute", "ended"]) listen(track, type, () => tell(connection, added));
    }
    tell(connection, seen);
  }

  function sourceOf(track: MediaStreamTrack): string {
    const known = sources.get(track);
    if (known !== undefined) return known;
    const { displaySurface, facingMode, deviceId, groupId } = track.getSettings();
    if (displaySurface) return "screen";
    // Chromium 156 gives a canvas track a deviceId too, but only a device belongs to a group.
    if (!facingMode && !(deviceId && groupId)) return "other";
    return track.kind === "audio" ? "microphone" : "camera";
  }

  return {
    watch,
    check(connection) {
      for (const { sender, receiver, currentDirection } of connection.pc.getTransceivers()) {
        if (sender.track !== null) watch(connection, sender.track, "local");
        // Each transceiver has a receiver; only in these directions something comes.
        if (/recv/.test(currentDirection ?? "")) watch(connection, receiver.track, "remote");
      }
      for (const seen of connection.tracks.values()) tell(connection, seen);
    },
    stopped(track, connections) {
      stoppedByApp.add(track);
      for (const connection of connections) {
        const seen = connection.tracks.get(track.id);
        if (seen !== undefined) tell(connection, seen);
      }
    },
    captured(stream, display) {
      for (const track of stream.getTracks()) {
        sources.set(track, display ? "screen" : track.kind === "audio" ? "microphone" : "camera");
      }
    },
  };
}
