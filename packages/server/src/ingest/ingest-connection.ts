import { createHash, timingSafeEqual } from "node:crypto";
import { isSessionId, maxFrameBytes, readFrameHeader, type ServerMessage } from "@peerscope/schema";
import { ingestError, type IngestErrorCode } from "../errors.ts";
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
      send({ type: "ack", sequence });
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

  function onHello(sessionId: string, token: string): void {
    if (!sameSecret(token, options.ingestKey)) return refuse("token-invalid");
    if (!isSessionId(sessionId)) return refuse("session-id-invalid");
    entry = registry.attach(sessionId, owner);
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
        return onHello(message.sessionId, message.token);
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
      if (bytes.byteLength > maxFrameBytes)
        return refuse("frame-too-large", `It has ${bytes.byteLength} bytes.`);
      const read = readFrameHeader(bytes);
      if (!read.ok) return refuse(read.error.code, read.error.message);
      const { header } = read;
      const accepted = entry.log?.acceptedSequence ?? entry.lastSequence;
      if (header.sequence <= accepted) {
        // Sent again after a reconnect. What is on disk is acknowledged now, the rest when it is.
        if (header.sequence <= entry.lastSequence) send({ type: "ack", sequence: entry.lastSequence });
        return;
      }
      if (header.sequence !== accepted + 1) {
        return refuse("sequence-gap", `Expected ${accepted + 1}, got ${header.sequence}.`);
      }
      registry.append(entry, header.sequence, bytes);
      unwritten.push({ sequence: header.sequence, bytes: bytes.byteLength });
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

/** Compares in a time that does not depend on where the two differ. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
