import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { EventRow } from "../../worker/messages.ts";
import { callKey, errorText, objectOf, textOf } from "../api-calls.ts";

/** Somebody asked the browser for a camera, a microphone, a screen or another loudspeaker, and what came of it. */
export interface MediaRequest {
  /** Unix ms. */
  readonly at: number;
  readonly method: string;
  /** What was asked for, as the app said it. */
  readonly asked: JsonValue | null;
  readonly outcome: "granted" | "refused" | "pending";
  readonly durationMs: number | null;
  /** Why it was refused, in words. */
  readonly reason: string | null;
  /** What the browser gave. */
  readonly given: JsonValue | null;
}

const methods: ReadonlySet<string> = new Set([
  "getUserMedia",
  "getDisplayMedia",
  "applyConstraints",
  "setSinkId",
  "enumerateDevices",
]);

/** What the browser's own names of refusals mean to somebody who has to help. */
const reasons: Readonly<Record<string, string>> = {
  NotAllowedError: "The user, a policy of the page or the system does not allow it",
  NotFoundError: "There is no such device",
  NotReadableError: "The device is there but cannot be opened: another program may hold it",
  OverconstrainedError: "No device can do what the app insists on",
  AbortError: "The browser gave up on the device",
  SecurityError: "The page may not use media, for instance because it is not served over https",
  TypeError: "The app asked for nothing, or the page is not a secure context",
};

/** Requests for media in the order of time, each joined with its outcome. */
export function mediaRequests(events: readonly EventRow[]): MediaRequest[] {
  const outcomes = new Map<string, JsonObject>();
  const called = new Set<string>();
  for (const { name, data } of events) {
    if (data === null) continue;
    if (name === "api-settled") outcomes.set(callKey({ data }), data);
    if (name === "api-called") called.add(callKey({ data }));
  }
  return events.flatMap(({ at, name, data }) => {
    const method = data?.["method"];
    if (data === null || typeof method !== "string" || !methods.has(method)) return [];
    if (name !== "api-called" && (name !== "api-settled" || called.has(callKey({ data })))) return [];
    const settled = outcomes.get(callKey({ data }));
    const took = settled?.["durationMs"];
    const outcome = settled?.["outcome"];
    return [
      {
        at,
        method,
        asked: data["arguments"] ?? null,
        outcome: outcome === "fulfilled" ? "granted" : outcome === "rejected" ? "refused" : "pending",
        durationMs: typeof took === "number" ? took : null,
        reason: outcome === "rejected" ? reasonOf(settled ?? {}) : null,
        given: settled?.["result"] ?? null,
      } satisfies MediaRequest,
    ];
  });
}

function reasonOf(settled: JsonObject): string {
  const { name, constraint } = objectOf(settled["error"]);
  const known = reasons[textOf(name)];
  const said = [errorText(settled), textOf(constraint)].filter(Boolean).join(", ") || "No reason was given";
  return known === undefined ? said : `${known} (${said})`;
}
