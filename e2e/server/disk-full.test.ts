import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFrameEncoder, type SessionRecord } from "@peerscope/schema";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";
import { joinSession, type IngestClient } from "./ingest-client.ts";

/** A disk that can be filled without filling the machine's: it takes root, and a system that lets it mount. */
const disk = mountSmallDisk();
const diskMb = 256;
const reserveMb = 16;

function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256m", "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

describe.skipIf(disk === null)(`a disk of ${diskMb} MB [needs: may-mount-tmpfs]`, () => {
  const folder = disk ?? "";
  const ballast = join(folder, "ballast");
  let server: PeerscopeProcess;

  beforeAll(async () => {
    server = await startPeerscope({
      dataDir: join(folder, "data"),
      env: { PEERSCOPE_DISK_RESERVE_MB: String(reserveMb) },
    });
  });
  afterAll(async () => {
    rmSync(ballast, { force: true });
    await server?.stop();
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Leaves so many bytes free; 0: none at all. */
  async function fill(leave: number): Promise<void> {
    const handle = await open(ballast, "w");
    const block = Buffer.alloc(1 << 20, 7);
    try {
      for (;;) await handle.write(block);
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
    if (leave > 0) await handle.truncate((await handle.stat()).size - leave);
    await handle.close();
  }

  function framesOf(count: number): Uint8Array[] {
    const encoder = createFrameEncoder();
    return Array.from({ length: count }, (_, index) => {
      const record: SessionRecord = {
        kind: "event",
        at: Date.now(),
        name: "app-event",
        data: { name: `${index}`, text: `${Math.random()}`.repeat(60) },
      };
      return encoder.encode([record]);
    });
  }

  async function joinWhenThereIsRoom(sessionId: string): Promise<IngestClient> {
    for (const until = Date.now() + 15_000; Date.now() < until;) {
      const client = await joinSession(server, sessionId);
      const [first] = client.messages;
      if (typeof first === "object" && first.type === "welcome") return client;
      expect(first).toMatchObject({ type: "error", code: "disk-full", retry: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return expect.fail("the disk stays full");
  }

  test.each([
    ["to the last byte", 0],
    ["into the reserve", (reserveMb << 20) >> 1],
  ])(
    "that is full %s: refused by name, nothing acknowledged is missing, and it goes on when there is room",
    async (_how, leave) => {
      const sessionId = `session-disk-full-${leave}`;
      const frames = framesOf(400);
      const client = await joinSession(server, sessionId);
      for (const frame of frames.slice(0, 100)) client.send(frame);
      await client.until(() => client.acknowledged === 99);
      expect(client.acknowledged).toBe(99);

      await fill(leave);
      let sent = 100;
      for (const until = Date.now() + 10_000; client.closed === null && sent < 350 && Date.now() < until;) {
        client.send(frames[sent] ?? new Uint8Array());
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await client.until(() => false);
      expect(client.closed).toEqual({ code: 4507, error: "disk-full" });
      expect(client.messages.at(-1)).toMatchObject({ type: "error", retry: true });
      const promised = client.acknowledged;
      const { sequences, problems } = await readLogOnDisk(join(folder, "data"), sessionId);
      expect(problems).toEqual([]);
      expect(sequences.length).toBeGreaterThan(promised);

      // Clients that come meanwhile are refused before they send anything, and pages are still answered.
      const refused = await joinSession(server, `another-${leave}`);
      expect(refused.messages[0]).toMatchObject({ type: "error", code: "disk-full", retry: true });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

      rmSync(ballast);
      const again = await joinWhenThereIsRoom(sessionId);
      expect(again.acknowledged).toBeGreaterThanOrEqual(promised);
      for (const frame of frames.slice(again.acknowledged + 1)) again.send(frame);
      await again.until(() => again.acknowledged === 399);
      const whole = await readLogOnDisk(join(folder, "data"), sessionId);
      expect(whole.problems).toEqual([]);
      expect(whole.sequences).toEqual(frames.map((_, index) => index));
      again.drop();
      expect(existsSync(ballast)).toBe(false);
    },
    60_000,
  );
});
