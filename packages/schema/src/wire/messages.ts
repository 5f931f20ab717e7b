/**
 * The conversation on the ingest WebSocket (`/ingest`). Text messages are these JSON objects; binary messages are frames.
 *
 *   client                                server
 *   hello {sessionId, token, ...}   ->
 *                                   <-    welcome {acknowledged}
 *   frame (binary) ...              ->
 *                                   <-    ack {sequence}            everything up to it is on disk
 *   bye                             ->                              after the last frame
 *                                   <-    error {code, message}     then the socket is closed
 */
export interface HelloMessage {
  readonly type: "hello";
  readonly wireVersion: number;
  readonly sessionId: string;
  /** Ingest key of the project. */
  readonly token: string;
}

export interface WelcomeMessage {
  readonly type: "welcome";
  /** Highest sequence that is on disk, -1 for a new session. The client sends what follows. */
  readonly acknowledged: number;
  readonly maxFrameBytes: number;
}

export interface AckMessage {
  readonly type: "ack";
  readonly sequence: number;
}

export interface ByeMessage {
  readonly type: "bye";
}

export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  /** True when trying again with the same session can succeed. */
  readonly retry: boolean;
}

export type ClientMessage = HelloMessage | ByeMessage;
export type ServerMessage = WelcomeMessage | AckMessage | ErrorMessage;
