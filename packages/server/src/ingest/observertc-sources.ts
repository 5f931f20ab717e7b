import { createHmac, randomBytes } from "node:crypto";
import {
  createObserverTcSession,
  type ForeignSession as ReadSession,
  type Skipped,
} from "@peerscope/interop";
import { createSessionId, type JsonValue } from "@peerscope/schema";
import { createForeignSession, type ForeignSession } from "./foreign-session.ts";
import type { Settings } from "../settings/settings.ts";
import type { IngestGate } from "./ingest-gate.ts";
import { maxSamples } from "./observertc-address.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Sessions at the same time, over all sources. Ours: each has up to some megabytes of statistics to compare the next ones with. */
const maxSessions = 2_000;
/** Sessions of one source; a gateway may send those of a whole call. Ours. */
const maxOwnSessions = 500;
/** How often a client may come back to a call after it was over, each time with a session of its own. Ours. */
const maxReturns = 1_000;

/** What the address says for samples that do not say it themselves. */
export interface StatedIdentity {
  readonly callId: string | null;
  readonly clientId: string | null;
  readonly userId: string | null;
}

export interface ObserverTcSourcesOptions {
  readonly registry: SessionRegistry;
  readonly gate: Pick<IngestGate, "refusalOf" | "isOver">;
  readonly settings: Pick<Settings, "project">;
  /** Hears of parts that could not be used, for the server's log. `sessionId` is null when it is not known whose they are. */
  readonly onSkipped: (sessionId: string | null, what: Skipped) => void;
  readonly onLost: (sessionId: string) => void;
}

/** Samples in their order: those of one socket, or those of one client that come by POST. */
export interface ObserverTcSource {
  text(message: string): void;
  binary(message: Uint8Array): void;
  value(sample: JsonValue): void;
  readonly records: number;
  readonly skippedCount: number;
  /** What could not be used last. */
  readonly lastSkipped: Skipped | null;
  /** Resolves when all that was sent is on disk: true; or false, when it is not after so long. */
  isOnDisk(waitMs: number): Promise<boolean>;
  close(): void;
}

/** Whose samples they are and where they come from. */
export interface SourceOrigin {
  readonly projectId: string;
  /** As it is counted; null for one that is not. */
  readonly address: string | null;
}

export interface ObserverTcSources {
  open(from: SourceOrigin, identity: StatedIdentity, onFull: (isFull: boolean) => void): ObserverTcSource;
}

/** One client in one call. Several sources may bring its samples, as when its page connects again. */
interface Client {
  readonly session: ForeignSession;
  /** Sources that bring its samples, each with what slows it down. */
  readonly users: Map<object, (isFull: boolean) => void>;
  /** The last record said that the session is over. */
  isOver: boolean;
}

/** Brings samples of ObserveRTC clients into session logs: one session for each `clientId` in each `callId`. */
export function createObserverTcSources(options: ObserverTcSourcesOptions): ObserverTcSources {
  const { registry, gate, onLost } = options;
  const clients = new Map<string, Client>();

  /**
   * The session of a client goes on when its page connects again, also after a restart of the server; when it is over, or was erased, the
   * client gets a new one. That is why the id is made from the names; the salt of the project keeps others from taking it first.
   */
  function sessionIdFor(projectId: string, key: string): string {
    const salt = options.settings.project(projectId)?.salt ?? "";
    for (let returns = 0; returns < maxReturns; returns += 1) {
      const hash = createHmac("sha256", `${salt}\n${projectId}`).update(`${key}\n${returns}`);
      const sessionId = hash.digest("base64url").slice(0, 22);
      if (registry.isErased(sessionId)) continue;
      const entry = registry.get(sessionId);
      if (entry === undefined || !(entry.finished || entry.projectId !== projectId || gate.isOver(entry)))
        return sessionId;
    }
    return createSessionId((count) => randomBytes(count));
  }

  /** The client, or why there is none. */
  function clientFor({ projectId, address }: SourceOrigin, key: string): Client | string {
    const known = clients.get(key);
    if (known !== undefined) return known;
    if (clients.size >= maxSessions) return `more than ${maxSessions} clients of all sources`;
    const sessionId = sessionIdFor(projectId, key);
    const refusal = gate.refusalOf(projectId, sessionId, address);
    if (refusal !== null) return refusal.code;
    const users: Client["users"] = new Map();
    const session = createForeignSession({
      registry,
      projectId,
      sessionId,
      // Somebody says hello with its id, as no client of ObserveRTC does: the session is theirs.
      onReplaced: () => clients.delete(key),
      onFull(isFull) {
        for (const tell of users.values()) tell(isFull);
      },
      onLost,
    });
    if (session === null) return "session-id-taken";
    const client = { session, users, isOver: false };
    clients.set(key, client);
    return client;
  }

  return {
    open(from, identity, onFull) {
      const source = {};
      /** By the session id of the reader. */
      const own = new Map<string, { readonly key: string; readonly client: Client }>();
      let lastSkipped: Skipped | null = null;
      let skippedCount = 0;
      let records = 0;

      function skip(what: Skipped): void {
        lastSkipped = what;
        skippedCount += 1;
        options.onSkipped([...own.values()].at(-1)?.client.session.sessionId ?? null, what);
      }

      function begin({ sessionId, peer, callId }: ReadSession): void {
        // Without a name, nothing says that another source is the same client.
        const name = peer === null ? [createSessionId((count) => randomBytes(count))] : [callId, peer];
        const key = JSON.stringify([from.projectId, ...name]);
        const client =
          own.size < maxOwnSessions ? clientFor(from, key) : `more than ${maxOwnSessions} clients`;
        if (typeof client === "string")
          return skip({ code: "limit-exceeded", line: null, offset: null, reason: client });
        client.users.set(source, onFull);
        own.set(sessionId, { key, client });
      }

      const reader = createObserverTcSession(
        {
          session: begin,
          record(sessionId, record) {
            const client = own.get(sessionId)?.client;
            if (client === undefined) return;
            records += 1;
            client.isOver = record.kind === "event" && record.name === "session-ended";
            client.session.add(record);
          },
          skipped: skip,
        },
        { ...identity, maxSamplesPerMessage: maxSamples },
      );
      return {
        text: (message) => reader.text(message),
        binary: (message) => reader.binary(message),
        value: (sample) => reader.value(sample),
        get records() {
          return records;
        },
        get skippedCount() {
          return skippedCount;
        },
        get lastSkipped() {
          return lastSkipped;
        },
        async isOnDisk(waitMs) {
          const all = await Promise.all(
            [...own.values()].map(({ client }) => client.session.isOnDisk(waitMs)),
          );
          return all.every(Boolean);
        },
        close() {
          for (const { key, client } of own.values()) {
            client.users.delete(source);
            if (client.users.size > 0) continue;
            if (clients.get(key) === client) clients.delete(key);
            client.session.close(client.isOver);
          }
          own.clear();
        },
      };
    },
  };
}
