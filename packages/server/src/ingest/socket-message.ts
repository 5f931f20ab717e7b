import type { RawData, WebSocket } from "ws";

/**
 * Calls back with the bytes of each message of a socket.
 *
 * The reader of `ws` makes the list that the next message will be put in when it has given the one before. With a message a second that
 * list is old by then for the collector of garbage, which does not look at what is old often; what an old list names stays as long, so each
 * message would, and the large collections that this takes are what holds up everybody else. So the lists themselves are asked for, and emptied.
 */
export function onSocketMessage(
  socket: WebSocket,
  listener: (bytes: Buffer, isBinary: boolean) => void,
): void {
  socket.binaryType = "fragments";
  socket.on("message", (data, isBinary) => listener(take(data), isBinary));
}

function take(data: RawData): Buffer {
  if (!Array.isArray(data)) return Buffer.isBuffer(data) ? data : Buffer.from(data);
  const [first] = data;
  const bytes = data.length === 1 && first !== undefined ? first : Buffer.concat(data);
  data.length = 0;
  return bytes;
}
