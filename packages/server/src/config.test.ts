import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { isLoopback, readServerConfig } from "./config.ts";
import { defaultIngestLimits } from "./ingest/limits.ts";

describe("configuration", () => {
  test("an empty environment gives the documented defaults", () => {
    expect(readServerConfig({})).toEqual({
      host: "127.0.0.1",
      port: 8080,
      publicUrl: null,
      oidc: null,
      dataFolder: `${process.cwd()}/.peerscope`,
      settingsUrl: null,
      clickhouseUrl: null,
      clickhouseCluster: null,
      storeMemoryMb: 2_048,
      analysisWorkers: Math.max(1, availableParallelism() - 1),
      archive: null,
      archiveAfterMs: 600_000,
      diskReserveBytes: 100 << 20,
      sessionIdleMs: 60_000,
      rtcstatsSecret: null,
      trustedProxies: [],
      tls: null,
      metricsToken: null,
      limits: defaultIngestLimits,
      logLevel: "warn",
    });
  });

  test("variables are read, and an empty one counts as absent", () => {
    const env = {
      PORT: "9",
      HOST: "0.0.0.0",
      PEERSCOPE_PUBLIC_URL: "https://Calls.example.org:443/",
      PEERSCOPE_OIDC_ISSUER: "https://login.example.org/realms/one",
      PEERSCOPE_OIDC_CLIENT_ID: "peerscope",
      PEERSCOPE_OIDC_CLIENT_SECRET: " as it is ",
      PEERSCOPE_OIDC_DOMAINS: "Example.org = default, web ; example.net=default;",
      PEERSCOPE_DATA: "/d",
      PEERSCOPE_SETTINGS_URL: "postgresql://u:p@h/d",
      PEERSCOPE_CLICKHOUSE_URL: "http://u:p@h:8123",
      PEERSCOPE_CLICKHOUSE_CLUSTER: "calls",
      PEERSCOPE_STORE_MEMORY_MB: "1500",
      PEERSCOPE_ARCHIVE: "s3://calls/logs?region=eu-central-1",
      PEERSCOPE_ARCHIVE_AFTER_MS: "60000",
      PEERSCOPE_DISK_RESERVE_MB: "7",
      PEERSCOPE_RTCSTATS_SECRET: " as it is ",
      PEERSCOPE_TRUSTED_PROXIES: " 10.0.0.0/8 ,2001:db8::1,",
      PEERSCOPE_TLS_CERT: "/tls/cert.pem",
      PEERSCOPE_TLS_KEY: "/tls/key.pem",
      PEERSCOPE_METRICS_TOKEN: "sixteen-letters-",
      PEERSCOPE_MAX_LIVE_SESSIONS: "5",
      PEERSCOPE_MAX_SESSION_HOURS: "1",
    };
    expect(
      readServerConfig({
        ...env,
        PEERSCOPE_LOG_LEVEL: "",
        PEERSCOPE_SESSION_IDLE_MS: "2000",
        PEERSCOPE_ANALYSIS_WORKERS: "3",
      }),
    ).toEqual({
      host: "0.0.0.0",
      port: 9,
      publicUrl: new URL("https://calls.example.org"),
      oidc: {
        issuer: new URL("https://login.example.org/realms/one"),
        clientId: "peerscope",
        clientSecret: " as it is ",
        domains: { "example.org": ["default", "web"], "example.net": ["default"] },
      },
      dataFolder: "/d",
      settingsUrl: "postgresql://u:p@h/d",
      clickhouseUrl: "http://u:p@h:8123",
      clickhouseCluster: "calls",
      storeMemoryMb: 1_500,
      analysisWorkers: 3,
      archive: {
        kind: "s3",
        bucket: "calls",
        prefix: "logs/",
        region: "eu-central-1",
        endpoint: null,
        forcePathStyle: false,
      },
      archiveAfterMs: 60_000,
      diskReserveBytes: 7 << 20,
      sessionIdleMs: 2_000,
      rtcstatsSecret: " as it is ",
      trustedProxies: ["10.0.0.0/8", "2001:db8::1"],
      tls: { certFile: "/tls/cert.pem", keyFile: "/tls/key.pem" },
      metricsToken: "sixteen-letters-",
      limits: { ...defaultIngestLimits, maxLiveSessions: 5, maxSessionHours: 1 },
      logLevel: "warn",
    });
  });

  test.each([
    [{ PORT: "x" }, 'PORT="x": must be a number'],
    [{ PORT: "70000" }, "PORT"],
    [{ PORT: "-1" }, "PORT"],
    [{ PEERSCOPE_TRUSTED_PROXIES: "10.0.0.0/33" }, "PEERSCOPE_TRUSTED_PROXIES"],
    [{ PEERSCOPE_TRUSTED_PROXIES: "proxy.example" }, "not proxy.example"],
    [{ PEERSCOPE_MAX_BYTES_PER_SECOND: "0" }, "must be 1000 to"],
    [{ PEERSCOPE_SETTINGS_URL: "mysql://h/d" }, "PEERSCOPE_SETTINGS_URL"],
    [{ PEERSCOPE_CLICKHOUSE_URL: "localhost:8123" }, "PEERSCOPE_CLICKHOUSE_URL"],
    [{ PEERSCOPE_CLICKHOUSE_CLUSTER: "calls" }, "needs PEERSCOPE_CLICKHOUSE_URL"],
    [
      { PEERSCOPE_CLICKHOUSE_URL: "http://h:1", PEERSCOPE_CLICKHOUSE_CLUSTER: "a'b" },
      "PEERSCOPE_CLICKHOUSE_CLUSTER",
    ],
    [{ PEERSCOPE_STORE_MEMORY_MB: "100" }, "PEERSCOPE_STORE_MEMORY_MB"],
    [{ PEERSCOPE_PUBLIC_URL: "https://example.org/calls" }, "PEERSCOPE_PUBLIC_URL"],
    [{ PEERSCOPE_PUBLIC_URL: "https://me@example.org" }, "PEERSCOPE_PUBLIC_URL"],
    [{ PEERSCOPE_PUBLIC_URL: "example.org" }, "PEERSCOPE_PUBLIC_URL"],
    [
      { PEERSCOPE_OIDC_ISSUER: "https://login.example.org" },
      "PEERSCOPE_OIDC_CLIENT_ID, PEERSCOPE_PUBLIC_URL",
    ],
    [{ PEERSCOPE_OIDC_ISSUER: "http://login.example.org" }, "PEERSCOPE_OIDC_ISSUER"],
    [{ PEERSCOPE_OIDC_DOMAINS: "example.org=default" }, "PEERSCOPE_OIDC_ISSUER"],
    [{ PEERSCOPE_OIDC_DOMAINS: "example.org" }, "PEERSCOPE_OIDC_DOMAINS"],
    [{ PEERSCOPE_OIDC_DOMAINS: "org=default" }, "PEERSCOPE_OIDC_DOMAINS"],
    [{ PEERSCOPE_TLS_CERT: "/tls/cert.pem" }, "PEERSCOPE_TLS_KEY"],
    [{ PEERSCOPE_METRICS_TOKEN: "guessable" }, "16 to 256"],
    [{ PEERSCOPE_LOG_LEVEL: "loud" }, "PEERSCOPE_LOG_LEVEL"],
    [{ PEERSCOPE_ANALYSIS_WORKERS: "0" }, "PEERSCOPE_ANALYSIS_WORKERS"],
    [{ PEERSCOPE_SESSION_IDLE_MS: "5" }, "PEERSCOPE_SESSION_IDLE_MS"],
  ])("%j is refused by name", (env, text) => {
    expect(() => readServerConfig(env)).toThrow(text);
    expect(() => readServerConfig(env)).toThrow("config-invalid");
  });

  test("an address that is refused is not printed: it may hold a password", () => {
    const env = { PEERSCOPE_SETTINGS_URL: "postgre://me:sesame@h/d", PEERSCOPE_CLICKHOUSE_URL: "u:sesame@h" };
    expect(() => readServerConfig(env)).toThrow(/PEERSCOPE_SETTINGS_URL: .*PEERSCOPE_CLICKHOUSE_URL: /);
    expect(() => readServerConfig(env)).not.toThrow("sesame");
  });

  test("every wrong variable is named at once", () => {
    expect(() => readServerConfig({ PORT: "x", PEERSCOPE_LOG_LEVEL: "y" })).toThrow(
      /PORT.*PEERSCOPE_LOG_LEVEL/,
    );
  });

  test("only loopback addresses count as loopback", () => {
    expect(["localhost", "127.0.0.1", "127.1.2.3", "::1"].map(isLoopback)).toEqual([true, true, true, true]);
    expect(["0.0.0.0", "::", "192.168.1.2", "127.evil.example"].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
