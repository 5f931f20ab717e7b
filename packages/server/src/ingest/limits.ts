import type { Settings } from "../settings/settings.ts";

/** How much a client, an address and a project may bring. Documented, with where each comes from, in docs/reference/server.md. */
export interface IngestLimits {
  /** Sessions of a project that are open at the same time; a project may have its own limit. */
  readonly maxLiveSessions: number;
  /** Of one session, on average; a project may have its own limit. */
  readonly maxBytesPerSecond: number;
  /** Hours after which a session goes on in a new one; a project may have its own limit. */
  readonly maxSessionHours: number;
  /** Connections of one address at the same time. */
  readonly maxConnectionsPerAddress: number;
  /** Sessions that one address begins within a minute. */
  readonly maxNewSessionsPerMinute: number;
}

/** What a server has that was told nothing. Ours: an office or a carrier behind one address has room, a flood has not. */
export const defaultIngestLimits: IngestLimits = {
  maxLiveSessions: 10_000,
  maxBytesPerSecond: 256 << 10,
  maxSessionHours: 24,
  maxConnectionsPerAddress: 2_000,
  maxNewSessionsPerMinute: 600,
};

/** Limits of one project. */
export type ProjectIngestLimits = Pick<
  IngestLimits,
  "maxLiveSessions" | "maxBytesPerSecond" | "maxSessionHours"
>;

/** The limits of a project, with those of the server where it has none of its own. */
export function limitsOfProject(
  settings: Pick<Settings, "project">,
  projectId: string,
  limits: IngestLimits,
): ProjectIngestLimits {
  const own = settings.project(projectId)?.limits;
  return {
    maxLiveSessions: own?.maxLiveSessions ?? limits.maxLiveSessions,
    maxBytesPerSecond: own?.maxBytesPerSecond ?? limits.maxBytesPerSecond,
    maxSessionHours: own?.maxSessionHours ?? limits.maxSessionHours,
  };
}
