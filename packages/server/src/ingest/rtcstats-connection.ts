import { randomBytes } from "node:crypto";
import {
  createRtcstatsFrames,
  type RtcstatsFrames,
  type RtcstatsPage,
  type Skipped,
} from "@peerscope/interop";
import { createSessionId, type SessionContext, type SessionRecord } from "@peerscope/schema";
import { createForeignSession, type ForeignSession } from "./foreign-session.ts";
import type { ForeignConnection, ForeignSocket } from "./foreign-sockets.ts";
import type { IngestGate } from "./ingest-gate.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Larger frames are left out, and said. The largest that was seen, a session description, has 6 kB. Ours. */
const maxFrameCharacters = 1 << 20;
/** A page that connects again within this goes on with its session, in milliseconds. Ours. */
const returnMs = 10_000;
/** Pages that are waited for at the same time. Ours. */
const maxWaiting = 500;

export interface RtcstatsPagesOptions {
  readonly registry: SessionRegistry;
  readonly gate: Pick<IngestGate, "refusalOf">;
  /** Hears of parts that could not be used, for the server's log. */
  readonly onSkipped: (sessionId: string, what: Skipped) => void;
  readonly onLost: (sessionId: string) => void;
  readonly returnMs?: number;
}

/** What is known of a client from its upgrade request. */
export interface RtcstatsClient {
  readonly projectId: string;
  /** As it is counted; null for one that is not. */
  readonly address: string | null;
  readonly page: RtcstatsPage;
  /** What the session's context says besides that. */
  readonly context: SessionContext;
  /** The same for each socket of a page, and of no other page that is open; null where nothing tells pages apart. */
  readonly pageKey: string | null;
}

/** Pages with an rtcstats client. */
export interface RtcstatsPages {
  connect(socket: ForeignSocket, client: RtcstatsClient): ForeignConnection;
  /** Nobody comes back any more. */
  close(): void;
}

/** One page: its session, what its frames refer to, and the socket that it has now. */
interface Page {
  readonly session: ForeignSession;
  frames: RtcstatsFrames;
  socket: ForeignSocket | null;
}

/** A page between two sockets. */
interface WaitingPage {
  readonly page: Page;
  /** Its session is over, nobody came back. */
  finish(): void;
}

export function createRtcstatsPages(options: RtcstatsPagesOptions): RtcstatsPages {
  const { registry, onSkipped, onLost } = options;
  const waiting = new Map<string, WaitingPage>();

  /** The page with this key that waits, if the frame is from it. Another page that comes in its place ends it. */
  function comeBack(pageKey: string | null, first: string): Page | null {
    const before = pageKey === null ? undefined : waiting.get(pageKey);
    if (before === undefined || pageKey === null) return null;
    if (isPageFrame(first)) {
      before.finish();
      return null;
    }
    waiting.delete(pageKey);
    return before.page;
  }

  /** A session begins with its first frame: many pages connect and never call. */
  function begin(client: RtcstatsClient, first: string, socket: ForeignSocket): Page | null {
    const before = comeBack(client.pageKey, first);
    if (before !== null) {
      before.frames = createFrames(client, before.session, before.frames);
      return before;
    }
    const sessionId = createSessionId((count) => randomBytes(count));
    const refusal = options.gate.refusalOf(client.projectId, sessionId, client.address);
    if (refusal !== null) {
      socket.refuse(refusal.code, refusal.detail);
      return null;
    }
    let page: Page | null = null;
    const session = createForeignSession({
      registry,
      projectId: client.projectId,
      sessionId,
      onReplaced: () => page?.socket?.refuse("session-replaced"),
      onFull: (isFull) => page?.socket?.pause(isFull),
      onLost,
    });
    if (session === null) {
      socket.refuse("session-id-taken");
      return null;
    }
    page = { session, frames: createFrames(client, session, null), socket: null };
    return page;
  }

  function createFrames(
    client: RtcstatsClient,
    session: ForeignSession,
    continues: RtcstatsFrames | null,
  ): RtcstatsFrames {
    let hasContext = Object.keys(client.context).length === 0;
    return createRtcstatsFrames({
      sessionId: session.sessionId,
      page: client.page,
      sink: {
        record(_source: string, record: SessionRecord) {
          if (!hasContext) session.add({ kind: "context", at: record.at, context: client.context });
          hasContext = true;
          session.add(record);
        },
        skipped: (what) => onSkipped(session.sessionId, what),
      },
      ...(continues === null ? {} : { continues }),
    });
  }

  function wait(pageKey: string, page: Page, closeCode: number): void {
    waiting.get(pageKey)?.finish();
    const finish = (): void => {
      clearTimeout(timer);
      waiting.delete(pageKey);
      end(page, closeCode);
    };
    const timer = setTimeout(() => {
      if (waiting.get(pageKey)?.page === page) finish();
    }, options.returnMs ?? returnMs);
    waiting.set(pageKey, { page, finish });
  }

  return {
    connect(socket, client) {
      let page: Page | null = null;
      return {
        onMessage(data, isBinary) {
          const text = data.toString("utf8");
          page ??= begin(client, text, socket);
          if (page === null) return;
          page.socket = socket;
          const unusable = reasonAgainst(text, isBinary);
          if (unusable === null) page.frames.push(text);
          else {
            page.frames.lost();
            onSkipped(page.session.sessionId, unusable);
          }
        },
        onClose(closeCode) {
          if (page === null) return;
          page.socket = null;
          if (client.pageKey === null || waiting.size >= maxWaiting) end(page, closeCode);
          else wait(client.pageKey, page, closeCode);
        },
      };
    },
    close() {
      for (const page of waiting.values()) page.finish();
    },
  };
}

/** trace.close() and a page that was left end a session. 1006 leaves open what became of it. */
function end({ frames, session }: Page, closeCode: number): void {
  frames.end(closeCode);
  session.close(closeCode === 1000 || closeCode === 1001 || closeCode === 1005);
}

function reasonAgainst(text: string, isBinary: boolean): Skipped | null {
  const at = { line: null, offset: null };
  if (text.length > maxFrameCharacters) {
    return { ...at, code: "limit-exceeded", reason: `a frame of more than ${maxFrameCharacters} characters` };
  }
  // Clients send text; what some library sends as bytes is read when it is UTF-8.
  if (isBinary && text.includes("\ufffd"))
    return { ...at, code: "unreadable", reason: "a binary message that is no text" };
  return null;
}

/** Is it the frame that a page says once, about itself? Then it is not the page that was there before. */
function isPageFrame(text: string): boolean {
  return /^\s*\[\s*(39|"create")\s*,\s*null\s*,/.test(text);
}
