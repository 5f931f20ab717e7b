import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import type { OidcConfig } from "./access/oidc.ts";
import { parseArchiveAddress, type ArchiveAddress } from "./archive/archive-address.ts";
import { wrongNetwork } from "./client-address.ts";
import { defaultIngestLimits, type IngestLimits } from "./ingest/limits.ts";
import type { TlsFiles } from "./operations/tls.ts";

/** What the server is told at its start. Documented in docs/reference/server.md. */
export interface ServerConfig {
  /** Address to listen on. Anything but loopback is reachable by others, and needs a server admin. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What people see in front of a reverse proxy: scheme, host, port. Null: they come directly. */
  readonly publicUrl: URL | null;
  /** Null: logins by password only. */
  readonly oidc: OidcConfig | null;
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** PostgreSQL of the settings; null: an SQLite file in the data folder. */
  readonly settingsUrl: string | null;
  /** A ClickHouse to use instead of the embedded store. */
  readonly clickhouseUrl: string | null;
  /** Name of its cluster, on which tables are replicated and distributed; null for one server. */
  readonly clickhouseCluster: string | null;
  /** Resident memory, in MiB, above which the embedded store is started again. */
  readonly storeMemoryMb: number;
  /** Threads that analyse. */
  readonly analysisWorkers: number;
  /** Where finished logs go; null: they stay in the data folder. */
  readonly archive: ArchiveAddress | null;
  /** They go there so long after their session was over, in milliseconds. */
  readonly archiveAfterMs: number;
  /** Logs are not written into the last so many bytes of the disk. */
  readonly diskReserveBytes: number;
  /** A session that sends nothing for so long is finished, in milliseconds. */
  readonly sessionIdleMs: number;
  /** What tokens of rtcstats clients are signed with; null when none are asked for. */
  readonly rtcstatsSecret: string | null;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Certificate and key to answer https with; null: http. */
  readonly tls: TlsFiles | null;
  /** Whoever shows it may read the metrics; null: server admins only. */
  readonly metricsToken: string | null;
  /** How much clients, addresses and projects may bring. */
  readonly limits: IngestLimits;
  readonly logLevel: (typeof logLevels)[number];
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The environment or the command line holds a value that the server cannot use. `message` names each one. */
export class ServerConfigError extends Error {
  override readonly name = "ServerConfigError";
}

const empty = (value: unknown): unknown => (value === "" ? undefined : value);
const text = z.preprocess(empty, z.string().trim().optional());

/** Scheme, host and port, nothing behind. */
const origin = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .transform((url) => new URL(url))
  .refine(
    ({ href, origin }) => href === `${origin}/`,
    "must be an address without path, query and login: Peerscope needs a host of its own",
  );

/** `example.org=default,web; example.net=default`: domains with the projects that their people see. */
const domains = z.string().transform((text, context): Record<string, string[]> => {
  const entries = text.split(";").filter((entry) => entry.trim() !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const [domain = "", projects = "", ...more] = entry.split("=").map((part) => part.trim());
      const projectIds = projects.split(",").map((projectId) => projectId.trim());
      const isGood =
        more.length === 0 &&
        /^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(domain) &&
        projectIds.every((projectId) => /^[a-z\d-]{1,40}$/.test(projectId));
      if (!isGood) context.addIssue("must be domains with project ids, as in example.org=default,web");
      return [domain.toLowerCase(), projectIds];
    }),
  );
});

/** `10.0.0.0/8, 192.0.2.1`: addresses and networks. */
const networks = z.string().transform((text, context): string[] => {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const wrong = wrongNetwork(entries);
  if (wrong !== null)
    context.addIssue(
      `must be addresses and networks, as in 10.0.0.0/8, 192.0.2.1; not ${wrong.slice(0, 60)}`,
    );
  return entries;
});

const amount = (least: number, most: number, usual: number) =>
  z.preprocess(
    empty,
    z.coerce
      .number({ error: "must be a number" })
      .int("must be a whole number")
      .min(least, `must be ${least} to ${most}`)
      .max(most, `must be ${least} to ${most}`)
      .default(usual),
  );

const archiveAddress = z.string().transform((text, context): ArchiveAddress => {
  try {
    return parseArchiveAddress(text.trim());
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});

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
  PEERSCOPE_PUBLIC_URL: z.preprocess(empty, origin.optional()),
  PEERSCOPE_OIDC_ISSUER: z.preprocess(
    empty,
    z
      .url({ protocol: /^https?$/, error: "must be an https:// address" })
      .transform((url) => new URL(url))
      .refine(
        ({ protocol, hostname }) => protocol === "https:" || isLoopback(hostname),
        "must be an https:// address, except on this machine",
      )
      .optional(),
  ),
  PEERSCOPE_OIDC_CLIENT_ID: text,
  PEERSCOPE_OIDC_CLIENT_SECRET: z.preprocess(empty, z.string().optional()),
  PEERSCOPE_OIDC_DOMAINS: z.preprocess(empty, domains.default({})),
  PEERSCOPE_DATA: text,
  PEERSCOPE_SETTINGS_URL: z.preprocess(
    empty,
    z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" }).optional(),
  ),
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
  PEERSCOPE_ANALYSIS_WORKERS: z.preprocess(
    empty,
    z.coerce
      .number({ error: "must be a number" })
      .int("must be a whole number")
      .min(1, "must be 1 to 64")
      .max(64, "must be 1 to 64")
      .optional(),
  ),
  PEERSCOPE_ARCHIVE: z.preprocess(empty, archiveAddress.optional()),
  PEERSCOPE_ARCHIVE_AFTER_MS: amount(60_000, 86_400_000 * 30, 600_000),
  PEERSCOPE_DISK_RESERVE_MB: amount(1, 1_000, 100),
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
  PEERSCOPE_TLS_CERT: text,
  PEERSCOPE_TLS_KEY: text,
  PEERSCOPE_METRICS_TOKEN: z.preprocess(
    empty,
    z
      .string()
      .regex(/^[\w.~+/-]{16,256}=*$/, "must have 16 to 256 characters out of A-Z, a-z, 0-9 and -._~+/")
      .optional(),
  ),
  PEERSCOPE_TRUSTED_PROXIES: z.preprocess(empty, networks.default([])),
  PEERSCOPE_MAX_LIVE_SESSIONS: amount(1, 1_000_000, defaultIngestLimits.maxLiveSessions),
  PEERSCOPE_MAX_BYTES_PER_SECOND: amount(1_000, 10_000_000_000, defaultIngestLimits.maxBytesPerSecond),
  PEERSCOPE_MAX_SESSION_HOURS: amount(1, 168, defaultIngestLimits.maxSessionHours),
  PEERSCOPE_MAX_CONNECTIONS_PER_ADDRESS: amount(1, 1_000_000, defaultIngestLimits.maxConnectionsPerAddress),
  PEERSCOPE_MAX_NEW_SESSIONS_PER_MINUTE: amount(1, 1_000_000, defaultIngestLimits.maxNewSessionsPerMinute),
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
      // An address may hold a password, and this is printed.
      const shown = /URL|SECRET|PASSWORD|TOKEN/.test(name) ? name : `${name}=${JSON.stringify(env[name])}`;
      return `${shown}: ${issue.message}`;
    });
    throw new ServerConfigError(`config-invalid: ${lines.join("; ")}`);
  }
  const values = parsed.data;
  if (values.PEERSCOPE_CLICKHOUSE_CLUSTER !== undefined && values.PEERSCOPE_CLICKHOUSE_URL === undefined) {
    throw new ServerConfigError(
      "config-invalid: PEERSCOPE_CLICKHOUSE_CLUSTER: needs PEERSCOPE_CLICKHOUSE_URL, because the embedded store is one server",
    );
  }
  if ((values.PEERSCOPE_TLS_CERT === undefined) !== (values.PEERSCOPE_TLS_KEY === undefined)) {
    throw new ServerConfigError(
      "config-invalid: PEERSCOPE_TLS_CERT and PEERSCOPE_TLS_KEY: one needs the other",
    );
  }
  return {
    host: values.HOST ?? "127.0.0.1",
    port: values.PORT,
    publicUrl: values.PEERSCOPE_PUBLIC_URL ?? null,
    oidc: oidcOf(values),
    dataFolder: resolve(values.PEERSCOPE_DATA ?? ".peerscope"),
    settingsUrl: values.PEERSCOPE_SETTINGS_URL ?? null,
    clickhouseUrl: values.PEERSCOPE_CLICKHOUSE_URL ?? null,
    clickhouseCluster: values.PEERSCOPE_CLICKHOUSE_CLUSTER ?? null,
    storeMemoryMb: values.PEERSCOPE_STORE_MEMORY_MB,
    // The main thread has a core of its own.
    analysisWorkers: values.PEERSCOPE_ANALYSIS_WORKERS ?? Math.max(1, availableParallelism() - 1),
    archive: values.PEERSCOPE_ARCHIVE ?? null,
    archiveAfterMs: values.PEERSCOPE_ARCHIVE_AFTER_MS,
    diskReserveBytes: values.PEERSCOPE_DISK_RESERVE_MB << 20,
    sessionIdleMs: values.PEERSCOPE_SESSION_IDLE_MS,
    rtcstatsSecret: values.PEERSCOPE_RTCSTATS_SECRET ?? null,
    trustedProxies: values.PEERSCOPE_TRUSTED_PROXIES,
    tls:
      values.PEERSCOPE_TLS_CERT === undefined || values.PEERSCOPE_TLS_KEY === undefined
        ? null
        : { certFile: resolve(values.PEERSCOPE_TLS_CERT), keyFile: resolve(values.PEERSCOPE_TLS_KEY) },
    metricsToken: values.PEERSCOPE_METRICS_TOKEN ?? null,
    limits: {
      maxLiveSessions: values.PEERSCOPE_MAX_LIVE_SESSIONS,
      maxBytesPerSecond: values.PEERSCOPE_MAX_BYTES_PER_SECOND,
      maxSessionHours: values.PEERSCOPE_MAX_SESSION_HOURS,
      maxConnectionsPerAddress: values.PEERSCOPE_MAX_CONNECTIONS_PER_ADDRESS,
      maxNewSessionsPerMinute: values.PEERSCOPE_MAX_NEW_SESSIONS_PER_MINUTE,
    },
    logLevel: values.PEERSCOPE_LOG_LEVEL,
  };
}

function oidcOf(values: z.output<typeof environment>): OidcConfig | null {
  const issuer = values.PEERSCOPE_OIDC_ISSUER;
  const clientId = values.PEERSCOPE_OIDC_CLIENT_ID;
  const missing: string[] = [];
  if (issuer === undefined) missing.push("PEERSCOPE_OIDC_ISSUER");
  if (clientId === undefined) missing.push("PEERSCOPE_OIDC_CLIENT_ID");
  if (values.PEERSCOPE_PUBLIC_URL === undefined) missing.push("PEERSCOPE_PUBLIC_URL");
  const clientSecret = values.PEERSCOPE_OIDC_CLIENT_SECRET ?? null;
  const isAsked = issuer !== undefined || clientId !== undefined || clientSecret !== null;
  if (!isAsked && Object.keys(values.PEERSCOPE_OIDC_DOMAINS).length === 0) return null;
  if (issuer === undefined || clientId === undefined || missing.length > 0)
    throw new ServerConfigError(`config-invalid: ${missing.join(", ")}: logins through OIDC need it`);
  return { issuer, clientId, clientSecret, domains: values.PEERSCOPE_OIDC_DOMAINS };
}

/** True when only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
