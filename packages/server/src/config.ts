import { resolve } from "node:path";
import { z } from "zod";

/** What the server is told at its start. Documented in docs/reference/server.md. */
export interface ServerConfig {
  /** Address to listen on. Anything but loopback is reachable by others, and this version has no login. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** A ClickHouse to use instead of the embedded store. */
  readonly clickhouseUrl: string | null;
  /** Name of its cluster, on which tables are replicated and distributed; null for one server. */
  readonly clickhouseCluster: string | null;
  /** Resident memory, in MiB, above which the embedded store is started again. */
  readonly storeMemoryMb: number;
  /** A session that sends nothing for so long is finished, in milliseconds. */
  readonly sessionIdleMs: number;
  /** What tokens of rtcstats clients are signed with; null when none are asked for. */
  readonly rtcstatsSecret: string | null;
  readonly logLevel: (typeof logLevels)[number];
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The environment or the command line holds a value that the server cannot use. `message` names each one. */
export class ServerConfigError extends Error {
  override readonly name = "ServerConfigError";
}

const empty = (value: unknown): unknown => (value === "" ? undefined : value);
const text = z.preprocess(empty, z.string().trim().optional());

const environment = z.object({
  PORT: z.preprocess(
    empty,
    z.coerce
      .number({ error: "must be a number" })
      .int("must be a whole number")
      .min(0, "must be 0 to 65535")
      .max(65_535, "must be 0 to 65535")
      .default(8080),
  ),
  HOST: text,
  PEERSCOPE_DATA: text,
  PEERSCOPE_CLICKHOUSE_URL: z.preprocess(
    empty,
    z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).optional(),
  ),
  PEERSCOPE_CLICKHOUSE_CLUSTER: z.preprocess(
    empty,
    z
      .string()
      .regex(/^[\w.-]{1,100}$/, "must be the name of a cluster: letters, digits, _, - and .")
      .optional(),
  ),
  PEERSCOPE_STORE_MEMORY_MB: z.preprocess(
    empty,
    z.coerce
      .number({ error: "must be a number of MiB" })
      .int("must be a whole number of MiB")
      .min(1_024, "must be 1024 or more")
      .default(2_048),
  ),
  PEERSCOPE_SESSION_IDLE_MS: z.preprocess(
    empty,
    z.coerce
      .number({ error: "must be a number of milliseconds" })
      .int("must be a whole number of milliseconds")
      .min(1_000, "must be 1000 to 86400000")
      .max(86_400_000, "must be 1000 to 86400000")
      .default(60_000),
  ),
  PEERSCOPE_RTCSTATS_SECRET: z.preprocess(empty, z.string().optional()),
  PEERSCOPE_LOG_LEVEL: z.preprocess(
    empty,
    z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` }).default("warn"),
  ),
});

/**
 * Reads the configuration from environment variables.
 * @throws ServerConfigError naming every variable that cannot be used, and why.
 */
export function readServerConfig(env: Readonly<Record<string, string | undefined>>): ServerConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? "");
      return `${name}=${JSON.stringify(env[name])}: ${issue.message}`;
    });
    throw new ServerConfigError(`config-invalid: ${lines.join("; ")}`);
  }
  const values = parsed.data;
  if (values.PEERSCOPE_CLICKHOUSE_CLUSTER !== undefined && values.PEERSCOPE_CLICKHOUSE_URL === undefined) {
    throw new ServerConfigError(
      "config-invalid: PEERSCOPE_CLICKHOUSE_CLUSTER: needs PEERSCOPE_CLICKHOUSE_URL, because the embedded store is one server",
    );
  }
  return {
    host: values.HOST ?? "127.0.0.1",
    port: values.PORT,
    dataFolder: resolve(values.PEERSCOPE_DATA ?? ".peerscope"),
    clickhouseUrl: values.PEERSCOPE_CLICKHOUSE_URL ?? null,
    clickhouseCluster: values.PEERSCOPE_CLICKHOUSE_CLUSTER ?? null,
    storeMemoryMb: values.PEERSCOPE_STORE_MEMORY_MB,
    sessionIdleMs: values.PEERSCOPE_SESSION_IDLE_MS,
    rtcstatsSecret: values.PEERSCOPE_RTCSTATS_SECRET ?? null,
    logLevel: values.PEERSCOPE_LOG_LEVEL,
  };
}

/** True when only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
