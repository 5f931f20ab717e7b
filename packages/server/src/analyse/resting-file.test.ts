import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRestingFile, type RestingPlace } from "./resting-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Different in every byte of two that lie beside each other, and from one `seed` to the next. */
const bytesOf = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7 + (index >> 8)) & 255);

test("gives back what it was given, whatever came and went between", () => {
  const step = fc.record({ length: fc.integer({ min: 0, max: 40_000 }), which: fc.nat(), act: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const file = createRestingFile(folder, "one");
      const waiting: { readonly place: RestingPlace; readonly bytes: Uint8Array }[] = [];
      for (const [index, { length, which, act }] of steps.entries()) {
        if (act < 2) {
          const bytes = bytesOf(index, length);
          waiting.push({ place: file.put(bytes) ?? expect.fail(), bytes });
          continue;
        }
        const [entry] = waiting.splice(which % Math.max(1, waiting.length), 1);
        if (entry === undefined) continue;
        if (act === 2) file.free(entry.place);
        else expect(Buffer.compare(file.take(entry.place) ?? expect.fail(), entry.bytes)).toBe(0);
      }
      for (const { place, bytes } of waiting)
        expect(Buffer.compare(file.take(place) ?? expect.fail(), bytes)).toBe(0);
      file.close();
    }),
  );
});

test("nobody else finds the file, and it is as large as what waits in it", () => {
  const file = createRestingFile(folder, "one");
  expect(readdirSync(folder)).toEqual([]);
  const places = [40_000, 10, 9_000].map((length) => file.put(bytesOf(length, length)) ?? expect.fail());
  expect(readdirSync(folder)).toEqual([]);
  const sizeOfFile = (): number | undefined =>
    readdirSync("/proc/self/fd")
      .map((name) => `/proc/self/fd/${name}`)
      .filter((path) => linkOf(path)?.startsWith(folder) === true)
      .map((path) => statSync(path).size)[0];
  expect(sizeOfFile()).toBeGreaterThan(49_000);
  expect(sizeOfFile()).toBeLessThan(49_010 + 3 * 4_096);
  for (const place of places) file.free(place);
  expect(sizeOfFile()).toBe(0);
  const again = file.put(bytesOf(5, 5_000)) ?? expect.fail();
  expect(Buffer.compare(file.take(again) ?? expect.fail(), bytesOf(5, 5_000))).toBe(0);
  file.close();
});

const linkOf = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch {
    // The descriptor that the folder was read with is closed.
    return null;
  }
};

test("a disk that takes nothing is said, and asked again the next time", () => {
  const target = join(folder, "resting");
  writeFileSync(target, "in the way");
  const file = createRestingFile(target, "one");
  expect(file.put(bytesOf(1, 100))).toBeNull();
  rmSync(target);
  expect(file.put(bytesOf(1, 100))).not.toBeNull();
  file.close();
});

test("what cannot be read any more is said", () => {
  const file = createRestingFile(folder, "one");
  const place = file.put(bytesOf(1, 9_000)) ?? expect.fail();
  file.close();
  expect(file.take(place)).toBeNull();
});
