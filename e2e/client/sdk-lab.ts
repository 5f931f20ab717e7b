import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import {
  createFrameDecoder,
  readFrameHeader,
  splitIngestPost,
  type ClientMessage,
  type EventData,
  type EventName,
  type EventRecord,
  type FrameDecoder,
  type HelloMessage,
  type SampleRecord,
  type ServerMessage,
  type SessionContext,
  type SessionRecord,
} from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { WebSocketServer, type WebSocket } from "ws";
import { measureBundle } from "../../packages/client/scripts/size.ts";
import { freePort } from "../support/peerscope.ts";

/** What one session of the SDK sent, as the codec of the server understands it. */
export interface ReceivedSession {
  readonly sessionId: string;
  readonly records: SessionRecord[];
  /** Every frame as it came. */
  readonly frames: Uint8Array[];
  /** Sequence numbers in the order of arrival. */
  readonly sequences: number[];
  /** Refusals of the codec. */
  readonly errors: string[];
  readonly said: ClientMessage["type"][];
  /** Addresses it connected to. */
  readonly urls: string[];
}

export interface SdkLab {
  readonly url: string;
  readonly sessions: ReadonlyMap<string, ReceivedSession>;
  session(sessionId: string): ReceivedSession;
  /** Pages and scripts of a test by their path; anything else is the page of the lab. */
  readonly pages: Map<string, string>;
  /** Cuts every connection, as a server that dies does, and comes back after a while. */
  restart(downMs: number): Promise<void>;
  /** A page in a context of its own, with the SDK loaded. */
  open(browser: Browser): Promise<Page>;
  close(): Promise<void>;
}

/** Serves the bundle that apps get and takes what it sends, acknowledging every frame as a server does. */
export async function openSdkLab(): Promise<SdkLab> {
  await measureBundle();
  const { labPage } = await import("./lab-page.ts");
  // Its parts that load on demand have their names beside it.
  const bundle = (path: string): Buffer =>
    readFileSync(
      fileURLToPath(
        new URL(`../../packages/client/dist/${path.replace("sdk.js", "peerscope.min.js")}`, import.meta.url),
      ),
    );
  type Session = ReceivedSession & { acknowledged: number; readonly decoder: FrameDecoder };
  const sessions = new Map<string, Session>();
  const pages = new Map<string, string>();
  const port = await freePort();

  function listen(): Promise<() => Promise<void>> {
    const http = createServer((request, response) => {
      if (request.method === "POST") return void post(request, response);
      const script = /^\/([a-z.-]+\.js)(\?|$)/.exec(request.url ?? "")?.[1];
      response.setHeader("content-type", script ? "text/javascript" : "text/html");
      response.end(pages.get(request.url ?? "") ?? (script ? bundle(script) : labPage));
    });
    const sockets = new WebSocketServer({ server: http });
    sockets.on("connection", (socket, request) => accept(socket, request.url ?? ""));
    return new Promise((resolve) => {
      http.listen(port, "127.0.0.1", () =>
        resolve(async () => {
          for (const socket of sockets.clients) socket.terminate();
          sockets.close();
          http.closeAllConnections();
          await new Promise((done) => http.close(done));
        }),
      );
    });
  }

  function greet({ sessionId }: { readonly sessionId: string }, url: string): Session {
    const session = sessions.get(sessionId) ?? {
      sessionId,
      records: [],
      frames: [],
      sequences: [],
      errors: [],
      said: [],
      urls: [],
      acknowledged: -1,
      decoder: createFrameDecoder(),
    };
    sessions.set(sessionId, session);
    session.urls.push(url);
    return session;
  }

  function welcome({ acknowledged }: Session): ServerMessage {
    return { type: "welcome", acknowledged, maxFrameBytes: 1_048_576 };
  }

  function take(session: Session, bytes: Uint8Array): void {
    const result = session.decoder.decode(bytes);
    if (!result.ok) return void session.errors.push(`${result.error.code}: ${result.error.message}`);
    const { sequence, records } = result.frame;
    session.frames.push(bytes);
    session.sequences.push(sequence);
    session.records.push(...records);
    session.acknowledged = sequence;
  }

  function accept(socket: WebSocket, url: string): void {
    let session: Session | undefined;
    const answer = (message: ServerMessage): void => socket.send(JSON.stringify(message));
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) {
        const message = JSON.parse(data.toString()) as ClientMessage;
        if (message.type === "bye") return void session?.said.push("bye");
        session = greet(message, url);
        session.said.push("hello");
        answer(welcome(session));
      } else if (session) {
        take(session, new Uint8Array(data));
        answer(session.acknowledged);
      }
    });
  }

  /** Where WebSockets do not get through, and for a page that goes away: it may repeat what is here already. */
  async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [hello, ...parts] = splitIngestPost(new Uint8Array(Buffer.concat(chunks))) ?? [];
    const session = greet(JSON.parse(Buffer.from(hello ?? []).toString()) as HelloMessage, request.url ?? "");
    // Each request repeats the hello; alone it opens the conversation.
    if (parts.length === 0) session.said.push("hello");
    for (const part of parts) {
      if (part.length === 0) session.said.push("bye");
      else {
        const header = readFrameHeader(part);
        if (header.ok && header.header.sequence > session.acknowledged) take(session, part);
      }
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(parts.length ? session.acknowledged : welcome(session)));
  }

  let stop = await listen();
  const lab: SdkLab = {
    url: `http://localhost:${port}`,
    sessions,
    pages,
    session(sessionId) {
      const session = sessions.get(sessionId);
      if (session === undefined) throw new Error(`Nothing came from the session ${sessionId}.`);
      return session;
    },
    async restart(downMs) {
      await stop();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      stop = await listen();
    },
    async open(browser) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${lab.url}/room?invitation=secret-query#part`);
      await page.waitForFunction(() => typeof globalThis.lab.startOther === "function");
      return page;
    },
    close: () => stop(),
  };
  return lab;
}

/** Events of one name with their data. */
export function eventsOf<Name extends EventName>(
  session: ReceivedSession,
  name: Name,
  connectionId?: string,
): (EventRecord & { readonly data: EventData[Name] })[] {
  return session.records.filter(
    (record): record is EventRecord & { readonly data: EventData[Name] } =>
      record.kind === "event" &&
      record.name === name &&
      (connectionId === undefined || record.connectionId === connectionId),
  );
}

export function samplesOf(session: ReceivedSession, connectionId: string): SampleRecord[] {
  return session.records.filter(
    (record): record is SampleRecord => record.kind === "sample" && record.connectionId === connectionId,
  );
}

/** All context records merged, as a reader does. */
export function contextOf(session: ReceivedSession): SessionContext {
  return Object.assign(
    {},
    ...session.records.flatMap((record) => (record.kind === "context" ? [record.context] : [])),
  ) as SessionContext;
}
