import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compressFile, compressFiles } from "./compress-files.ts";

test("text is there in both forms and comes back as it was; what is small, or compressed already, stays alone", () => {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-compress-"));
  try {
    const script = "export const value = 'a line that is written again and again';\n".repeat(100);
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "assets/main.js"), script);
    writeFileSync(join(folder, "small.js"), "1;\n");
    writeFileSync(join(folder, "picture.png"), script);
    compressFiles(folder);
    expect(readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()).toEqual([
      "assets",
      join("assets", "main.js"),
      join("assets", "main.js.br"),
      join("assets", "main.js.gz"),
      "picture.png",
      "small.js",
    ]);
    const packed = (ending: string): Buffer => readFileSync(join(folder, `assets/main.js.${ending}`));
    expect(brotliDecompressSync(packed("br")).toString()).toBe(script);
    expect(gunzipSync(packed("gz")).toString()).toBe(script);
    expect(packed("br").length).toBeLessThan(script.length / 10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a build before it left beside a file that is small now is gone", () => {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-compress-"));
  try {
    const path = join(folder, "main.js");
    writeFileSync(path, "again and again; ".repeat(100));
    compressFile(path);
    expect(readdirSync(folder)).toEqual(["main.js", "main.js.br", "main.js.gz"]);
    writeFileSync(path, "1;\n");
    compressFile(path);
    expect(readdirSync(folder)).toEqual(["main.js"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
