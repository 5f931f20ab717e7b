import { newProject, newPublicKey } from "../../settings/new-settings.ts";
import type { IngestKey, ProjectSettings, Settings } from "../../settings/settings.ts";
import { createAddressBook } from "../address-book.ts";
import { createIngestGate, type IngestGate } from "../ingest-gate.ts";
import { defaultIngestLimits, type IngestLimits } from "../limits.ts";
import type { SessionRegistry } from "../session-registry.ts";

/** Settings that a test changes as it likes. */
export interface TestSettings extends Pick<Settings, "project" | "ingestKey" | "onChange"> {
  readonly keys: Map<string, IngestKey>;
  readonly projectsById: Map<string, ProjectSettings>;
  /** Tells those who listen that something changed. */
  changed(): void;
}

/** The project "default" with this public key. */
export function testSettings(keyId: string): TestSettings {
  const keys = new Map<string, IngestKey>([[keyId, newPublicKey("default", "of the test", 0, keyId)]]);
  const projectsById = new Map([["default", newProject("default", "Default", 0)]]);
  const listeners: (() => void)[] = [];
  return {
    keys,
    projectsById,
    project: (projectId) => projectsById.get(projectId) ?? null,
    ingestKey: (id) => keys.get(id) ?? null,
    onChange: (listener) => void listeners.push(listener),
    changed: () => listeners.forEach((listener) => listener()),
  };
}

export interface TestGateOptions {
  readonly registry: SessionRegistry;
  readonly settings: TestSettings;
  readonly limits?: Partial<IngestLimits>;
  readonly now: () => number;
  readonly restore?: (sessionId: string) => Promise<void> | null;
}

/** One clock for both kinds of time. */
export function testGate({ registry, settings, now, ...options }: TestGateOptions): IngestGate {
  const limits = { ...defaultIngestLimits, ...options.limits };
  const addresses = createAddressBook({
    most: {
      connections: limits.maxConnectionsPerAddress,
      posts: 8,
      foreign: limits.maxConnectionsPerAddress,
    },
    newSessionsPerMinute: limits.maxNewSessionsPerMinute,
    monotonicMs: now,
  });
  return createIngestGate({
    settings,
    registry,
    limits,
    addresses,
    countryOf: (address) => (address === "192.0.2.1" ? "DE" : null),
    restore: options.restore ?? (() => null),
    now,
    monotonicMs: now,
  });
}
