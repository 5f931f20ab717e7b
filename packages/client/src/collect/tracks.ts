import type { SeenTransceiver } from "@peerscope/schema";
import type { Emit } from "../recorder.ts";
import type { Connection, Listen, Look } from "./connection.ts";

/** A local or remote track of a connection. */
interface SeenTrack {
  readonly track: MediaStreamTrack;
  readonly direction: "local" | "remote";
  /** What a local one shows. */
  readonly source: string | undefined;
  /** State that was told last. */
  told: string;
}

/** What was told of a connection. */
interface Seen {
  readonly tracks: Map<string, SeenTrack>;
  readonly transceivers: Map<RTCRtpTransceiver, SeenTransceiver>;
}

/** What of a transceiver changes. */
const members = [
  "mid",
  "direction",
  "currentDirection",
  "senderTrackId",
] as const satisfies readonly (keyof SeenTransceiver)[];

/** Tells tracks and transceivers of a connection when first seen, and changes: `enabled` and `direction` have no event. */
export function createTrackLook(emit: Emit, listen: Listen): Look {
  const seenOf = new WeakMap<Connection, Seen>();

  return (connection, transceivers, stoppedByApp) => {
    const seen = seenOf.get(connection) ?? { tracks: new Map(), transceivers: new Map() };
    seenOf.set(connection, seen);

    function tell(known: SeenTrack): void {
      const { track, direction, source } = known;
      const { id, kind, enabled, muted, readyState, contentHint } = track;
      const told = `${enabled} ${muted} ${readyState} ${contentHint}`;
      if (told === known.told) return;
      const isNew = !known.told;
      known.told = told;
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
        connection.id,
      );
    }

    function watch(track: MediaStreamTrack, direction: "local" | "remote"): void {
      if (seen.tracks.has(track.id)) return;
      const source = direction === "local" ? sourceOf(track) : undefined;
      const known: SeenTrack = { track, direction, source, told: "" };
      seen.tracks.set(track.id, known);
      for (const type of ["mute", "unmute", "ended"]) listen(track, type, () => tell(known));
    }

    for (const transceiver of transceivers) {
      const { sender, receiver, currentDirection } = transceiver;
      if (sender.track) watch(sender.track, "local");
      // Each transceiver has a receiver; only in these directions something comes.
      if (/recv/.test(currentDirection ?? "")) watch(receiver.track, "remote");
      const facts = describeTransceiver(transceiver);
      const before = seen.transceivers.get(transceiver);
      if (before && members.every((name) => before[name] === facts[name])) continue;
      seen.transceivers.set(transceiver, facts);
      emit("transceiver-changed", facts, connection.id);
      const { senderTrackId: to, kind } = facts;
      if (before && before.senderTrackId !== to)
        emit("sender-track-replaced", { from: before.senderTrackId, to, kind }, connection.id);
    }
    for (const track of connection.received) watch(track, "remote");
    for (const known of seen.tracks.values()) tell(known);
  };
}

/** What a reader needs to join a transceiver with its tracks and its part of a report. */
function describeTransceiver(transceiver: RTCRtpTransceiver): SeenTransceiver {
  const { mid, direction, currentDirection, sender, receiver } = transceiver;
  const { id, kind } = receiver.track;
  return {
    mid,
    kind: kind as SeenTransceiver["kind"],
    direction,
    currentDirection,
    senderTrackId: sender.track?.id ?? null,
    receiverTrackId: id,
  };
}

function sourceOf(track: MediaStreamTrack): string {
  const { displaySurface, facingMode, deviceId, groupId } = track.getSettings();
  if (displaySurface) return "screen";
  // Chromium 156 gives the tracks of a canvas and of Web Audio a deviceId too, but only a device belongs to a group.
  if (!facingMode && !(deviceId && groupId)) return "other";
  return track.kind === "audio" ? "microphone" : "camera";
}
