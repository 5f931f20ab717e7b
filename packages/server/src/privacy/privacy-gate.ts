import { createRecordRule } from "@peerscope/interop";
import type { FrameHeader, HelloMessage, SessionRecord } from "@peerscope/schema";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { PrivacyRules, ProjectSettings } from "../settings/settings.ts";
import { createFrameRedactor, type FrameRedactor, type RedactedFrame } from "./frame-redactor.ts";
import { pseudonymOf } from "./pseudonym.ts";

/** What a client says that it took from its records; absent means `reduced`. */
type ClientPrivacy = HelloMessage["privacy"];

/** Stands between a client and the disk: what the rules of its project forbid does not get past it. */
export interface PrivacyGate {
  /** A client said hello. */
  greet(entry: SessionEntry, privacy: ClientPrivacy): void;
  /** What may be written of a frame: most often the bytes as they came. */
  pass(entry: SessionEntry, bytes: Uint8Array, header: FrameHeader): RedactedFrame;
  /** For records that come in the clear. It follows the rules as they change. */
  recordRule(projectId: string): (record: SessionRecord) => SessionRecord;
  /** The session is over. */
  forget(entry: SessionEntry): void;
}

/** The part of the settings that it needs. */
export interface PrivacySettings {
  /** From memory; null for a project that is gone. */
  project(projectId: string): Pick<ProjectSettings, "privacy" | "salt"> | null;
}

/** For a project that is gone while its clients are still there. */
const unknownProject: Pick<ProjectSettings, "privacy" | "salt"> = {
  privacy: { ipAddresses: "remove", deviceLabels: "remove", userIds: "hash" },
  salt: "",
};

interface SessionState {
  readonly isWhole: boolean;
  /** What the rules of the project were when they were looked at last. */
  rules: PrivacyRules | null;
  /** Null: what comes is written as it is. Once there, it stays: the log goes on from what was made of the frames. */
  redactor: FrameRedactor | null;
}

export function createPrivacyGate(settings: PrivacySettings): PrivacyGate {
  const states = new Map<SessionEntry, SessionState>();

  function stateOf(entry: SessionEntry, isWhole: boolean): SessionState {
    const known = states.get(entry);
    if (known !== undefined && (known.isWhole || !isWhole)) return known;
    const state = { isWhole, rules: null, redactor: known?.redactor ?? null };
    states.set(entry, state);
    return state;
  }

  /** The rule of a project at any time. A project is a new object when it was changed, so it is made again only then. */
  function recordRule(
    projectId: string,
    onText?: (units: number) => void,
  ): (record: SessionRecord) => SessionRecord {
    let made: { readonly rules: PrivacyRules; readonly salt: string } | null = null;
    let rule: (record: SessionRecord) => SessionRecord = (record) => record;
    return (record) => {
      const { privacy, salt } = settings.project(projectId) ?? unknownProject;
      if (made === null || made.rules !== privacy || made.salt !== salt) {
        made = { rules: privacy, salt };
        rule = createRecordRule({
          ...privacy,
          pseudonym: (text) => pseudonymOf(salt, text),
          ...(onText !== undefined && { onText }),
        });
      }
      return rule(record);
    };
  }

  return {
    greet: (entry, privacy) => void stateOf(entry, privacy === "whole"),
    pass(entry, bytes, header) {
      // Who did not say anything is not trusted.
      const state = stateOf(entry, !states.has(entry));
      const { privacy } = settings.project(entry.projectId) ?? unknownProject;
      if (state.rules !== privacy) {
        state.rules = privacy;
        if (state.redactor === null && needsLook(privacy, state.isWhole))
          state.redactor = createFrameRedactor((onText) => recordRule(entry.projectId, onText));
      }
      if (state.redactor === null) return { ok: true, frame: bytes, work: 0 };
      return state.redactor.redact(bytes, header, entry.lastSequence);
    },
    recordRule: (projectId) => recordRule(projectId),
    forget: (entry) => void states.delete(entry),
  };
}

/** True when a client that did what it says may still have sent what the rules forbid. */
function needsLook({ ipAddresses, deviceLabels, userIds }: PrivacyRules, isWhole: boolean): boolean {
  if (userIds === "hash" || ipAddresses === "remove" || deviceLabels === "remove") return true;
  return isWhole && (ipAddresses !== "keep" || deviceLabels !== "keep");
}
