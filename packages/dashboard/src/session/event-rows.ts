import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { EventRow } from "../worker/messages.ts";
import { callKey, errorText } from "./api-calls.ts";
import { readDescriptions, type SessionDescription } from "./sdp/descriptions.ts";

/** A row of the events table: an event, or an API call joined with its outcome. */
export interface EventLine {
  readonly key: number;
  /** Unix ms. */
  readonly at: number;
  readonly connectionId: string | null;
  /** "createOffer()", "connection state", an event of the app. */
  readonly name: string;
  readonly detail: string;
  readonly failed: boolean;
  /** A call whose outcome is not in the log. */
  readonly pending: boolean;
  readonly durationMs: number | null;
  readonly family: "call" | "connection" | "media" | "page" | "app" | "sdk";
  readonly data: JsonObject;
}

const families: Readonly<Record<string, EventLine["family"]>> = {
  "track-state-changed": "media",
  "sender-track-replaced": "media",
  "transceiver-changed": "media",
  "remote-track-added": "media",
  "devices-listed": "media",
  "devices-changed": "media",
  "permission-state-changed": "media",
  "media-element-changed": "page",
  "media-element-stalled": "media",
  "media-element-resumed": "media",
  "media-element-play-refused": "media",
  "audio-context-state-changed": "media",
  "compute-pressure-changed": "page",
  "main-thread-blocked": "page",
  "battery-changed": "page",
  "network-information-changed": "page",
  "page-lifecycle-changed": "page",
  "page-visibility-changed": "page",
  "network-online-changed": "page",
  "session-ended": "page",
  "session-resumed": "page",
  "app-event": "app",
  "call-rated": "app",
  "issue-reported": "app",
  "sampling-interval-changed": "sdk",
  "sdk-cost": "sdk",
  "sdk-records-lost": "sdk",
  "sdk-error": "sdk",
};

/** Events that tell of nothing else. */
const failures: ReadonlySet<string> = new Set([
  "ice-candidate-failed",
  "dtls-failed",
  "data-channel-failed",
  "media-element-play-refused",
  "sdk-error",
]);

const asText = (value: JsonValue | undefined): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

function isFailure(event: EventRow): boolean {
  const state = event.data?.["state"];
  if (failures.has(event.name)) return true;
  if (event.name === "network-online-changed") return event.data?.["online"] === false;
  return event.name.endsWith("connection-state-changed") && state === "failed";
}

function detailOf(event: EventRow): string {
  const { data } = event;
  if (data === null) return "";
  if (typeof data["state"] === "string") return data["state"];
  return Object.entries(data)
    .filter(([member]) => member !== "trackId" && member !== "name")
    .map(([member, value]) => `${member} ${asText(value)}`)
    .join(", ");
}

/** Joins every API call with its outcome; everything else stays as it is, in the order of the log. */
export function eventLines(events: readonly EventRow[]): EventLine[] {
  const outcomes = new Map<string, { readonly event: EventRow; readonly key: number }>();
  events.forEach((event, key) => {
    if (event.name === "api-settled") outcomes.set(callKey(event), { event, key });
  });
  const descriptions = new Map(readDescriptions(events).map((one) => [one.key, described(one)]));
  const called = new Set(events.filter((event) => event.name === "api-called").map(callKey));

  const lines: EventLine[] = [];
  events.forEach((event, key) => {
    const { at, connectionId } = event;
    if (event.name === "api-called" || event.name === "api-settled") {
      // An outcome whose call was lost stands for itself.
      if (event.name === "api-settled" && called.has(callKey(event))) return;
      const outcome = event.name === "api-settled" ? { event, key } : outcomes.get(callKey(event));
      const settled = outcome?.event.data ?? {};
      const failed = settled["outcome"] === "rejected";
      const took = settled["durationMs"];
      const description = descriptions.get(key) ?? (outcome && descriptions.get(outcome.key));
      lines.push({
        key,
        at,
        connectionId,
        name: `${asText(event.data?.["method"])}()`,
        detail: failed ? errorText(settled) : (description?.summary ?? summarise(event.data?.["arguments"])),
        failed,
        pending: outcome === undefined,
        durationMs: typeof took === "number" ? took : null,
        family: "call",
        data: { ...event.data, ...settled, ...description?.members },
      });
      return;
    }
    lines.push({
      key,
      at,
      connectionId,
      name: event.name === "app-event" ? asText(event.data?.["name"]) : event.name.replaceAll("-", " "),
      detail: detailOf(event),
      failed: isFailure(event),
      pending: false,
      durationMs: null,
      family: families[event.name] ?? "connection",
      data: event.data ?? {},
    });
  });
  return lines;
}

/** What a row says of the session description that its call carries, and the members that take the place of the recorded one. */
function described(description: SessionDescription): {
  readonly summary: string;
  readonly members: JsonObject;
} {
  const { type, sdp, sections, munged, isResult } = description;
  const media = sections.filter((section) => section.kind !== "session").length;
  const readable: JsonObject = {
    type,
    ...(munged === null
      ? {}
      : {
          changedByApp: [
            ...munged.removed.map((line) => `- ${line}`),
            ...munged.added.map((line) => `+ ${line}`),
          ],
        }),
    sdp: sdp === null ? "what it differs from is not in this recording" : sdp.trimEnd().split(/\r?\n/),
  };
  return {
    summary: [
      type,
      sdp === null ? "incomplete" : `${media} media ${media === 1 ? "section" : "sections"}`,
      ...(munged === null ? [] : [`${munged.added.length + munged.removed.length} lines changed by the app`]),
    ].join(", "),
    members: isResult ? { result: readable } : { arguments: { description: readable } },
  };
}

function summarise(value: JsonValue | undefined): string {
  const text = asText(value);
  return text === "{}" ? "" : text.slice(0, 300);
}

/** Whether a line contains every word that was typed. "failed" also finds what failed. */
export function matches(line: EventLine, filter: string): boolean {
  if (filter === "") return true;
  const text =
    `${line.name} ${line.detail} ${line.family} ${line.failed ? "failed" : ""} ${line.pending ? "pending" : ""} ${JSON.stringify(line.data)}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
