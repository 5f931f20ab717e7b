import type { JsonObject, JsonValue } from "./json.ts";
import { applySdpDifference } from "./sdp-diff.ts";

/** A session description of a recorded call, whole again. */
export interface ReadDescription {
  readonly type: string;
  /** Null when what it is a difference to is not in the records. */
  readonly sdp: string | null;
  /** The earlier description it was said by; null for one that was recorded whole. */
  readonly base: {
    /** The call that carried it. */
    readonly callId: number;
    readonly method: string | null;
  } | null;
  /** Lines that the earlier one has not. Those of a setLocalDescription after createOffer are what the app changed. */
  readonly added: readonly string[];
  /** Lines that only the earlier one has. */
  readonly removed: readonly string[];
}

/** Puts the session descriptions of a session together. */
export interface DescriptionReader {
  /** Takes every event in the order of the session; null for one that carries no description. */
  read(
    name: string,
    connectionId: string | null | undefined,
    data: JsonValue | null | undefined,
  ): ReadDescription | null;
}

interface Kept {
  readonly callId: number;
  readonly method: string;
  readonly sdp: string;
}

/** Connections whose last descriptions are kept: more are open in no page. Ours. */
const maxConnections = 1_000;

export function createDescriptionReader(): DescriptionReader {
  /** Of each connection the last description of either end, as the SDK keeps them. */
  const connections = new Map<string, Map<string, Kept>>();

  return {
    read(name, connectionId, data) {
      if ((name !== "api-called" && name !== "api-settled") || !connectionId) return null;
      const { callId, method, result, arguments: given } = objectOf(data);
      const { type, sdp: said } = objectOf(name === "api-settled" ? result : objectOf(given)["description"]);
      if (typeof callId !== "number" || typeof method !== "string" || !said) return null;

      const kept = connections.get(connectionId) ?? new Map<string, Kept>();
      connections.delete(connectionId);
      connections.set(connectionId, kept);
      for (const oldest of connections.keys()) {
        if (connections.size <= maxConnections) break;
        connections.delete(oldest);
      }
      const isWhole = typeof said === "string";
      const first: unknown = Array.isArray(said) ? said[0] : null;
      const baseCallId = typeof first === "number" ? first : null;
      const base = [...kept.values()].find((one) => one.callId === baseCallId);
      const sdp = isWhole ? said : base ? applySdpDifference(base.sdp, said) : null;
      const end = method.startsWith("setRemote") ? "remote" : "local";
      if (sdp === null) kept.delete(end);
      else kept.set(end, { callId, method, sdp });
      return {
        type: typeof type === "string" ? type : "",
        sdp,
        base: baseCallId === null ? null : { callId: baseCallId, method: base?.method ?? null },
        added: base && sdp !== null ? linesOnlyIn(sdp, base.sdp) : [],
        removed: base && sdp !== null ? linesOnlyIn(base.sdp, sdp) : [],
      };
    },
  };
}

/** Lines of a text that another has not, or has less often; without line ends. */
function linesOnlyIn(text: string, other: string): string[] {
  const left = new Map<string, number>();
  for (const line of other.split(/\r?\n/)) left.set(line, (left.get(line) ?? 0) + 1);
  return text.split(/\r?\n/).filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

function objectOf(value: JsonValue | null | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
