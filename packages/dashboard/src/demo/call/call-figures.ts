/** What the page itself reads from getStats once a second, to show beside the pictures. */
export interface CallFigures {
  /** What this end sends and receives now, sound and picture together; null before two readings. */
  readonly sendBps: number | null;
  readonly receiveBps: number | null;
  /** Of the received picture. */
  readonly framesPerSecond: number | null;
  readonly frameWidth: number | null;
  readonly frameHeight: number | null;
  readonly roundTripTimeMs: number | null;
}

export const noFigures: CallFigures = {
  sendBps: null,
  receiveBps: null,
  framesPerSecond: null,
  frameWidth: null,
  frameHeight: null,
  roundTripTimeMs: null,
};

/** Returns a function that reads one connection; rates are between its calls, by stats timestamps. */
export function createFigureReader(connection: RTCPeerConnection): () => Promise<CallFigures> {
  let before: { at: number; sent: number; received: number; frames: number | null } | null = null;
  return async () => {
    let [at, sent, received] = [0, 0, 0];
    let frames: number | null = null;
    let frameWidth: number | null = null;
    let frameHeight: number | null = null;
    let roundTripTimeMs: number | null = null;
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type === "outbound-rtp") sent += numberOr(stats.bytesSent, 0);
      if (stats.type === "inbound-rtp") {
        received += numberOr(stats.bytesReceived, 0);
        if (stats.kind === "video") {
          at = stats.timestamp;
          frames = numberOr(stats.framesDecoded, null);
          frameWidth = numberOr(stats.frameWidth, null);
          frameHeight = numberOr(stats.frameHeight, null);
        }
      }
      if (stats.type === "candidate-pair" && stats.nominated === true) {
        const seconds = numberOr(stats.currentRoundTripTime, null);
        roundTripTimeMs = seconds === null ? null : seconds * 1000;
      }
    }
    const now = { at, sent, received, frames };
    const last = before;
    before = now;
    const seconds = last === null ? 0 : (now.at - last.at) / 1000;
    if (last === null || seconds <= 0) return { ...noFigures, frameWidth, frameHeight, roundTripTimeMs };
    return {
      sendBps: (8 * (sent - last.sent)) / seconds,
      receiveBps: (8 * (received - last.received)) / seconds,
      framesPerSecond: frames === null || last.frames === null ? null : (frames - last.frames) / seconds,
      frameWidth,
      frameHeight,
      roundTripTimeMs,
    };
  };
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === "number" ? value : otherwise;
}
