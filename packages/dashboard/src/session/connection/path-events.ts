import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { EventRow } from "../../worker/messages.ts";
import { objectOf, textOf } from "../api-calls.ts";

/** Something that decided, or failed to decide, how the two ends reach each other. */
export interface PathEvent {
  /** Unix ms. */
  readonly at: number;
  readonly kind: "path" | "restart" | "gather-failed" | "dtls-failed";
  readonly text: string;
  readonly isBad: boolean;
}

/** Changes of the selected pair, ICE restarts, servers that did not answer, failed handshakes: in the order of time. */
export function pathEvents(events: readonly EventRow[], connectionId: string): PathEvent[] {
  const found: PathEvent[] = [];
  for (const event of events) {
    if (event.connectionId !== connectionId) continue;
    const read = readPathEvent(event);
    if (read !== null) found.push({ at: event.at, ...read });
  }
  return found;
}

function readPathEvent({ name, data }: EventRow): Omit<PathEvent, "at"> | null {
  switch (name) {
    case "selected-candidate-pair-changed":
      return {
        kind: "path",
        text: `Media goes from ${candidateWords(data?.["local"])} to ${candidateWords(data?.["remote"])}`,
        isBad: false,
      };
    case "ice-candidate-failed": {
      const { errorCode, errorText, url } = data ?? {};
      const what = [url ?? "a server", "did not help:", errorText ?? "no reason", `(${textOf(errorCode)})`];
      return { kind: "gather-failed", text: what.map(textOf).join(" "), isBad: true };
    }
    case "dtls-failed":
      return {
        kind: "dtls-failed",
        text: ["The encrypted channel failed:", data?.["errorDetail"] ?? "", data?.["message"] ?? ""]
          .map(textOf)
          .join(" ")
          .trim(),
        isBad: true,
      };
    case "api-called":
      if (!isRestart(data)) return null;
      return { kind: "restart", text: "The app restarted ICE", isBad: false };
    default:
      return null;
  }
}

function isRestart(data: JsonObject | null): boolean {
  if (data?.["method"] === "restartIce") return true;
  if (data?.["method"] !== "createOffer") return false;
  const given = objectOf(data["arguments"]);
  return given["iceRestart"] === true || objectOf(given["options"])["iceRestart"] === true;
}

function candidateWords(value: JsonValue | undefined): string {
  const { type, protocol, relayProtocol, address } = objectOf(value);
  return [
    type ?? "unknown",
    relayProtocol ? `over ${textOf(relayProtocol)}` : protocol,
    address && `(${textOf(address)})`,
  ]
    .filter(Boolean)
    .map((part) => textOf(part))
    .join(" ");
}
