import { createDescriptionReader } from "@peerscope/schema";
import type { EventRow } from "../../worker/messages.ts";
import { callKey, errorText, textOf } from "../api-calls.ts";

/** One media section of a session description: what it says of itself, and its lines. */
export interface SdpSection {
  /** "session" for what stands before the first m-line. */
  readonly kind: string;
  readonly mid: string | null;
  /** Port 0: the other end or the app does not want it. */
  readonly isRejected: boolean;
  readonly direction: string | null;
  /** Names of the codecs in the order of preference, each once. */
  readonly codecs: readonly string[];
  readonly lines: readonly string[];
}

/** A session description that was created or set, in the order of the session. */
export interface SessionDescription {
  /** Place of its event in the log. */
  readonly key: number;
  /** Unix ms. */
  readonly at: number;
  readonly connectionId: string;
  /** `created`: made by createOffer or createAnswer, and not yet in force. */
  readonly side: "created" | "local" | "remote";
  readonly method: string;
  /** The call gave it back, rather than being given it. */
  readonly isResult: boolean;
  /** "offer", "answer", "pranswer" or "rollback". */
  readonly type: string;
  readonly outcome: "fulfilled" | "rejected" | "pending";
  readonly error: string | null;
  /** Null when what it differs from is not in the recording. */
  readonly sdp: string | null;
  readonly sections: readonly SdpSection[];
  /** What the app changed between createOffer or createAnswer and setLocalDescription. */
  readonly munged: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
  /** Key of the description of the same side before this one. */
  readonly previous: number | null;
}

/** Reads every description that the events of a session carry. */
export function readDescriptions(events: readonly EventRow[]): SessionDescription[] {
  const reader = createDescriptionReader();
  const outcomes = new Map<string, EventRow>();
  for (const event of events) if (event.name === "api-settled") outcomes.set(callKey(event), event);
  const found: SessionDescription[] = [];
  const last = new Map<string, number>();

  events.forEach((event, key) => {
    if (event.connectionId === null) return;
    const read = reader.read(event.name, event.connectionId, event.data);
    if (read === null) return;
    const method = textOf(event.data?.["method"]);
    const side = sideOf(method);
    // setLocalDescription() without an argument says what it made when it settles.
    const outcome = event.name === "api-settled" ? event : outcomes.get(callKey(event));
    const result = outcome?.data?.["outcome"];
    const chain = `${event.connectionId} ${side}`;
    const munged =
      side === "local" &&
      event.name === "api-called" &&
      read.base?.method?.startsWith("create") === true &&
      read.added.length + read.removed.length > 0;
    found.push({
      key,
      at: event.at,
      connectionId: event.connectionId,
      side,
      method,
      isResult: event.name === "api-settled",
      type: read.type,
      outcome: result === "fulfilled" || result === "rejected" ? result : "pending",
      error: result === "rejected" ? errorText(outcome?.data ?? {}) || "rejected" : null,
      sdp: read.sdp,
      sections: read.sdp === null ? [] : sectionsOf(read.sdp),
      munged: munged ? { added: read.added, removed: read.removed } : null,
      previous: last.get(chain) ?? null,
    });
    last.set(chain, key);
  });
  return found;
}

/** Splits a description into its session part and its media sections. */
export function sectionsOf(sdp: string): SdpSection[] {
  const blocks: string[][] = [[]];
  for (const line of sdp.trimEnd().split(/\r?\n/)) {
    if (line.startsWith("m=")) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return blocks.filter((lines) => lines.length > 0).map(toSection);
}

function toSection(lines: readonly string[]): SdpSection {
  const [kind = "", port = ""] =
    lines[0]?.startsWith("m=") === true ? lines[0].slice(2).split(" ") : ["session"];
  const attribute = (name: string): string | null =>
    lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3) ?? null;
  const directions = ["sendrecv", "sendonly", "recvonly", "inactive"];
  const codecs = lines.flatMap((line) => {
    const name = /^a=rtpmap:\d+ ([^/]+)/.exec(line)?.[1];
    return name === undefined || /^(rtx|red|ulpfec|flexfec-03|CN|telephone-event)$/i.test(name) ? [] : [name];
  });
  return {
    kind,
    mid: attribute("mid"),
    isRejected: port === "0",
    direction: directions.find((direction) => lines.includes(`a=${direction}`)) ?? null,
    codecs: [...new Set(codecs)],
    lines,
  };
}

function sideOf(method: string): SessionDescription["side"] {
  if (method.startsWith("create")) return "created";
  return method.startsWith("setRemote") ? "remote" : "local";
}
