import { maxFrameBytes, type HelloMessage, type ServerMessage } from "@peerscope/schema";
import { ingestError, type IngestErrorCode } from "../errors.ts";
import { admitFrame, refusalOfHello } from "./admission.ts";
import { parseClientMessage, toErrorMessage } from "./messages.ts";
import type { SessionEntry, SessionOwner, SessionRegistry } from "./session-registry.ts";

/** The side of a WebSocket that a connection needs. */
export interface IngestSocket {
  send(message: string): void;
  close(code: number, reason: string): void;
  pause(): void;
  resume(): void;
  /** Bytes sent to the client that it has not read. */
  readonly unreadBytes: number;
}

export interface IngestConnectionOptions {
  readonly socket: IngestSocket;
  readonly registry: SessionRegistry;
  readonly projectId: string;
  readonly ingestKey: string;
  /** Called once for every refusal, for log and counters. */
  readonly onRefused: (code: IngestErrorCode, sessionId: string | null) => void;
}

/** One client on the ingest WebSocket. */
export interface IngestConnection {
  onText(text: string): void;
  onFrame(bytes: Uint8Array): void;
  onClose(): void;
  /** Sends the error and closes. */
  refuse(code: IngestErrorCode, detail?: string): void;
  /** A hello was accepted. */
  readonly attached: boolean;
}

/** Frames of one client on their way to the disk; beyond it the socket is not read. Ours. */
const maxUnwrittenBytes = 4 << 20;
/** Acknowledgements that a client leaves unread before it is dropped. Ours. */
const maxUnreadBytes = 1 << 20;

/** State machine of one connection: hello, then frames, then bye. Never throws on what a client sends. */
export function createIngestConnection(options: IngestConnectionOptions): IngestConnection {
  const { socket, registry } = options;
  let entry: SessionEntry | null = null;
  let closed = false;
  let paused = false;
  /** Sequence and size of frames that are not yet acknowledged. */
  let unwritten: { readonly sequence: number; readonly bytes: number }[] = [];

  const owner: SessionOwner = {
    acknowledge(sequence) {
      unwritten = unwritten.filter((frame) => frame.sequence > sequence);
      send(sequence);
      if (paused && unwrittenBytes() < maxUnwrittenBytes / 2) {
        paused = false;
        socket.resume();
      }
    },
    replaced: () => refuse("session-replaced"),
    writeFailed: () => refuse("log-write-failed"),
  };

  function unwrittenBytes(): number {
    return unwritten.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  function send(message: ServerMessage): void {
    if (closed) return;
    if (socket.unreadBytes > maxUnreadBytes) refuse("client-too-slow");
    else socket.send(JSON.stringify(message));
  }

  function refuse(code: IngestErrorCode, detail?: string): void {
    if (closed) return;
    closed = true;
    socket.send(JSON.stringify(toErrorMessage(code, detail)));
    socket.close(ingestError(code).closeCode, code);
    options.onRefused(code, entry?.sessionId ?? null);
    release();
  }

  function release(): void {
    // After session-replaced the entry belongs to another connection, and detach leaves it alone.
    if (entry !== null) registry.detach(entry, owner);
  }

  function onHello(hello: HelloMessage): void {
    const refusal = refusalOfHello(hello, options.ingestKey);
    if (refusal !== null) return refuse(refusal);
    entry = registry.attach(options.projectId, hello.sessionId, owner);
    if (entry === null) return refuse("session-id-taken");
    send({ type: "welcome", acknowledged: entry.lastSequence, maxFrameBytes });
  }

  return {
    get attached() {
      return entry !== null;
    },
    onText(text) {
      if (closed) return;
      const parsed = parseClientMessage(text);
      if (!parsed.ok) return refuse(parsed.code);
      const { message } = parsed;
      if (entry === null) {
        if (message.type !== "hello") return refuse("hello-expected");
        return onHello(message);
      }
      if (message.type === "hello") return refuse("message-invalid", "A session says hello once.");
      closed = true;
      const said = entry;
      release();
      void registry.finish(said).catch(() => {});
      socket.close(1000, "bye");
    },
    onFrame(bytes) {
      if (closed) return;
      if (entry === null) return refuse("hello-expected");
      const admitted = admitFrame(registry, entry, bytes);
      if (!admitted.ok) return refuse(admitted.code, admitted.detail);
      const { sequence, isNew } = admitted;
      if (!isNew) {
        // Sent again after a reconnect. What is on disk is acknowledged now, the rest when it is.
        if (sequence <= entry.lastSequence) send(entry.lastSequence);
        return;
      }
      unwritten.push({ sequence, bytes: bytes.byteLength });
      if (!paused && unwrittenBytes() > maxUnwrittenBytes) {
        paused = true;
        socket.pause();
      }
    },
    onClose() {
      closed = true;
      release();
    },
    refuse,
  };
}
