import type { EventName } from "./events.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * One W3C statistics object of a getStats report, as the browser gave it. Member names and units are
 * those of https://www.w3.org/TR/webrtc-stats/ ; members that the browser did not report are absent.
 */
export interface StatsObject {
  readonly id: string;
  readonly type: string;
  /** Unix time in milliseconds, with fractions, as the browser stamped this object. */
  readonly timestamp: number;
  readonly [member: string]: JsonValue;
}

/** One whole getStats report of one peer connection at one time. */
export interface SampleRecord {
  readonly kind: "sample";
  /** Unix time in milliseconds (page time origin plus monotonic clock, so it never jumps). */
  readonly at: number;
  /** Which peer connection; unique in the session, stable for its life. */
  readonly connectionId: string;
  readonly stats: readonly StatsObject[];
  /** What getStats took, in milliseconds; absent when unknown. */
  readonly durationMs?: number;
}

/** Anything discrete: an API call and its outcome, a state change, a device change, the app's own event. */
export interface EventRecord {
  readonly kind: "event";
  /** Unix time in milliseconds, on the same clock as the samples. */
  readonly at: number;
  readonly name: EventName;
  /** The peer connection it belongs to; absent for events of the page, the devices or the app. */
  readonly connectionId?: string;
  readonly data?: JsonObject;
}

/** What is true from now on: who, which call, which machine. Later records overwrite single members. */
export interface ContextRecord {
  readonly kind: "context";
  readonly at: number;
  readonly context: SessionContext;
}

/** Members a context record can set. A null takes the member back. Unknown members are kept as they are. */
export interface SessionContext {
  readonly userId?: string | null;
  /** One conversation. A session that moves to another call says so with a new context record. */
  readonly callId?: string | null;
  /** Free labels of the app; merged key by key, a null value removes the key. */
  readonly tags?: { readonly [tag: string]: string | null };
  readonly sdkName?: string;
  readonly sdkVersion?: string;
  readonly userAgent?: string;
  readonly browserName?: string;
  readonly browserVersion?: string;
  readonly osName?: string;
  readonly osVersion?: string;
  readonly mobile?: boolean;
  /** "x86", "arm". */
  readonly cpuArchitecture?: string;
  /** Of phones and tablets. */
  readonly deviceModel?: string;
  readonly deviceMemoryGb?: number;
  readonly hardwareConcurrency?: number;
  /** CSS pixels. */
  readonly screenWidth?: number;
  readonly screenHeight?: number;
  readonly devicePixelRatio?: number;
  /** "navigate" | "reload" | "back_forward" | "prerender". */
  readonly navigationType?: string;
  /** How often this tab loaded the page before. */
  readonly reloadCount?: number;
  /** Address of the page without query and fragment. */
  readonly pageUrl?: string;
  readonly [member: string]: JsonValue | undefined;
}

/** A unit of the session log. */
export type SessionRecord = SampleRecord | EventRecord | ContextRecord;
