import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { healthSchema, readinessSchema } from "@peerscope/schema/api";
import { generateSession } from "@peerscope/scenarios";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";
import { findDebianTool } from "./testing/debian-tool.ts";

const page = readFileSync(new URL("../../../../docs/reference/server.md", import.meta.url), "utf8");
const metricsToken = "for-prometheus-only";

let folder = "";
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-operations-"));
  server = await startServer(
    readServerConfig({
      PORT: "0",
      PEERSCOPE_DATA: join(folder, "data"),
      PEERSCOPE_LOG_LEVEL: "silent",
      PEERSCOPE_METRICS_TOKEN: metricsToken,
      PEERSCOPE_ARCHIVE: folder,
    }),
  );
  const { records } = generateSession({
    seed: 1,
    durationSeconds: 20,
    kind: "loss",
    startAt: Date.now() - 60_000,
  });
  await server.importSession({
    sessionId: "operations-1",
    records,
    sample: false,
    createdAt: Date.now() - 60_000,
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { headers });
const metricsText = async (): Promise<string> => (await ask("/metrics")).text();

/** The value of the sample that begins so. */
function valueOf(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  if (line === undefined) throw new Error(`no ${name}`);
  return Number(line.slice(line.lastIndexOf(" ")));
}

describe("operations of a whole server", () => {
  test("health and readiness keep their contract", async () => {
    expect(healthSchema.parse(await (await ask("/healthz")).json()).status).toBe("ok");
    const readyz = await ask("/readyz");
    expect(readyz.status).toBe(200);
    const readiness = readinessSchema.parse(await readyz.json());
    expect(readiness).toMatchObject({ ready: true, settings: { state: "ok" }, archive: { state: "ok" } });
    expect(readiness.disk.freeBytes).toBeGreaterThan(0);
  });

  test("what happened is in the metrics", async () => {
    const refused = await fetch(`${server.url}/ingest`, { method: "POST", body: "nonsense" });
    expect(refused.status).toBe(400);
    await expect
      .poll(async () => valueOf(await metricsText(), 'peerscope_rows_written_total{table="legs"}'), {
        timeout: 15_000,
      })
      .toBeGreaterThan(0);
    const text = await metricsText();
    expect(valueOf(text, "peerscope_ingest_frames_total")).toBeGreaterThan(0);
    expect(valueOf(text, "peerscope_ingest_acknowledgement_seconds_count")).toBe(
      valueOf(text, "peerscope_ingest_frames_total"),
    );
    expect(valueOf(text, "peerscope_ingest_bytes_total")).toBeGreaterThan(1_000);
    expect(valueOf(text, 'peerscope_ingest_refusals_total{code="message-invalid"}')).toBe(1);
    expect(valueOf(text, 'peerscope_store_state{state="ok"}')).toBe(1);
    expect(valueOf(text, "peerscope_sessions_finished_total")).toBe(1);
    for (const process of ["server", "store"]) {
      expect(valueOf(text, `peerscope_process_cpu_seconds_total{process="${process}"}`)).toBeGreaterThan(0);
      expect(valueOf(text, `peerscope_process_resident_memory_bytes{process="${process}"}`)).toBeGreaterThan(
        1e7,
      );
    }
    // Read twice, counters are the same.
    expect(valueOf(await metricsText(), 'peerscope_ingest_refusals_total{code="message-invalid"}')).toBe(1);
  });

  test("the reference lists every metric with its type, and no other", async () => {
    const types = [...(await metricsText()).matchAll(/^# TYPE (\S+ \S+)$/gm)].map(([, type]) => type);
    const rows = page.matchAll(/^\| `(peerscope_\w+)(?:\{[\w,]+\})?` +\| (\w+) +\|/gm);
    const listed = [...rows].map(([, name, type]) => `${name} ${type}`);
    expect(new Set(listed)).toEqual(new Set(types));
    expect(listed).toHaveLength(types.length);
  });

  test("Prometheus' own linter has nothing to say", async () => {
    const promtool = findDebianTool("promtool", "prometheus");
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], {
      input: await metricsText(),
      encoding: "utf8",
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });

  test("metrics are for server admins and the token of its own, which opens nothing else", async () => {
    const proxied = { "x-forwarded-for": "192.0.2.7" };
    const bearer = (token: string) => ({ ...proxied, authorization: `Bearer ${token}` });
    expect((await ask("/metrics")).status).toBe(200);
    expect((await ask("/metrics", proxied)).status).toBe(401);
    expect((await ask("/metrics", bearer(metricsToken))).status).toBe(200);
    expect((await ask("/metrics", bearer(`${metricsToken}x`))).status).toBe(401);
    expect((await ask("/metrics", bearer(""))).status).toBe(401);
    expect((await ask("/api/users", bearer(metricsToken))).status).toBe(401);
    expect((await ask("/api/sessions", bearer(metricsToken))).status).toBe(401);
  });

  test("an answer has an id that is in the server's log too; a proxy's is taken over unless it is odd", async () => {
    expect((await ask("/healthz")).headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
    const given = (id: string) => ask("/healthz", { "x-request-id": id });
    expect((await given("proxy-4711-a")).headers.get("x-request-id")).toBe("proxy-4711-a");
    expect((await given('"},{"')).headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
    expect((await given("x".repeat(65))).headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
  });
});
