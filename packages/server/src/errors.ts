import type { ApiError } from "@peerscope/schema/api";
import type { FrameErrorCode, SessionLogErrorCode } from "@peerscope/schema";

/**
 * Every error a person can meet at the server, in one place. `status` is the HTTP status; `closeCode` is the WebSocket
 * close code after the error message, with `retry` telling the client whether the same session can succeed again.
 * docs/reference/errors.md has a section for each; a test compares both.
 */
interface HttpError {
  readonly status: number;
  readonly message: string;
}
interface IngestError {
  readonly closeCode: number;
  readonly retry: boolean;
  /** The client goes on in a new session. */
  readonly renew?: true;
  readonly message: string;
}
interface ForeignError {
  /** Of the answer to a POST; null where it is met on WebSockets only. */
  readonly status: number | null;
  /** Null where it is met by POST only. */
  readonly closeCode: number | null;
  readonly message: string;
}
interface StartError {
  readonly message: string;
}

/** Codes of answers to HTTP requests. */
export type HttpErrorCode =
  | "query-invalid"
  | "cursor-invalid"
  | "route-unknown"
  | "session-unknown"
  | "call-unknown"
  | "erasure-unknown"
  | "upgrade-required"
  | "host-not-allowed"
  | "login-needed"
  | "role-missing"
  | "project-unknown"
  | "origin-not-allowed"
  | "api-token-invalid"
  | "login-failed"
  | "login-throttled"
  | "login-busy"
  | "login-unavailable"
  | "oidc-failed"
  | "oidc-not-invited"
  | "password-unusable"
  | "person-needed"
  | "user-unknown"
  | "user-exists"
  | "admin-last"
  | "api-token-unknown"
  | "server-error"
  | "analysis-unavailable"
  | "session-set-aside"
  | "store-unavailable"
  | "query-too-heavy"
  | "live-streams-exceeded"
  | "reanalysis-running"
  | "archive-unavailable"
  | "archive-log-missing"
  | "archive-log-damaged"
  | "settings-unavailable"
  | "settings-conflict"
  | "settings-limit-reached"
  | "thresholds-invalid"
  | "ingest-key-unknown"
  | "ingest-key-missing"
  | "view-unknown"
  | "note-unknown"
  | "project-needed"
  | "project-not-empty"
  | "dashboard-not-built";

type ProtocolErrorCode =
  | "hello-expected"
  | "hello-timeout"
  | "message-invalid"
  | "token-invalid"
  | "token-too-long"
  | "token-key-unknown"
  | "token-algorithm-wrong"
  | "token-signature-wrong"
  | "token-expiry-missing"
  | "token-expired"
  | "token-not-yet-valid"
  | "token-audience-wrong"
  | "token-session-wrong"
  | "key-revoked"
  | "key-withdrawn"
  | "key-origin-wrong"
  | "wire-version-unsupported"
  | "session-id-invalid"
  | "session-id-taken"
  | "session-replaced"
  | "session-unreadable"
  | "session-erased"
  | "session-too-long"
  | "project-sessions-exceeded"
  | "address-sessions-exceeded"
  | "address-connections-exceeded"
  | "address-busy"
  | "rate-exceeded"
  | "client-idle"
  | "sequence-gap"
  | "log-write-failed"
  | "disk-full"
  | "log-away"
  | "client-too-slow"
  | "server-busy"
  | "server-stopping";

/** Codes that ingest sends before it closes a connection. */
export type IngestErrorCode = ProtocolErrorCode | FrameErrorCode;

/** Codes of what is refused to clients of other tools: by WebSocket a close code, by POST an answer. */
export type ForeignErrorCode =
  | "rtcstats-token-invalid"
  | "rtcstats-key-missing"
  | "observertc-key-invalid"
  | "observertc-body-invalid"
  | "observertc-body-too-large"
  | "observertc-unreadable"
  | "foreign-too-many"
  | "foreign-idle";

/** Codes of a store that this version does not use as it is. Sessions are recorded without it. */
export type StoreErrorCode =
  | "store-unreachable"
  | "store-schema-newer"
  | "store-schema-changed"
  | "store-cluster-changed";

/** Codes of session logs on disk. */
type LogErrorCode = SessionLogErrorCode | "log-missing";

/** Codes of a start that fails. */
export type StartErrorCode =
  | "config-invalid"
  | "data-folder-in-use"
  | "data-folder-unusable"
  | "settings-unusable"
  | "archive-unreachable"
  | "tls-unusable"
  | "port-in-use"
  | "admin-missing";

const http: Readonly<Record<HttpErrorCode, HttpError>> = {
  "query-invalid": { status: 400, message: "A parameter of the request cannot be used." },
  "cursor-invalid": {
    status: 400,
    message: "The cursor does not come from this server or belongs to another sort order.",
  },
  "route-unknown": { status: 404, message: "There is nothing at this address." },
  "session-unknown": { status: 404, message: "No session has this id." },
  "erasure-unknown": { status: 404, message: "The project has no erasure with this id." },
  "call-unknown": { status: 404, message: "No session is in a call with this id." },
  "host-not-allowed": {
    status: 403,
    message: "This server answers only under the name or address it listens on.",
  },
  "login-needed": { status: 401, message: "Log in first, or send an API token." },
  "role-missing": { status: 403, message: "Your role does not allow this." },
  "project-unknown": { status: 404, message: "No project has this id." },
  "origin-not-allowed": {
    status: 403,
    message: "Changes are taken from this server's own pages and from API tokens only.",
  },
  "api-token-invalid": { status: 401, message: "The API token is not valid here." },
  "login-failed": { status: 401, message: "The e-mail address or the password is wrong." },
  "login-throttled": { status: 429, message: "Too many logins failed. Wait as long as retry-after says." },
  "login-busy": { status: 503, message: "Too many logins are under way. Try again in a few seconds." },
  "login-unavailable": { status: 404, message: "This server has no login of this kind." },
  "oidc-failed": { status: 502, message: "The login of the identity provider did not work." },
  "oidc-not-invited": { status: 403, message: "Nobody with this e-mail address may use this server." },
  "password-unusable": { status: 400, message: "A password has 12 to 256 characters." },
  "person-needed": { status: 403, message: "An API token cannot do this; a person has to log in." },
  "user-unknown": { status: 404, message: "There is no such user." },
  "user-exists": { status: 409, message: "There is a user with this e-mail address." },
  "admin-last": { status: 409, message: "The server needs one server admin who can log in." },
  "api-token-unknown": { status: 404, message: "There is no such API token." },
  "upgrade-required": { status: 426, message: "This address speaks WebSocket, and takes frames by POST." },
  "server-error": { status: 500, message: "The server failed; its log says why." },
  "analysis-unavailable": {
    status: 503,
    message: "The analysis is being restarted. Try again in a few seconds.",
  },
  "session-set-aside": {
    status: 500,
    message: "The analysis of this session failed several times and is not tried again. Its log is intact.",
  },
  "store-unavailable": {
    status: 503,
    message: "The store does not answer. Sessions are still being recorded.",
  },
  "live-streams-exceeded": {
    status: 503,
    message: "There are as many live pages open as a server serves: 200, and 20 of one person.",
  },
  "query-too-heavy": {
    status: 422,
    message:
      "The question reads more than one question may. Ask for less: a shorter time, or one more filter.",
  },
  "reanalysis-running": { status: 409, message: "Sessions are being analysed again already." },
  "settings-unavailable": {
    status: 503,
    message: "The database of the settings does not answer. Sessions are still being recorded.",
  },
  "settings-conflict": { status: 409, message: "This contradicts what was saved before." },
  "thresholds-invalid": { status: 400, message: "The thresholds cannot be used." },
  "ingest-key-unknown": { status: 404, message: "The project has no such ingest key." },
  "ingest-key-missing": { status: 409, message: "The project has no public ingest key. Create one." },
  "view-unknown": { status: 404, message: "The project has no such view." },
  "note-unknown": { status: 404, message: "The session has no such note." },
  "project-not-empty": { status: 409, message: "The project has sessions." },
  "project-needed": { status: 409, message: "The last project cannot be deleted." },
  "settings-limit-reached": { status: 409, message: "There are as many as a server keeps." },
  "archive-unavailable": {
    status: 503,
    message: "The log is in the archive, which does not answer. Try again later.",
  },
  "archive-log-missing": { status: 404, message: "The log is not in the archive any more." },
  "archive-log-damaged": { status: 500, message: "The archive gives back other bytes than it was given." },
  "dashboard-not-built": {
    status: 503,
    message: "The dashboard is not built. Run `npm run build`, then reload.",
  },
};

const ingest: Readonly<Record<ProtocolErrorCode, IngestError>> = {
  "hello-expected": { closeCode: 4400, retry: false, message: "The first message must be hello." },
  "hello-timeout": { closeCode: 4408, retry: true, message: "No hello came within five seconds." },
  "message-invalid": {
    closeCode: 4400,
    retry: false,
    message: "The text message is not one of the protocol.",
  },
  "token-invalid": { closeCode: 4401, retry: false, message: "The ingest key is not known here." },
  "token-too-long": {
    closeCode: 4401,
    retry: false,
    message: "The token is longer than 4096 characters.",
  },
  "token-key-unknown": {
    closeCode: 4401,
    retry: false,
    message: "The token does not name a key (kid) that is known here.",
  },
  "token-algorithm-wrong": {
    closeCode: 4401,
    retry: false,
    message: "The token is not signed with the algorithm of its key.",
  },
  "token-signature-wrong": {
    closeCode: 4401,
    retry: false,
    message: "The token was not signed with its key.",
  },
  "token-expiry-missing": {
    closeCode: 4401,
    retry: false,
    message: "The token does not say when it expires (exp).",
  },
  "token-expired": { closeCode: 4401, retry: true, message: "The token has expired." },
  "token-not-yet-valid": {
    closeCode: 4401,
    retry: true,
    message: "The token is of a time to come (nbf, iat).",
  },
  "token-audience-wrong": {
    closeCode: 4401,
    retry: false,
    message: "The token is meant for somebody else (aud).",
  },
  "token-session-wrong": {
    closeCode: 4401,
    retry: false,
    message: "The token is for another session (sid).",
  },
  "key-revoked": { closeCode: 4401, retry: false, message: "The ingest key was revoked." },
  "key-withdrawn": {
    closeCode: 4401,
    retry: true,
    message: "The ingest key of this connection was revoked. Come back with another one.",
  },
  "key-origin-wrong": {
    closeCode: 4403,
    retry: false,
    message: "The ingest key is not for pages of this origin.",
  },
  "wire-version-unsupported": { closeCode: 4426, retry: false, message: "This server reads wire version 3." },
  "session-id-invalid": {
    closeCode: 4400,
    retry: false,
    message: "A session id has 8 to 64 characters out of A-Z, a-z, 0-9, _ and -.",
  },
  "session-id-taken": {
    closeCode: 4400,
    retry: false,
    message: "The session id is used already; a new session needs another one.",
  },
  "session-replaced": {
    closeCode: 4410,
    retry: false,
    message: "Another connection took this session over.",
  },
  "session-erased": {
    closeCode: 4410,
    retry: false,
    message: "This session was erased. Nothing more of it is taken.",
  },
  "session-unreadable": {
    closeCode: 4410,
    retry: false,
    renew: true,
    message: "The privacy rules need the beginning of this session, which is gone. Go on in a new session.",
  },
  "session-too-long": {
    closeCode: 4410,
    retry: false,
    renew: true,
    message: "The session has lasted for as long as one may. Go on in a new session.",
  },
  "project-sessions-exceeded": {
    closeCode: 4429,
    retry: true,
    message: "The project has as many sessions at the same time as it may.",
  },
  "address-sessions-exceeded": {
    closeCode: 4429,
    retry: true,
    message: "Too many sessions were begun from this address within a minute.",
  },
  "address-connections-exceeded": {
    closeCode: 4429,
    retry: true,
    message: "There are too many connections from this address.",
  },
  "address-busy": {
    closeCode: 4429,
    retry: true,
    message: "Too many requests from this address are under way.",
  },
  "rate-exceeded": {
    closeCode: 4429,
    retry: false,
    message: "The session has sent more than it may for ten minutes.",
  },
  "client-idle": { closeCode: 4408, retry: true, message: "Nothing came for an hour." },
  "sequence-gap": { closeCode: 4409, retry: true, message: "A frame is missing before this one." },
  "log-write-failed": { closeCode: 4507, retry: true, message: "The session log could not be written." },
  "log-away": {
    closeCode: 4507,
    retry: true,
    message: "The log of this session is in the archive, which does not answer.",
  },
  "disk-full": { closeCode: 4507, retry: true, message: "The disk of the server is full." },
  "client-too-slow": { closeCode: 4429, retry: true, message: "Answers to this client pile up unread." },
  "server-busy": { closeCode: 1013, retry: true, message: "Too many requests are under way." },
  "server-stopping": { closeCode: 1001, retry: true, message: "The server is being stopped or restarted." },
};

/** Codes of the codec, as ingest answers them. */
const frames: Readonly<Record<FrameErrorCode, IngestError>> = {
  "frame-too-short": { closeCode: 4422, retry: false, message: "The message is too short to be a frame." },
  "frame-not-peerscope": { closeCode: 4422, retry: false, message: "The message is not a Peerscope frame." },
  "frame-version-unsupported": {
    closeCode: 4426,
    retry: false,
    message: "The frame has another wire version.",
  },
  "frame-too-large": { closeCode: 4413, retry: false, message: "The frame is larger than 1 MiB." },
  "frame-corrupt": { closeCode: 4422, retry: false, message: "The frame cannot be decoded." },
  "frame-limit-exceeded": {
    closeCode: 4422,
    retry: false,
    message: "The frame is over a limit of the codec.",
  },
  "frame-gap": { closeCode: 4409, retry: true, message: "The frame needs one that is missing." },
};

const foreign: Readonly<Record<ForeignErrorCode, ForeignError>> = {
  "rtcstats-token-invalid": {
    status: null,
    closeCode: 1008,
    message: "The rtcstats-token is missing or cannot be accepted.",
  },
  "rtcstats-key-missing": {
    status: null,
    closeCode: 1008,
    message: "The address does not have the ingest key.",
  },
  "observertc-key-invalid": {
    status: 401,
    closeCode: 4401,
    message: "The ingest key in the address is not known here.",
  },
  "observertc-body-invalid": { status: 400, closeCode: null, message: "The body cannot be unpacked." },
  "observertc-body-too-large": { status: 413, closeCode: null, message: "The body is too large." },
  "observertc-unreadable": { status: 422, closeCode: null, message: "No ClientSample could be read." },
  "foreign-too-many": {
    status: 503,
    closeCode: 1013,
    message: "Too many clients of other tools are connected.",
  },
  "foreign-idle": { status: null, closeCode: 4408, message: "Nothing came for half an hour." },
};

/** Codes of a session log on disk. They are met by readers of logs and written to the server's own log, never sent. */
const logs: Readonly<Record<LogErrorCode, StartError>> = {
  "log-missing": { message: "The session log is not where it should be." },
  "log-not-peerscope": { message: "The file is not a Peerscope session log." },
  "log-version-unsupported": { message: "The session log has another version." },
  "log-header-corrupt": { message: "The header of the session log is damaged." },
  "log-entry-corrupt": { message: "An entry of the session log has a wrong checksum." },
  "log-truncated": { message: "The session log ends in the middle of an entry." },
};

const start: Readonly<Record<StartErrorCode, StartError>> = {
  "config-invalid": { message: "A setting cannot be used." },
  "data-folder-in-use": { message: "Another server uses this data folder." },
  "data-folder-unusable": { message: "The data folder cannot be written." },
  "settings-unusable": { message: "The settings cannot be opened." },
  "archive-unreachable": {
    message: "The list of logs has to be made anew, and the archive does not answer.",
  },
  "tls-unusable": { message: "Certificate or key cannot be used." },
  "port-in-use": { message: "The port is taken by another program." },
  "admin-missing": { message: "Other machines could reach this server, and nobody could log in." },
};

const stores: Readonly<Record<StoreErrorCode, StartError>> = {
  "store-unreachable": { message: "The store does not answer." },
  "store-schema-newer": {
    message: "A newer version of Peerscope has changed the tables of the store. Start that version.",
  },
  "store-schema-changed": { message: "A migration that ran in this store was changed afterwards." },
  "store-cluster-changed": { message: "The store was made for another PEERSCOPE_CLICKHOUSE_CLUSTER." },
};

/** The catalogue by area. */
export const errorCatalog: {
  readonly http: Readonly<Record<HttpErrorCode, HttpError>>;
  readonly ingest: Readonly<Record<ProtocolErrorCode, IngestError>>;
  readonly frames: Readonly<Record<FrameErrorCode, IngestError>>;
  readonly foreign: Readonly<Record<ForeignErrorCode, ForeignError>>;
  readonly logs: Readonly<Record<LogErrorCode, StartError>>;
  readonly start: Readonly<Record<StartErrorCode, StartError>>;
  readonly stores: Readonly<Record<StoreErrorCode, StartError>>;
} = { http, ingest, frames, foreign, logs, start, stores };

/** What ingest says and does for a code. */
export function ingestError(code: IngestErrorCode): IngestError {
  return { ...ingest, ...frames }[code];
}

/** What is refused to a client of another tool, for a code. */
export function foreignError(code: ForeignErrorCode): ForeignError {
  return foreign[code];
}

/** An answer of the API that is not 2xx. `detail` is added to the message of the catalogue. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: HttpErrorCode;
  readonly status: number;

  constructor(code: HttpErrorCode, detail?: string) {
    super(detail === undefined ? http[code].message : `${http[code].message} ${detail}`);
    this.code = code;
    this.status = http[code].status;
  }
}

/** The server cannot start; `message` begins with the code and says what to do. */
export class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, detail: string) {
    super(`${code}: ${start[code].message} ${detail}`);
    this.code = code;
  }
}

/** The store cannot be used; `message` begins with the code and says what to do. */
export class StoreError extends Error {
  override readonly name = "ServerStoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, detail: string) {
    super(`${code}: ${stores[code].message} ${detail}`);
    this.code = code;
  }
}

/** Body of an answer that is not 2xx. */
export function toApiError(
  code: HttpErrorCode | IngestErrorCode | ForeignErrorCode,
  message: string,
): ApiError {
  return { error: { code, message, docs: `docs/reference/errors.md#${code}` } };
}
