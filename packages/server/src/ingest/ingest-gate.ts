import type { IncomingMessage } from "node:http";
import { isSessionId } from "@peerscope/schema";
import type { ClientAddresses } from "../client-address.ts";
import type { IngestErrorCode } from "../errors.ts";
import type { IngestKey, Settings } from "../settings/settings.ts";
import type { AddressBook } from "./address-book.ts";
import type { CountryLookup } from "./country-lookup.ts";
import { createByteBudget, type ByteBudget } from "./byte-budget.ts";
import { looksLikeToken, verifyToken } from "./json-web-token.ts";
import { limitsOfProject, type IngestLimits, type ProjectIngestLimits } from "./limits.ts";
import type { SessionEntry, SessionOwner } from "./session-entry.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Where a client is, as far as its request says. */
export interface ClientOrigin {
  /** As it is counted; null for one that is not. */
  readonly address: string | null;
  /** The `Origin` of its page; null when it does not say one, as programs that are no browsers. */
  readonly pageOrigin: string | null;
}

/** Where the client of a request is. */
export function clientOrigin(request: IncomingMessage, addresses: ClientAddresses): ClientOrigin {
  return { address: addresses.of(request), pageOrigin: request.headers.origin ?? null };
}

export interface Refusal {
  readonly ok: false;
  readonly code: IngestErrorCode;
  readonly detail?: string;
  /** Whose key the client showed; undefined when it showed none that is known. */
  readonly projectId?: string;
}

/** With which key a client came in, and so whose its sessions are. */
export interface KeyHolder {
  readonly ok: true;
  readonly projectId: string;
  readonly keyId: string;
}

/** A session that a client may add to. */
export interface OpenedSession {
  readonly ok: true;
  readonly entry: SessionEntry;
  readonly budget: ByteBudget;
}

/** Decides who is let in and how much they may bring. */
export interface IngestGate {
  /** `sessionId` is null where it is not the client's choice. */
  letIn(token: string, from: ClientOrigin, sessionId: string | null): KeyHolder | Refusal;
  /** Why the project may not have this session (again) now, else null. A new one is taken off what the address may begin. */
  refusalOf(projectId: string, sessionId: string, address: string | null): Refusal | null;
  /**
   * Brings the log of a session of the past back, so that it can go on. Null when nothing has to be waited for.
   * @throws Error when the archive does not give it.
   */
  prepare(holder: KeyHolder, sessionId: string): Promise<void> | null;
  /** Attaches, when nothing speaks against it. Call it when what `prepare` started is done. */
  open(
    holder: KeyHolder,
    sessionId: string,
    from: ClientOrigin,
    owner: SessionOwner | null,
  ): OpenedSession | Refusal;
  limits(projectId: string): ProjectIngestLimits;
  /** False when the key was revoked, or its project deleted, since the client came in. */
  isGood(holder: KeyHolder): boolean;
  /** The session has lasted for as long as one of its project may. */
  isOver(entry: SessionEntry): boolean;
  /** Why a session that is open has to end now, else null. */
  refusalOfOpen(holder: KeyHolder, entry: SessionEntry): IngestErrorCode | null;
  readonly addresses: AddressBook;
}

export interface IngestGateOptions {
  readonly settings: Pick<Settings, "project" | "ingestKey">;
  readonly registry: SessionRegistry;
  readonly limits: IngestLimits;
  readonly addresses: AddressBook;
  readonly countryOf: CountryLookup;
  /** Brings a log back from the archive; null when it is here. */
  readonly restore: (sessionId: string) => Promise<void> | null;
  /** Unix ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
}

const hourMs = 3_600_000;

export function createIngestGate(options: IngestGateOptions): IngestGate {
  const { settings, registry, addresses, now } = options;
  /** A session keeps its budget when its client connects again. */
  const budgets = new WeakMap<SessionEntry, ByteBudget>();
  const keyOf = (keyId: string): IngestKey | null => settings.ingestKey(keyId);

  function letIn(token: string, from: ClientOrigin, sessionId: string | null): KeyHolder | Refusal {
    if (looksLikeToken(token)) {
      const verdict = verifyToken(token, keyOf, sessionId, now());
      return verdict.ok ? { ok: true, projectId: verdict.key.projectId, keyId: verdict.key.keyId } : verdict;
    }
    // The id is the key: it stands in every page, so how long a look-up takes gives nothing away.
    const key = keyOf(token);
    if (key === null || key.kind !== "public") return { ok: false, code: "token-invalid" };
    if (key.revokedAt !== null) return { ok: false, code: "key-revoked", projectId: key.projectId };
    if (!isAllowedOrigin(from.pageOrigin, key.allowedOrigins)) {
      const detail =
        from.pageOrigin === null
          ? "The request names none."
          : `It is ${JSON.stringify(from.pageOrigin.slice(0, 100))}.`;
      return { ok: false, code: "key-origin-wrong", detail, projectId: key.projectId };
    }
    return { ok: true, projectId: key.projectId, keyId: key.keyId };
  }

  function isOver(entry: SessionEntry): boolean {
    const { maxSessionHours } = limits(entry.projectId);
    return now() - entry.createdAt > maxSessionHours * hourMs;
  }

  function limits(projectId: string): ProjectIngestLimits {
    return limitsOfProject(settings, projectId, options.limits);
  }

  function refusalOf(projectId: string, sessionId: string, address: string | null): Refusal | null {
    if (!isSessionId(sessionId)) return { ok: false, code: "session-id-invalid" };
    if (registry.isErased(sessionId)) return { ok: false, code: "session-erased" };
    const entry = registry.get(sessionId);
    if (entry !== undefined && entry.projectId !== projectId) return { ok: false, code: "session-id-taken" };
    if (entry !== undefined && isOver(entry)) return { ok: false, code: "session-too-long" };
    if (entry !== undefined && !entry.finished) return null;
    if (registry.openOf(projectId) >= limits(projectId).maxLiveSessions)
      return { ok: false, code: "project-sessions-exceeded" };
    if (!addresses.beginSession(address)) return { ok: false, code: "address-sessions-exceeded" };
    return null;
  }

  function isGood({ keyId }: KeyHolder): boolean {
    // A deleted project has no keys any more.
    return settings.ingestKey(keyId)?.revokedAt === null;
  }

  return {
    letIn,
    isGood,
    isOver,
    refusalOf,
    limits,
    addresses,
    prepare({ projectId }, sessionId) {
      const entry = registry.get(sessionId);
      const mayGoOn = entry !== undefined && entry.projectId === projectId && !isOver(entry);
      // One that is being erased must not come back from the archive meanwhile.
      return mayGoOn && entry.finished && !registry.isErased(sessionId) ? options.restore(sessionId) : null;
    },
    open(holder, sessionId, from, owner) {
      const refusal = refusalOf(holder.projectId, sessionId, from.address);
      if (refusal !== null) return refusal;
      if (!registry.hasRoom) return { ok: false, code: "disk-full" };
      const entry = registry.attach(holder.projectId, sessionId, owner);
      if (entry === null) return { ok: false, code: "session-id-taken" };
      // The country is kept with the log, the address is not kept at all.
      const keepsPlace = settings.project(holder.projectId)?.privacy.ipAddresses !== "remove";
      if (entry.bytes === 0 && keepsPlace) entry.country ??= options.countryOf(from.address);
      let budget = budgets.get(entry);
      if (budget === undefined) {
        budget = createByteBudget(options.monotonicMs());
        budgets.set(entry, budget);
      }
      return { ok: true, entry, budget };
    },
    refusalOfOpen(holder, entry) {
      if (!isGood(holder)) return "key-withdrawn";
      return isOver(entry) ? "session-too-long" : null;
    },
  };
}

/** `https://app.example`, or `https://*.example` for all names below one, not for the name itself. */
function isAllowedOrigin(pageOrigin: string | null, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  if (pageOrigin === null) return false;
  const asked = pageOrigin.toLowerCase();
  return allowed.some((origin) => {
    const [scheme, rest, ...more] = origin.split("*");
    if (scheme === undefined || rest === undefined || more.length > 0) return asked === origin;
    const name = asked.slice(scheme.length, asked.length - rest.length);
    return (
      asked.length > scheme.length + rest.length &&
      asked.startsWith(scheme) &&
      asked.endsWith(rest) &&
      /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)
    );
  });
}
