import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleCaptures, type ImportableSession } from "@peerscope/scenarios";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importSamples, planSamples } from "./first-start.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-samples-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What a server would take in, with a stop or a failure at a given session. */
async function start(
  options: { stopAfter?: number; failAt?: number } = {},
): Promise<{ ids: string[]; err: string[] }> {
  const ids: string[] = [];
  const err: string[] = [];
  const plan = planSamples(folder);
  writeFileSync(join(folder, "project.json"), "{}");
  const stopping = (): boolean => ids.length >= (options.stopAfter ?? Infinity);
  const server = {
    async importSession({ sessionId }: ImportableSession) {
      if (stopping()) throw new Error("stopped");
      if (ids.length === options.failAt) {
        options = {};
        throw new Error("disk full");
      }
      ids.push(sessionId);
    },
  };
  await importSamples(
    plan,
    server,
    { out: () => undefined, err: (line) => void err.push(line), newSecret: async () => "", env: {} },
    stopping,
  );
  return { ids, err };
}

describe("sample calls of a first start", () => {
  it("are imported into a new data folder once", async () => {
    const first = await start();
    expect(first.ids).toHaveLength(2 * sampleCaptures.length);
    expect(await start()).toEqual({ ids: [], err: [] });
  });

  it("are not imported where somebody worked already", async () => {
    writeFileSync(join(folder, "project.json"), "{}");
    expect(await start()).toEqual({ ids: [], err: [] });
  });

  it("go on where a stop cut them off, with the call that was not complete", async () => {
    const cut = await start({ stopAfter: 5 });
    expect(cut).toMatchObject({ err: [] });
    const { ids } = await start();
    expect(new Set([...cut.ids, ...ids]).size).toBe(2 * sampleCaptures.length);
    // The fifth session belongs to the third call, which is imported whole again: the server knows what it has.
    expect(ids).toHaveLength(2 * sampleCaptures.length - 4);
  });

  it("leave a failure with a code and go on with the next", async () => {
    const { ids, err } = await start({ failAt: 3 });
    expect(err).toEqual([expect.stringMatching(/^peerscope: samples-failed: loss-10: disk full: /)]);
    expect(ids).toContain("capture-gum-denied-b");
  });
});
