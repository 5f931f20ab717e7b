import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAdministration } from "../access/administration.ts";
import { startS3Server, type S3TestServer } from "../archive/testing/s3-server.ts";
import { readServerConfig } from "../config.ts";
import { preflight, type Check } from "./preflight.ts";

let folder = "";
let s3: S3TestServer;
const at = (name: string): string => join(folder, name);

async function checks(env: Record<string, string>): Promise<Record<string, Check>> {
  const found = await preflight(readServerConfig({ PEERSCOPE_DATA: at("data"), ...env }), Date.now());
  return Object.fromEntries(found.map((check) => [check.name, check]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-preflight-"));
  mkdirSync(at("data"));
  process.env["AWS_ACCESS_KEY_ID"] = "S3RVER";
  process.env["AWS_SECRET_ACCESS_KEY"] = "S3RVER";
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("checks before a start", () => {
  test("nothing there yet is well, and stays so", async () => {
    expect(await checks({})).toMatchObject({ settings: { state: "ok" }, access: { state: "ok" } });
    expect(readdirSync(at("data"))).toEqual([]);
  });

  test("a server that others reach needs an admin", async () => {
    const outside = { HOST: "0.0.0.0", PEERSCOPE_DATA: at("admin") };
    expect((await checks(outside))["access"]).toMatchObject({
      state: "fail",
      advice: expect.stringContaining("peerscope admin create"),
    });
    const administration = await openAdministration({ dataFolder: at("admin"), settingsUrl: null });
    await administration.createAdmin("ann@example.org", "Ann", "correct horse battery");
    await administration.close();
    expect((await checks(outside))["access"]).toMatchObject({ state: "ok", text: "1 admins" });
  });

  test("settings that are damaged or away", async () => {
    mkdirSync(at("damaged"));
    writeFileSync(at("damaged/settings.sqlite"), "x".repeat(5_000));
    expect((await checks({ PEERSCOPE_DATA: at("damaged") }))["settings"]).toMatchObject({ state: "fail" });
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const away = await checks({ PEERSCOPE_SETTINGS_URL: `postgres://me:sesame@127.0.0.1:${port}/x` });
    expect(away["settings"]).toMatchObject({
      state: "fail",
      advice: expect.stringContaining("PEERSCOPE_SETTINGS_URL"),
    });
    expect(JSON.stringify(away)).not.toContain("sesame");
  });

  test("an archive is written, read and left as it was", async () => {
    mkdirSync(at("archive"));
    expect((await checks({ PEERSCOPE_ARCHIVE: at("archive") }))["archive"]).toMatchObject({ state: "ok" });
    expect(readdirSync(at("archive"))).toEqual([]);
    expect((await checks({ PEERSCOPE_ARCHIVE: at("not-mounted") }))["archive"]).toMatchObject({
      state: "fail",
    });
    expect((await checks({ PEERSCOPE_ARCHIVE: s3.freshAddress() }))["archive"]).toMatchObject({
      state: "ok",
    });
    const wrong = s3.freshAddress().replace(/bucket-\d+/, "bucket-of-nobody");
    expect((await checks({ PEERSCOPE_ARCHIVE: wrong }))["archive"]).toMatchObject({ state: "fail" });
  });

  test("a certificate that cannot be read", async () => {
    const found = await checks({ PEERSCOPE_TLS_CERT: at("none.pem"), PEERSCOPE_TLS_KEY: at("none.key") });
    expect(found["tls"]).toMatchObject({
      state: "fail",
      text: expect.stringContaining("PEERSCOPE_TLS_CERT"),
    });
  });
});
