/**
 * The conversation at `/ingest`. On a WebSocket text messages are these values as JSON, binary messages are frames.
 *
 *   client                                server
 *   hello {sessionId, token, ...}   ->
 *                                   <-    welcome {acknowledged}
 *   frame (binary) ...              ->
 *                                   <-    12                        everything up to frame 12 is on disk
 *   bye                             ->                              after the last frame
 *                                   <-    error {code, message}     then the socket is closed
 *
 * Where WebSockets do not get through, the same goes by HTTP POST: see `encodeIngestPost`.
 */
export interface HelloMessage {
  readonly type: "hello";
  readonly wireVersion: number;
  readonly sessionId: string;
  /** Ingest key of the project. */
  readonly token: string;
  /**
   * What was taken from the records before they were encoded. `reduced`, and absent: what the SDK takes by default. `whole`: less than
   * that, so the server looks at each record itself.
   */
  readonly privacy?: "reduced" | "whole";
}

export interface WelcomeMessage {
  readonly type: "welcome";
  /** Highest sequence that is on disk, -1 for a new session. The client sends what follows. */
  readonly acknowledged: number;
  readonly maxFrameBytes: number;
}

/** Everything up to this sequence is on disk. One acknowledges many. */
export type AckMessage = number;

export interface ByeMessage {
  readonly type: "bye";
}

export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  /** True when trying again with the same session can succeed. */
  readonly retry: boolean;
  /** True when this session takes nothing more and what comes goes into a new one: with another id, from a keyframe on. */
  readonly renew?: true;
}

export type ClientMessage = HelloMessage | ByeMessage;
export type ServerMessage = WelcomeMessage | AckMessage | ErrorMessage;

/**
 * Body of a POST to `/ingest`: the hello as UTF-8 JSON, then frames in their order, each part behind its length (32 bits, low byte first). An empty
 * part at the end says bye. The answer is one message: welcome without frames, else the acknowledgement, or an error.
 */
export function encodeIngestPost(
  hello: Uint8Array,
  frames: readonly Uint8Array[],
  bye?: boolean,
): Uint8Array<ArrayBuffer> {
  const parts = [hello, ...frames];
  if (bye) parts.push(new Uint8Array());
  const body = new Uint8Array(parts.reduce((size, part) => size + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(body.buffer).setUint32(at, part.length, true);
    body.set(part, at + 4);
    at += 4 + part.length;
  }
  return body;
}

/** Frames of one body, at most; a client sends the rest with the next. Ours. */
export const maxIngestPostFrames = 1_000;

/** Parts of such a body; null when the lengths do not fit it, or when they are too many. */
export function splitIngestPost(body: Uint8Array): Uint8Array[] | null {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    // The hello and the bye are parts too.
    if (at + 4 > body.length || parts.length > maxIngestPostFrames + 1) return null;
    const end = at + 4 + view.getUint32(at, true);
    if (end > body.length) return null;
    parts.push(body.subarray(at + 4, end));
    at = end;
  }
  return parts;
}
