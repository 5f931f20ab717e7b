import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { ClientAddresses } from "../client-address.ts";
import {
  foreignError,
  ingestError,
  toApiError,
  type ForeignErrorCode,
  type IngestErrorCode,
} from "../errors.ts";
import type { ForeignRefusal } from "./foreign-sockets.ts";
import { clientOrigin, type ClientOrigin, type IngestGate } from "./ingest-gate.ts";
import { maxSampleBytes, maxSamples, observertcPath, statedIdentity } from "./observertc-address.ts";
import type {
  ObserverTcSource,
  ObserverTcSources,
  SourceOrigin,
  StatedIdentity,
} from "./observertc-sources.ts";

export interface ObserverTcPostOptions {
  readonly sources: ObserverTcSources;
  readonly gate: Pick<IngestGate, "letIn" | "addresses">;
  readonly clientAddresses: ClientAddresses;
  readonly onRefused: ForeignRefusal;
  readonly isStopping: () => boolean;
  /** A client that posts nothing for so long is gone, in milliseconds. */
  readonly quietMs?: number;
}

/** Bytes of a body as it comes, and unpacked. Ours: a sample has some 11 kB. */
const maxBodyBytes = 4 << 20;
const maxUnpackedBytes = 8 << 20;
/** Characters of a name. Ours. */
const maxNameCharacters = 256;
/** Bodies that are read or on their way to the disk at the same time; 400 MB of memory at most. Ours. */
const maxRequests = 32;
/** Clients that post at the same time. Ours. */
const maxStreams = 1_000;
/** Ours: some samples, at the 8 s between them that the client has by default. */
const defaultQuietMs = 60_000;
/** As for frames of the SDK. */
const diskTimeoutMs = 10_000;

const unpack = promisify(gunzip);

/** HTTP status for close codes of ingest; all others say that the client may come back. */
const statuses: Readonly<Record<number, number>> = { 4401: 401, 4403: 403, 4429: 429 };

/** What a POST is answered with. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

/** One client: later samples may be differences to earlier ones. */
interface Stream {
  readonly source: ObserverTcSource;
  /** Of whoever posted first. */
  readonly address: string | null;
  isFull: boolean;
  timer: NodeJS.Timeout | null;
}

/** POST /observertc/:key. Returns what ends the streams of clients that post. */
export function addObserverTcPost(app: FastifyInstance, options: ObserverTcPostOptions): () => void {
  const { sources, onRefused, gate } = options;
  const { addresses } = gate;
  const streams = new Map<string, Stream>();
  /** The call that a client named last: what says only what changed does not name it again. */
  const calls = new Map<string, string>();
  let requests = 0;

  void app.register(async (scope) => {
    // The app sends what it likes to call it; what it is, is seen.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.addHook("onRequest", async (request, reply) => {
      allowOrigin(request, reply);
      if (request.method !== "POST") return undefined;
      if (requests >= maxRequests) return send(reply, refuseIngest("server-busy"));
      const { address } = originOf(request);
      if (!addresses.enter(address, "posts")) return send(reply, refuseIngest("address-busy"));
      requests += 1;
      reply.raw.once("close", () => {
        requests -= 1;
        addresses.leave(address, "posts");
      });
      return undefined;
    });
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      if (error.statusCode !== 413) throw error;
      return send(reply, refuse("observertc-body-too-large"));
    });
    // Who may send is said by the key in the path.
    const config = { access: { kind: "public" } } as const;
    scope.options(`${observertcPath}/:key`, { config }, (_request, reply) => reply.code(204).send());
    scope.post<{ Params: { key: string } }>(
      `${observertcPath}/:key`,
      { bodyLimit: maxBodyBytes, config },
      async (request, reply) => send(reply, await answer(request, request.params.key)),
    );
  });

  function refuse(code: ForeignErrorCode, detail?: string): Answer {
    onRefused(code, detail ?? null);
    const { status, message } = foreignError(code);
    return {
      status: status ?? 400,
      body: toApiError(code, detail === undefined ? message : `${message} ${detail}`),
    };
  }

  function refuseIngest(code: IngestErrorCode, detail?: string): Answer {
    onRefused(code, detail ?? null);
    const { message, closeCode } = ingestError(code);
    const body = toApiError(code, detail === undefined ? message : `${message} ${detail}`);
    return { status: statuses[closeCode] ?? 503, body };
  }

  function originOf({ raw }: FastifyRequest): ClientOrigin {
    return clientOrigin(raw, options.clientAddresses);
  }

  async function answer(request: FastifyRequest, key: string): Promise<Answer> {
    if (options.isStopping()) return refuseIngest("server-stopping");
    const from = originOf(request);
    const holder = gate.letIn(key, from, null);
    if (!holder.ok) {
      if (holder.code === "token-invalid") return refuse("observertc-key-invalid", holder.detail);
      return refuseIngest(holder.code, holder.detail);
    }
    const source = { projectId: holder.projectId, address: from.address };
    const bytes = await unpacked(request.body, request.headers["content-encoding"]);
    if (typeof bytes === "string") return refuse(bytes);
    const samples = splitSamples(bytes);
    if (samples === null)
      return refuse("observertc-body-too-large", `It has more than ${maxSamples} samples.`);
    if (hasLargeSample(bytes, samples))
      return refuse("observertc-body-too-large", "A sample of it has more than 1 MiB.");
    const identity = statedIdentity(request.url);
    if (samples.length === 0 && identity.clientId === null)
      return refuse("observertc-unreadable", "It is not JSON; protobuf needs ?clientId= in the address.");

    const touched = new Set<Stream>();
    const before = { records: 0, skipped: 0 };
    const take = (clientId: string, namedCall: string | null): Stream | null => {
      const client = JSON.stringify([source.projectId, clientId]);
      const call = namedCall ?? identity.callId ?? calls.get(client) ?? "";
      const stream = streamOf(source, client, call, identity);
      if (stream !== null && !touched.has(stream)) {
        touched.add(stream);
        before.records += stream.source.records;
        before.skipped += stream.source.skippedCount;
      }
      return stream;
    };
    if (samples.length === 0 && identity.clientId !== null) {
      const stream = take(identity.clientId, null);
      if (stream === null) return refuse("foreign-too-many");
      stream.source.binary(bytes);
    }
    for (const sample of samples) {
      const clientId = nameIn(sample, "clientId") ?? identity.clientId;
      if (clientId === null)
        return refuse("observertc-unreadable", "A sample has no clientId, and neither has the address.");
      const stream = take(clientId, nameIn(sample, "callId"));
      if (stream === null) return refuse("foreign-too-many");
      if (stream.isFull) return refuseIngest("log-write-failed");
      stream.source.value(sample);
    }
    const used = [...touched].map(({ source }) => source);
    const isKept = await Promise.all(used.map((source) => source.isOnDisk(diskTimeoutMs)));
    if (!isKept.every(Boolean)) return refuseIngest("log-write-failed");
    const records = used.reduce((sum, source) => sum + source.records, -before.records);
    const skipped = used.reduce((sum, source) => sum + source.skippedCount, -before.skipped);
    const reason = used.map((source) => source.lastSkipped?.reason).find((text) => text !== undefined);
    if (records === 0 && skipped > 0) return refuse("observertc-unreadable", reason);
    return { status: 200, body: { records, skipped, ...(skipped > 0 ? { reason } : {}) } };
  }

  function streamOf(
    from: SourceOrigin,
    client: string,
    callId: string,
    identity: StatedIdentity,
  ): Stream | null {
    const key = JSON.stringify([callId, client, identity.userId]);
    const known = streams.get(key);
    if (known === undefined && (streams.size >= maxStreams || !addresses.enter(from.address, "foreign")))
      return null;
    const stream: Stream = known ?? {
      source: sources.open(from, identity, (isFull) => (stream.isFull = isFull)),
      address: from.address,
      isFull: false,
      timer: null,
    };
    streams.set(key, stream);
    calls.set(client, callId);
    if (stream.timer !== null) clearTimeout(stream.timer);
    stream.timer = setTimeout(() => {
      streams.delete(key);
      calls.delete(client);
      addresses.leave(stream.address, "foreign");
      stream.source.close();
    }, options.quietMs ?? defaultQuietMs);
    return stream;
  }

  return () => {
    for (const { source, timer, address } of streams.values()) {
      if (timer !== null) clearTimeout(timer);
      addresses.leave(address, "foreign");
      source.close();
    }
    streams.clear();
    calls.clear();
  };
}

/**
 * Pages of any origin may post, with whatever content type; a beacon that a page sends when it is left comes with credentials, which
 * browsers let through only when its own origin is named. Cookies are not looked at here.
 */
function allowOrigin({ headers }: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    "access-control-allow-origin": headers.origin ?? "*",
    ...(headers.origin === undefined ? {} : { "access-control-allow-credentials": "true", vary: "origin" }),
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type, content-encoding, authorization",
    "access-control-max-age": "7200",
    "cache-control": "no-store",
  });
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(body));
}

/** The bytes of a body, or why there are none. Packed ones are told by their first bytes: proxies and apps lose headers. */
async function unpacked(body: unknown, encoding: string | undefined): Promise<Buffer | ForeignErrorCode> {
  if (!Buffer.isBuffer(body) || body.length === 0) return "observertc-unreadable";
  if (body[0] !== 0x1f || body[1] !== 0x8b)
    return encoding === undefined || encoding === "identity" ? body : "observertc-body-invalid";
  try {
    return await unpack(body, { maxOutputLength: maxUnpackedBytes });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return isTooLarge ? "observertc-body-too-large" : "observertc-body-invalid";
  }
}

/** The samples of a body: one, an array, or one a line. None when it is no JSON, null when they are too many. */
function splitSamples(bytes: Buffer): readonly JsonValue[] | null {
  const text = bytes.toString("utf8").trim();
  if (text[0] !== "{" && text[0] !== "[") return [];
  const whole = parse(text);
  if (whole !== undefined) {
    const samples = Array.isArray(whole) ? whole : [whole];
    return samples.length > maxSamples ? null : samples;
  }
  const lines = text.split("\n", maxSamples + 1).filter((line) => line.trim() !== "");
  // What is no JSON stays a text, and is said to be no sample.
  return lines.length > maxSamples ? null : lines.map((line) => parse(line) ?? line);
}

/** Is one of them larger than may be kept? Only bodies that are themselves are looked through. */
function hasLargeSample(bytes: Buffer, samples: readonly JsonValue[]): boolean {
  if (bytes.length <= maxSampleBytes) return false;
  return samples.length === 0 || samples.some((sample) => textLength(sample) > maxSampleBytes);
}

/** Infinity for what is nested deeper than can be written. */
function textLength(sample: JsonValue): number {
  try {
    return JSON.stringify(sample).length;
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** A name that a sample says, also one in a wrapper. Every sample says its `clientId`, also one that says only what changed. */
function nameIn(sample: JsonValue, member: "clientId" | "callId"): string | null {
  if (!isObject(sample)) return null;
  const inner = sample["sample"] ?? sample["payload"];
  const name = sample[member] ?? (inner !== undefined && isObject(inner) ? inner[member] : undefined);
  return typeof name === "string" && name !== "" ? name.slice(0, maxNameCharacters) : null;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
