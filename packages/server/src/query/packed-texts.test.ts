import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createPackedTexts } from "./packed-texts.ts";

const script = Buffer.from("export const words = 'again and again';\n".repeat(80));

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["GZIP", "gzip"],
  ["br;q=0.0, gzip;q=0", null],
  ["identity", null],
  [undefined, null],
] as const)("who accepts %j gets it with encoding %s", async (accepted, encoding) => {
  const packed = await createPackedTexts().pack("a.js", script, accepted);
  expect(packed.encoding).toBe(encoding);
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
  expect(packed.encoding === null ? packed.body : unpack[packed.encoding](packed.body)).toEqual(script);
  if (encoding !== null) expect(packed.body.byteLength).toBeLessThan(script.byteLength / 10);
});

test("a file is packed once, and again when a build has changed it", async () => {
  const texts = createPackedTexts();
  const first = await texts.pack("a.js", script, "br");
  expect((await texts.pack("a.js", Buffer.from(script), "br")).body).toBe(first.body);
  const built = Buffer.from("export const words = 'other ones';\n".repeat(80));
  const second = await texts.pack("a.js", built, "br");
  expect(brotliDecompressSync(second.body)).toEqual(built);
  expect(brotliDecompressSync((await texts.pack("b.js", script, "br")).body)).toEqual(script);
});
