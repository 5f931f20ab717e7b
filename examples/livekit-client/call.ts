import { Room, RoomEvent, type RemoteTrack } from "livekit-client";

/** Joins a room and sends these tracks. `access` is the token that your server made for this user and this room. */
export async function joinRoom(
  server: string,
  access: string,
  tracks: readonly MediaStreamTrack[],
  onTrack: (track: RemoteTrack, from: string) => void,
  room: Room = new Room(),
): Promise<Room> {
  room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
    onTrack(track, participant.identity);
  });
  await room.connect(server, access);
  for (const track of tracks) await room.localParticipant.publishTrack(track);
  return room;
}
