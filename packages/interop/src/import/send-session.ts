import {
  createFrameDecoder,
  createSessionLogReader,
  encodeIngestPost,
  maxIngestPostFrames,
  wireVersion,
  type HelloMessage,
  type JsonValue,
} from "@peerscope/schema";
import { isObject, parseJson } from "../json.ts";
import type { ImportSession } from "./import-session.ts";

/** Answer of the server to a request. */
export interface ImportAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Its body; "" when it has none that is text. */
  readonly text: string;
}

/** TextEncoder exists in every runtime this package runs in, but not in TypeScript's ES2023 library: the part that is used here. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** How the server is reached: this module knows neither a network nor a clock. */
export interface ImportServer {
  /** Ingest key of the project. */
  readonly token: string;
  /** POST /ingest. */
  post(body: Uint8Array<ArrayBuffer>): Promise<ImportAnswer>;
  /** The first bytes of a session's log, some 64 KiB; null when there is none. */
  logHead(sessionId: string): Promise<Uint8Array | null>;
  wait(ms: number): Promise<void>;
}

/** The server has it; it had it before; it has another session of that id; or it refused it. */
export type ImportOutcome =
  | { readonly outcome: "sent" | "known" | "taken" }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string };

/** What one body holds, in bytes; a larger frame goes alone. As the SDK does. */
const maxBodyBytes = 500_000;
/**
 * A busy server is asked again so often, each time after longer, before it counts as refusing: for a minute, as a long recording is more than
 * a session may send at once. Ours.
 */
const maxTries = 12;
const firstPauseMs = 250;
const longestPauseMs = 8_000;

/** Sends a session as the SDK sends it where WebSockets do not get through. What the server has already is not sent again. */
export async function sendSession(
  session: ImportSession,
  server: ImportServer,
  onProgress: (sentBytes: number) => void = () => {},
): Promise<ImportOutcome> {
  const { sessionId, frames } = session;
  const { token } = server;
  const hello: HelloMessage = { type: "hello", wireVersion, sessionId, token, privacy: session.privacy };
  const greeting = new TextEncoder().encode(JSON.stringify(hello));
  const ask = (part: readonly Uint8Array[], isBye: boolean): Promise<Said> =>
    say(server, encodeIngestPost(greeting, part, isBye));

  const welcome = await ask([], false);
  if (welcome.refused !== null) return welcome.refused;
  let next = welcome.acknowledged + 1;
  if (next > 0) {
    const head = await server.logHead(sessionId);
    if (!sameDigest(head, frames[0])) return { outcome: "taken" };
    if (next >= frames.length) return { outcome: "known" };
  }
  let sentBytes = 0;
  while (next < frames.length) {
    const part = startOf(frames, next);
    const answer = await ask(part, next + part.length >= frames.length);
    if (answer.refused !== null) return answer.refused;
    if (answer.acknowledged < next + part.length - 1) return misunderstood;
    next = answer.acknowledged + 1;
    sentBytes += part.reduce((sum, { length }) => sum + length, 0);
    onProgress(sentBytes);
  }
  return { outcome: "sent" };
}

interface Said {
  readonly acknowledged: number;
  readonly refused: Extract<ImportOutcome, { outcome: "refused" }> | null;
}

const misunderstood: Extract<ImportOutcome, { outcome: "refused" }> = {
  outcome: "refused",
  code: "server-unknown",
  message: "The answer is not one of a Peerscope server.",
};

async function say(server: ImportServer, body: Uint8Array<ArrayBuffer>): Promise<Said> {
  for (let tries = 1; ; tries += 1) {
    const { text } = await server.post(body);
    const said = parseJson(text);
    if (typeof said === "number") return { acknowledged: said, refused: null };
    if (!isObject(said)) return { acknowledged: -1, refused: misunderstood };
    const { type, acknowledged, code, message, retry } = said;
    if (type === "welcome" && typeof acknowledged === "number") return { acknowledged, refused: null };
    if (type !== "error" || typeof code !== "string" || typeof message !== "string")
      return { acknowledged: -1, refused: misunderstood };
    if (retry !== true || tries >= maxTries)
      return { acknowledged: -1, refused: { outcome: "refused", code, message } };
    await server.wait(Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)));
  }
}

/** The next frames, as many as fit a body, at least one. */
function startOf(frames: readonly Uint8Array[], next: number): Uint8Array[] {
  let left = maxBodyBytes;
  return frames
    .slice(next, next + maxIngestPostFrames)
    .filter(({ length }, index) => (left -= length + 4) >= 0 || index === 0);
}

/** The first frame names a digest of all that follows: when it is the same, the session is, whatever the server took from it. */
function sameDigest(head: Uint8Array | null, mine: Uint8Array | undefined): boolean {
  const [theirs] = head === null ? [] : createSessionLogReader().push(head).frames;
  if (theirs === undefined || mine === undefined) return false;
  const digestOf = (frame: Uint8Array): JsonValue | undefined => {
    const result = createFrameDecoder().decode(frame);
    const first = result.ok ? result.frame.records[0] : undefined;
    return first?.kind === "context" ? first.context["importDigest"] : undefined;
  };
  const own = digestOf(mine);
  return own !== undefined && own === digestOf(theirs);
}
