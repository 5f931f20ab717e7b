import type { EventRecord, JsonObject, SessionRecord } from "@peerscope/schema";
import { arrayOf, isObject, numberOf, objectOf, textOf } from "../json.ts";
import type { Place, Skips } from "../skips.ts";
import { isDifference, mergeDifference } from "./delta.ts";
import {
  isLifeEvent,
  readClientEntry,
  readClientEvent,
  readClientIssue,
  readMetaItems,
  type ClientEntry,
} from "./events.ts";
import { readReport } from "./report.ts";

/** Whether messages are whole samples or differences; "unknown" until one tells. */
export type Form = "plain" | "difference" | "unknown";

/** Where the records of one client go. */
export interface ClientTarget {
  record(record: SessionRecord): void;
}

/** Makes records out of the samples of one client, in their order. */
export interface ClientReader {
  /** Takes the next message. */
  take(message: JsonObject, place: Place): void;
}

/** Who a client is, from the first message that says so. */
export interface ClientIdentity {
  readonly userId: string | null;
  readonly callId: string | null;
}

interface KnownConnection {
  lastAt: number;
  isClosed: boolean;
  /** Time of the first sample that did not have it. */
  missingSince: number | null;
}

/** Connections and tracks of a client that are remembered. Ours: a page has some ten. */
const maxKnown = 10_000;

export function createClientReader(
  identity: ClientIdentity,
  target: ClientTarget,
  skips: Skips,
  form: Form,
): ClientReader {
  let known = form;
  let previous: JsonObject = {};
  let hasContext = false;
  let hasEnded = false;
  let pages = 1;
  const connections = new Map<string, KnownConnection>();
  const directions = new Map<string, "local" | "remote">();

  function take(message: JsonObject, place: Place): void {
    const joined = arrayOf(message["clientEvents"]).some(
      (event) => objectOf(event)["type"] === "CLIENT_JOINED",
    );
    const isPart = isDifference(message);
    if (known === "unknown" && isPart) known = "difference";
    // A page that was loaded again starts anew: nothing of before holds.
    if (joined && !isPart) previous = {};
    const sample = known === "difference" ? mergeDifference(previous, message) : message;
    // A difference to it may be next.
    if (known !== "plain") previous = sample;
    const at = numberOf(sample["timestamp"]);
    if (at === null || at < 1e12 || at > 4e12) {
      skips.add("time-unknown", place, "a sample without a usable timestamp");
      return;
    }
    emit(sample, at, place);
  }

  function emit(sample: JsonObject, at: number, place: Place): void {
    const records: SessionRecord[] = [];
    if (hasEnded) {
      hasEnded = false;
      pages += 1;
      records.push({ kind: "event", at, name: "session-resumed", data: { pages } });
    }
    const entriesOf = (name: string): ClientEntry[] =>
      arrayOf(sample[name]).flatMap((value) => {
        const entry = readClientEntry(value, at);
        if (entry === null) skips.add("invalid-entry", place, `an entry of ${name} has no type`);
        return entry ?? [];
      });
    const events = entriesOf("clientEvents");
    const meta = readMetaItems(entriesOf("clientMetaItems"));
    for (const type of meta.unknown) {
      skips.once(
        "unknown-event",
        `meta item ${type}`,
        place,
        `meta item ${JSON.stringify(type.slice(0, 80))} is not known`,
      );
    }
    const opened = openingsOf(events);
    const present = readConnections(sample, at, opened, records, place);
    if (meta.devices !== null) records.push(meta.devices);
    for (const entry of events) {
      if (isLifeEvent(entry.type)) continue;
      const record = readClientEvent(entry, (trackId) => directions.get(trackId) ?? null);
      if (record !== null) records.push(record);
    }
    for (const issue of entriesOf("clientIssues")) records.push(readClientIssue(issue));
    for (const { type } of arrayOf(sample["extensionStats"]).map(objectOf)) {
      const name = textOf(type) ?? "unnamed";
      skips.once(
        "unknown-event",
        `extension ${name}`,
        place,
        `extension stats ${JSON.stringify(name.slice(0, 80))} are the app's own`,
      );
    }
    for (const { type, at: closedAt, connectionId } of events) {
      if (type === "PEER_CONNECTION_CLOSED" && connectionId !== null) close(connectionId, closedAt, records);
    }
    closeMissing(present, at, records);
    const left = events.find(({ type }) => type === "CLIENT_LEFT");
    if (left !== undefined) {
      for (const id of connections.keys()) close(id, left.at, records);
      records.push({ kind: "event", at: left.at, name: "session-ended", data: { reason: "stopped" } });
      hasEnded = true;
    }
    records.sort((a, b) => a.at - b.at || rank(a) - rank(b));
    if (!hasContext || meta.context !== null) {
      const first = hasContext ? {} : { ...identity, sdkName: "observertc" };
      target.record({
        kind: "context",
        at: Math.min(at, records[0]?.at ?? at),
        context: { ...first, ...meta.context },
      });
      hasContext = true;
    }
    for (const record of records) target.record(record);
  }

  function openingsOf(events: readonly ClientEntry[]): ReadonlyMap<string, number> {
    const opened = new Map<string, number>();
    for (const { type, connectionId, at } of events) {
      if (type === "PEER_CONNECTION_OPENED" && connectionId !== null) opened.set(connectionId, at);
    }
    return opened;
  }

  /** Adds the reports of a sample, gives the connections it has. */
  function readConnections(
    sample: JsonObject,
    at: number,
    opened: ReadonlyMap<string, number>,
    records: SessionRecord[],
    place: Place,
  ): ReadonlySet<string> {
    const present = new Set<string>();
    for (const [id, openedAt] of opened) introduce(id, openedAt, records);
    for (const entry of arrayOf(sample["peerConnections"])) {
      const id = textOf(objectOf(entry)["peerConnectionId"]);
      if (!isObject(entry) || id === null || id.length > 512) {
        skips.add("invalid-entry", place, "a peer connection without an id");
        continue;
      }
      present.add(id);
      const { record, incomplete, invalid } = readReport(entry, id, at);
      if (incomplete > 0)
        skips.add(
          "out-of-step",
          place,
          `${incomplete} statistics objects without id or time: earlier messages are missing`,
        );
      if (invalid > 0) skips.add("invalid-entry", place, `${invalid} statistics objects that cannot be used`);
      if (record === null) continue;
      const connection = introduce(id, record.at, records);
      if (connection === null) {
        skips.once("limit-exceeded", "connections", place, `more than ${maxKnown} peer connections`);
        continue;
      }
      // The last sample of a client repeats what the one before it had.
      if (record.at <= connection.lastAt) continue;
      connection.lastAt = record.at;
      noteTracks(record.stats);
      records.push(record);
    }
    return present;
  }

  function introduce(id: string, at: number, records: SessionRecord[]): KnownConnection | null {
    const before = connections.get(id);
    if (before !== undefined) return before;
    if (connections.size >= maxKnown) return null;
    const connection = { lastAt: 0, isClosed: false, missingSince: null };
    connections.set(id, connection);
    records.push(connectionEvent("connection-created", id, at, {}));
    return connection;
  }

  function noteTracks(stats: readonly JsonObject[]): void {
    for (const { type, trackIdentifier } of stats) {
      if (typeof trackIdentifier !== "string" || directions.size >= maxKnown) continue;
      if (type === "inbound-rtp") directions.set(trackIdentifier, "remote");
      else if (type === "media-source") directions.set(trackIdentifier, "local");
    }
  }

  function close(id: string, at: number, records: SessionRecord[]): void {
    const connection = connections.get(id);
    if (connection === undefined || connection.isClosed) return;
    connection.isClosed = true;
    records.push(connectionEvent("connection-closed", id, at, {}));
  }

  /** A connection is in every sample as long as it is open; one sample without it may be taken at an odd moment. */
  function closeMissing(present: ReadonlySet<string>, at: number, records: SessionRecord[]): void {
    for (const [id, connection] of connections) {
      if (present.has(id)) connection.missingSince = null;
      else if (connection.lastAt > 0) {
        if (connection.missingSince === null) connection.missingSince = at;
        else close(id, at, records);
      }
    }
  }

  return { take };
}

function connectionEvent(
  name: "connection-created" | "connection-closed",
  connectionId: string,
  at: number,
  data: JsonObject,
): EventRecord {
  return { kind: "event", at, name, connectionId, data };
}

/** Order of what has the same time: a connection exists before anything is said of it, and nothing follows the end. */
function rank(record: SessionRecord): number {
  if (record.kind !== "event") return 2;
  if (record.name === "connection-created") return 0;
  return record.name === "session-ended" ? 4 : record.name === "connection-closed" ? 3 : 1;
}
