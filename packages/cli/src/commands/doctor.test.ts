import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkBrowser, checkClock, checkDataFolder, checkNode, checkPort } from "./doctor.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

async function listen(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  undo.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("doctor", () => {
  it.each([
    ["20.19.0", "ok"],
    ["20.18.9", "fail"],
    ["18.20.0", "fail"],
    ["22.0.0", "ok"],
    ["24.1.0", "ok"],
  ])("judges Node %s: %s", (version, state) => {
    const check = checkNode(version);
    expect(check.state).toBe(state);
    expect(check.advice === null).toBe(state === "ok");
  });

  it("tries the data folder, an existing one or the place for it, and leaves nothing behind", () => {
    const folder = mkdtempSync(join(tmpdir(), "peerscope-doctor-"));
    undo.push(() => rmSync(folder, { recursive: true }));
    for (const path of [folder, join(folder, "not", "yet")]) {
      expect(["ok", "warn"]).toContain(checkDataFolder(path, 0).state);
      expect(checkDataFolder(path, 0).text).toContain("GiB free");
    }
    expect(readdirSync(folder)).toEqual([]);
    const missing = checkDataFolder("/proc/peerscope", 0);
    expect(missing.state).toBe("fail");
    expect(missing.advice).toContain("PEERSCOPE_DATA");
  });

  it("tells a free port, one of another program, and a Peerscope that runs already", async () => {
    const other = await listen((_request, response) => response.end("hello"));
    expect(await checkPort({ host: "127.0.0.1", port: other, tls: null })).toMatchObject({
      state: "fail",
      advice: expect.stringContaining("PORT"),
    });
    const own = await listen((_request, response) =>
      response.end(
        JSON.stringify({ status: "ok", version: "0.1.0", store: "ok", liveSessions: 0, problems: [] }),
      ),
    );
    expect(await checkPort({ host: "127.0.0.1", port: own, tls: null })).toMatchObject({
      state: "ok",
      text: expect.stringContaining("Peerscope 0.1.0"),
    });
    expect(await checkPort({ host: "127.0.0.1", port: 0, tls: null })).toMatchObject({ state: "ok" });
    expect(await checkPort({ host: "192.0.2.77", port: 8080, tls: null })).toMatchObject({ state: "fail" });
  });

  it("wants a browser for tests only", () => {
    expect(checkBrowser({ PATH: "/nowhere" })).toMatchObject({ state: "warn" });
    expect(checkBrowser({ CHROME_PATH: process.execPath })).toMatchObject({
      state: "ok",
      text: process.execPath,
    });
  });

  it("knows a clock that cannot be right", () => {
    const written = statSync(new URL("./doctor.ts", import.meta.url)).mtimeMs;
    expect(checkClock(written + 1_000).state).toBe("ok");
    expect(checkClock(written - 2 * 86_400_000).state).toBe("fail");
  });
});
