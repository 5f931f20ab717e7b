import type { JsonObject, JsonValue } from "@peerscope/schema";
import { isObject, objectOf, parseJson, textOf } from "../json.ts";
import type { ForeignFormat, ForeignSink, ForeignSummary } from "../reader.ts";
import { createSkips, nowhere, type Place } from "../skips.ts";
import { createClientReader, type ClientReader, type Form } from "./client.ts";
import { unwrapSample } from "./events.ts";
import { base64Bytes, isBase64, utf8OrNull } from "./identifiers.ts";
import { createEventMemory } from "./event-memory.ts";
import { clientSampleFields, generations, type Generation } from "./schema.ts";
import { countMisfits, readMessage } from "./wire.ts";

/** Sessions of one source: a client in another call has another one. Ours: a gateway may send those of a whole call. */
const maxSessions = 1_000;
/** Bytes of one message. Ours: the largest sample seen is 40 kB. */
const maxMessageBytes = 16_777_216;
const maxNameLength = 200;

/** What is known of a source besides its messages. */
export interface ObserverTcOptions {
  /** Told by the endpoint or the file; without it the messages tell. */
  readonly format?: "observertc-json" | "observertc-delta" | "observertc-protobuf";
  /** Stands in where samples do not say it. */
  readonly callId?: string | null;
  readonly clientId?: string | null;
  /** Who the client is; without it `attachments.userId`, and at last the client's id. */
  readonly userId?: string | null;
  /** Messages with more samples are not read; without it a message may have any number. */
  readonly maxSamplesPerMessage?: number;
}

/** The messages of one socket, or the samples of one file, in their order. */
export interface ObserverTcSession {
  /** A text message: one sample or an array of them as JSON, or a protobuf message in base64. */
  text(message: string, place?: Place): void;
  /** A binary message: protobuf, or JSON in bytes. */
  binary(message: Uint8Array, place?: Place): void;
  /** A sample that is parsed already. */
  value(message: JsonValue, place?: Place): void;
  /** Something that was not even a message. */
  skip(code: "unreadable" | "truncated" | "limit-exceeded", place: Place, reason: string): void;
  end(): ForeignSummary;
}

interface Client {
  readonly callId: string | null;
  readonly reader: ClientReader;
}

/**
 * Reads what ObserveRTC's client-monitor emits, however an app sends it: samples as JSON, as JSON that says only what changed, or as
 * protobuf. One object for each connection: later messages may be differences to earlier ones.
 */
export function createObserverTcSession(
  sink: ForeignSink,
  options: ObserverTcOptions = {},
): ObserverTcSession {
  const skips = createSkips(sink);
  const clients = new Map<string, Client>();
  /** Session ids that are given away, each with the number that the next one like it gets. */
  const nextNumbers = new Map<string, number>();
  const maxSamples = options.maxSamplesPerMessage ?? Infinity;
  let begun = 0;
  let records = 0;
  let format: ForeignFormat = options.format ?? "observertc-json";
  /** Schemas that explain all protobuf messages so far. */
  let schemas: readonly Generation[] = generations;
  const repeats = createEventMemory();

  function value(message: JsonValue, place: Place = nowhere): void {
    if (!Array.isArray(message)) takeOne(message, place);
    else if (message.length > maxSamples)
      skips.add("limit-exceeded", place, `a message of more than ${maxSamples} samples`);
    else for (const entry of message) takeOne(entry, place);
  }

  function takeOne(message: JsonValue, place: Place): void {
    const sample = unwrapSample(message);
    if (sample !== null) takeSample(sample, place);
    else if (isOlderModel(message)) {
      skips.once(
        "version-unsupported",
        "2.x",
        place,
        "samples of ObserveRTC 2.x or older have another model, which is not read",
      );
    } else skips.add("invalid-entry", place, "not a ClientSample");
  }

  function takeSample(sample: JsonObject, place: Place): void {
    if (isOlderModel(sample)) {
      skips.once(
        "version-unsupported",
        "2.x",
        place,
        "samples of ObserveRTC 2.x or older have another model, which is not read",
      );
      return;
    }
    const clientId = nameOf(sample["clientId"]) ?? options.clientId ?? null;
    const said = nameOf(sample["callId"]);
    let client = clients.get(clientId ?? "");
    if (client === undefined || (said !== null && client.callId !== null && said !== client.callId)) {
      if (begun >= maxSessions) {
        skips.once("limit-exceeded", "sessions", place, `more than ${maxSessions} clients and calls`);
        return;
      }
      begun += 1;
      const callId = said ?? options.callId ?? null;
      const userId = options.userId ?? nameOf(objectOf(attachmentsOf(sample))["userId"]) ?? clientId;
      client = { callId, reader: begin(clientId, userId, callId) };
      clients.set(clientId ?? "", client);
    }
    client.reader.take(sample, place);
  }

  function begin(clientId: string | null, userId: string | null, callId: string | null): ClientReader {
    const wanted = ["observertc", callId, clientId].filter((part) => part !== null).join("-");
    const plain = wanted.replaceAll(/[^\w-]+/g, "-").slice(0, 56);
    let sessionId = plain;
    let number = nextNumbers.get(plain) ?? 2;
    for (; nextNumbers.has(sessionId); number += 1) sessionId = `${plain}-${number}`;
    nextNumbers.set(sessionId, 2);
    nextNumbers.set(plain, number);
    sink.session({ sessionId, peer: clientId, userId, callId });
    const record: Parameters<typeof createClientReader>[1]["record"] = (made) => {
      records += 1;
      sink.record(sessionId, made);
    };
    const form: Form = format === "observertc-json" ? "unknown" : "difference";
    return createClientReader({ userId, callId }, { record }, skips, form);
  }

  function binary(bytes: Uint8Array, place: Place = nowhere): void {
    if (bytes.length > maxMessageBytes) {
      skips.add("limit-exceeded", place, `a message of more than ${maxMessageBytes} bytes`);
      return;
    }
    // A "{" would begin a group, and a "[" a field of a kind that these messages do not have.
    if (bytes[0] === 0x7b || bytes[0] === 0x5b) {
      const text = utf8OrNull(bytes);
      if (text === null) skips.add("unreadable", place, "neither UTF-8 text nor a protobuf message");
      else readText(text, place);
      return;
    }
    if (clients.size === 0) format = "observertc-protobuf";
    const misfits = generations.map(
      (schema) => [schema, countMisfits(bytes, clientSampleFields(schema))] as const,
    );
    if (misfits.every(([, count]) => count === null)) {
      skips.add("unreadable", place, "not a protobuf message");
      return;
    }
    const fitting = misfits.filter(([, count]) => count === 0).map(([schema]) => schema);
    const left = schemas.filter((schema) => fitting.includes(schema));
    // A socket that was opened anew by another version of the client says so with its first message.
    const [schema] = left.length > 0 ? left : fitting;
    if (schema === undefined) {
      skips.add(
        "version-unsupported",
        place,
        "a protobuf message whose fields are numbered as in no schema from 3.0.0 to 3.5.0",
      );
      return;
    }
    schemas = left.length > 0 ? left : fitting;
    const message = readMessage(bytes, clientSampleFields(schema));
    if (message === null) skips.add("unreadable", place, "not a protobuf message");
    else takeSample(schema === "oldest" ? repeats.complete(message) : message, place);
  }

  function readText(text: string, place: Place): void {
    const message = parseJson(text);
    if (message === undefined) skips.add("unreadable", place, "not valid JSON");
    else value(message, place);
  }

  return {
    value,
    binary,
    skip: (code, place, reason) => skips.add(code, place, reason),
    text(message, place = nowhere) {
      const content = message.trim();
      if (content.length > maxMessageBytes) {
        skips.add("limit-exceeded", place, `a message of more than ${maxMessageBytes} characters`);
      } else if (isBase64(content)) binary(base64Bytes(content), place);
      else readText(content, place);
    },
    end: () => ({ format, records, skippedCount: skips.count, limits }),
  };
}

const limits: readonly string[] = [
  "Statistics come every few seconds, as the client was configured: what is shorter is not seen, and times are as coarse.",
  "The plain client tells no connection states, candidates, calls of the app or changes of tracks.",
  "Values that vanished keep their last value where the app sends differences.",
];

/** Attachments are an object, or its text after a protobuf encoder. */
function attachmentsOf({ attachments }: JsonObject): JsonValue | undefined {
  return typeof attachments === "string" ? parseJson(attachments) : attachments;
}

function nameOf(value: JsonValue | undefined): string | null {
  const name = textOf(value);
  return name === null || name.length > maxNameLength ? null : name;
}

/** Before 3.0 the collections of a sample were of tracks: `inboundAudioTracks`, `outboundVideoTracks`. */
function isOlderModel(message: JsonValue): boolean {
  return (
    isObject(message) &&
    Object.keys(message).some((name) => /^(in|out)bound(Audio|Video)Tracks$|^pcTransports$/.test(name))
  );
}
