import type { Emit } from "../recorder.ts";
import type { Connection, Listen, Look, SeenTrack } from "./connection.ts";
import { describeTransceiver } from "./privacy.ts";

export interface Tracks {
  /** Tells the state of a track of this connection now and at each change. */
  watch(connection: Connection, track: MediaStreamTrack, direction: "local" | "remote"): void;
  /** Finds new tracks, and changes without an event: `enabled` and `direction` have none. */
  readonly check: Look;
  /** The app called stop(). */
  stopped(track: MediaStreamTrack, connections: Iterable<Connection>): void;
}

export function createTracks(emit: Emit, listen: Listen): Tracks {
  const stoppedByApp = new WeakSet<MediaStreamTrack>();

  function tell({ id: connectionId }: Connection, seen: SeenTrack): void {
    const { track, direction, source } = seen;
    const { id, kind, enabled, muted, readyState, contentHint } = track;
    const told = `${enabled} ${muted} ${readyState} ${contentHint}`;
    if (told === seen.told) return;
    const isNew = !seen.told;
    seen.told = told;
    emit(
      "track-state-changed",
      {
        trackId: id,
        kind,
        direction,
        enabled,
        muted,
        readyState,
        stoppedByApp: stoppedByApp.has(track) || undefined,
        source,
        contentHint: contentHint || undefined,
        settings: isNew && source ? track.getSettings() : undefined,
      },
      connectionId,
    );
  }

  function watch(connection: Connection, track: MediaStreamTrack, direction: "local" | "remote"): void {
    if (connection.tracks.has(track.id)) return;
    const source = direction === "local" ? sourceOf(track) : undefined;
    const seen: SeenTrack = { track, direction, source, told: "" };
    connection.tracks.set(track.id, seen);
    for (const type of ["mute", "unmute", "ended"]) listen(track, type, () => tell(connection, seen));
    tell(connection, seen);
  }

  return {
    watch,
    check(connection, transceivers) {
      for (const transceiver of transceivers) {
        const { sender, receiver, currentDirection } = transceiver;
        if (sender.track) watch(connection, sender.track, "local");
        // Each transceiver has a receiver; only in these directions something comes.
        if (/recv/.test(currentDirection ?? "")) watch(connection, receiver.track, "remote");
        const facts = describeTransceiver(transceiver);
        const told = Object.values(facts).join();
        if (connection.transceivers.get(transceiver) === told) continue;
        connection.transceivers.set(transceiver, told);
        emit("transceiver-changed", facts, connection.id);
      }
      for (const seen of connection.tracks.values()) tell(connection, seen);
    },
    stopped(track, connections) {
      stoppedByApp.add(track);
      for (const connection of connections) {
        const seen = connection.tracks.get(track.id);
        if (seen) tell(connection, seen);
      }
    },
  };
}

function sourceOf(track: MediaStreamTrack): string {
  const { displaySurface, facingMode, deviceId, groupId } = track.getSettings();
  if (displaySurface) return "screen";
  // Chromium 156 gives the tracks of a canvas and of Web Audio a deviceId too, but only a device belongs to a group.
  if (!facingMode && !(deviceId && groupId)) return "other";
  return track.kind === "audio" ? "microphone" : "camera";
}
