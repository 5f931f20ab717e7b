import { maxFrameBytes, type HelloMessage, type ServerMessage } from "@peerscope/schema";
import { ingestError, type IngestErrorCode } from "../errors.ts";
import { admitFrame } from "./admission.ts";
import { isPaid, spend, type ByteBudget } from "./byte-budget.ts";
import type { ClientOrigin, IngestGate, KeyHolder } from "./ingest-gate.ts";
import { parseClientMessage, toErrorMessage } from "./messages.ts";
import type { SessionEntry, SessionOwner } from "./session-entry.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Hears of every refusal. `projectId` is null when the client showed no key that is known. */
export type OnRefused = (
  code: IngestErrorCode,
  sessionId: string | null,
  projectId: string | null,
  detail: string | null,
) => void;

/** The side of a WebSocket that a connection needs. */
export interface IngestSocket {
  send(message: string): void;
  close(code: number, reason: string): void;
  pause(): void;
  resume(): void;
  /** Bytes sent to the client that it has not read. */
  unreadBytes(): number;
}

export interface IngestConnectionOptions {
  readonly socket: IngestSocket;
  readonly registry: SessionRegistry;
  readonly gate: IngestGate;
  readonly from: ClientOrigin;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
  /** Called once for every refusal, for log and counters. */
  readonly onRefused: OnRefused;
  /** It sends more than it may: call `settle` until it is false. */
  readonly onOwing: (connection: IngestConnection) => void;
}

/** One client on the ingest WebSocket. */
export interface IngestConnection {
  onText(text: string): void;
  onFrame(bytes: Uint8Array): void;
  onClose(): void;
  /** Sends the error and closes. */
  refuse(code: IngestErrorCode, detail?: string): void;
  /** Ends what may not go on: the key was revoked, the session is too long, nothing came for too long. Called every few seconds. */
  review(): void;
  /** Reads on when the client has waited for long enough; true while it has not. */
  settle(): boolean;
  /** No hello came that was accepted. */
  isSilent(): boolean;
}

/** Frames of one client on their way to the disk; beyond it the socket is not read. Ours. */
const maxUnwrittenBytes = 4 << 20;
/** Acknowledgements that a client leaves unread before it is dropped. Ours. */
const maxUnreadBytes = 1 << 20;
/** A client that sends no frame for so long connects again when it has one, in milliseconds. Ours. */
const idleMs = 3_600_000;

/** State machine of one connection: hello, then frames, then bye. Never throws on what a client sends. */
export function createIngestConnection(options: IngestConnectionOptions): IngestConnection {
  const { socket, registry, gate, monotonicMs } = options;
  let entry: SessionEntry | null = null;
  let holder: KeyHolder | null = null;
  let budget: ByteBudget | null = null;
  let bytesPerSecond = Infinity;
  let heardAt = monotonicMs();
  let closed = false;
  /** The log of the session is on its way out of the archive. */
  let isPreparing = false;
  /** Why the socket is not read: the disk is behind, or the client sends more than it may. */
  let isFull = false;
  let isOwing = false;
  /** Sizes of the frames that are not acknowledged. Their sequences have no holes and end with `newest`. */
  const unwritten: number[] = [];
  let unwrittenBytes = 0;
  let newest = -1;

  const owner: SessionOwner = {
    acknowledge(sequence) {
      for (let left = newest - sequence; unwritten.length > left && unwritten.length > 0;)
        unwrittenBytes -= unwritten.shift() ?? 0;
      send(sequence);
      if (isFull && unwrittenBytes < maxUnwrittenBytes / 2) {
        isFull = false;
        readOn();
      }
    },
    replaced: () => refuse("session-replaced"),
    erased: () => refuse("session-erased"),
    writeFailed: (code) => refuse(code),
  };

  function readOn(): void {
    if (!isFull && !isOwing && !closed) socket.resume();
  }

  function send(message: ServerMessage): void {
    if (closed) return;
    if (socket.unreadBytes() > maxUnreadBytes) refuse("client-too-slow");
    else socket.send(JSON.stringify(message));
  }

  function refuse(code: IngestErrorCode, detail?: string, projectId?: string): void {
    if (closed) return;
    closed = true;
    socket.send(JSON.stringify(toErrorMessage(code, detail)));
    socket.close(ingestError(code).closeCode, code);
    // The answer of a client to that is read, so that its end is a clean one.
    if (isFull || isOwing) socket.resume();
    options.onRefused(code, entry?.sessionId ?? null, projectId ?? holder?.projectId ?? null, detail ?? null);
    release();
    if (entry !== null && ingestError(code).renew === true) void registry.finish(entry).catch(() => {});
  }

  function release(): void {
    // After session-replaced the entry belongs to another connection, and detach leaves it alone.
    if (entry !== null) registry.detach(entry, owner);
  }

  function onHello(hello: HelloMessage): void {
    const admitted = gate.letIn(hello.token, options.from, hello.sessionId);
    if (!admitted.ok) return refuse(admitted.code, admitted.detail, admitted.projectId);
    const preparing = gate.prepare(admitted, hello.sessionId);
    if (preparing === null) return join(admitted, hello);
    isPreparing = true;
    preparing.then(
      () => {
        isPreparing = false;
        if (!closed) join(admitted, hello);
      },
      () => refuse("log-away"),
    );
  }

  function join(admitted: KeyHolder, { sessionId, privacy }: HelloMessage): void {
    const opened = gate.open(admitted, sessionId, options.from, owner);
    if (!opened.ok) return refuse(opened.code, opened.detail, admitted.projectId);
    holder = admitted;
    ({ entry, budget } = opened);
    bytesPerSecond = gate.limits(holder.projectId).maxBytesPerSecond;
    registry.privacy.greet(entry, privacy);
    send({ type: "welcome", acknowledged: entry.lastSequence, maxFrameBytes });
  }

  function pay(bytes: number): void {
    if (budget === null) return;
    const answer = spend(budget, bytes, bytesPerSecond, heardAt);
    if (answer === "over") return refuse("rate-exceeded");
    if (answer === "go-on" || isOwing) return;
    isOwing = true;
    socket.pause();
    options.onOwing(connection);
  }

  const connection: IngestConnection = {
    isSilent: () => entry === null && !isPreparing,
    onText(text) {
      if (closed) return;
      const parsed = parseClientMessage(text);
      if (!parsed.ok) return refuse(parsed.code);
      const { message } = parsed;
      if (entry === null && !isPreparing) {
        if (message.type !== "hello") return refuse("hello-expected");
        return onHello(message);
      }
      if (entry === null || message.type === "hello")
        return refuse("message-invalid", "A session says hello once.");
      closed = true;
      const said = entry;
      release();
      void registry.finish(said).catch(() => {});
      socket.close(1000, "bye");
    },
    onFrame(bytes) {
      if (closed) return;
      if (entry === null) return refuse("hello-expected");
      heardAt = monotonicMs();
      const admitted = admitFrame(registry, entry, bytes);
      if (!admitted.ok) return refuse(admitted.code, admitted.detail);
      const { sequence, isNew, cost } = admitted;
      pay(cost);
      if (!isNew) {
        // Sent again after a reconnect. What is on disk is acknowledged now, the rest when it is.
        if (sequence <= entry.lastSequence) send(entry.lastSequence);
        return;
      }
      newest = sequence;
      unwritten.push(bytes.byteLength);
      unwrittenBytes += bytes.byteLength;
      if (!isFull && unwrittenBytes > maxUnwrittenBytes) {
        isFull = true;
        socket.pause();
      }
    },
    onClose() {
      closed = true;
      release();
    },
    refuse,
    review() {
      if (closed || entry === null || holder === null) return;
      bytesPerSecond = gate.limits(holder.projectId).maxBytesPerSecond;
      const code = gate.refusalOfOpen(holder, entry);
      if (code !== null) refuse(code);
      // What is not read cannot be heard.
      else if (!isFull && !isOwing && monotonicMs() - heardAt > idleMs) refuse("client-idle");
    },
    settle() {
      if (closed || budget === null) return false;
      if (isOwing && !isPaid(budget, bytesPerSecond, monotonicMs())) return true;
      isOwing = false;
      readOn();
      return false;
    },
  };
  return connection;
}
