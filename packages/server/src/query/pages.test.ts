import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import fastify from "fastify";
import { describe, expect, it } from "vitest";
import { RequestError } from "../errors.ts";
import { addPages } from "./pages.ts";

describe("the files of the SDK", () => {
  it.each([
    ["/sdk/peerscope.js", true],
    ["/sdk/peerscope.iife.js", true],
    ["/sdk/peerscope-surroundings.js", true],
    ["/sdk/", false],
    ["/sdk/other.js", false],
    ["/sdk/peerscope.js.map", false],
    ["/sdk/peerscope%2f..%2f..%2fpackage.js", false],
    ["/sdk/..%2fpeerscope.js", false],
    ["/sdk/peerscope-none/peerscope.js", false],
  ])("%s is one of them: %s", async (url, isOne) => {
    const app = fastify();
    const codes: string[] = [];
    app.setErrorHandler((error, _request, reply) => {
      codes.push(error instanceof RequestError ? error.code : String(error));
      return reply.code(404).send();
    });
    await addPages(app);
    const { statusCode, headers } = await app.inject({ url, headers: { "accept-encoding": "gzip, br" } });
    await app.close();
    // Where nothing was built yet, the server says that instead.
    const isServed =
      statusCode === 200 &&
      headers["access-control-allow-origin"] === "*" &&
      headers["content-encoding"] === "br" &&
      headers.vary === "accept-encoding";
    expect(isServed || codes.includes("dashboard-not-built")).toBe(isOne);
  });
});

describe("the files of the dashboard", () => {
  const script = "export const words = 'again and again';\n".repeat(80);
  const style = "body { color: black }\n".repeat(80);

  async function answer(
    url: string,
    accepted: string,
  ): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
    const folder = mkdtempSync(join(tmpdir(), "peerscope-pages-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "assets/main-1a2b.js"), script);
    writeFileSync(join(folder, "assets/main-1a2b.js.br"), brotliCompressSync(script));
    writeFileSync(join(folder, "assets/main-1a2b.js.gz"), gzipSync(script));
    writeFileSync(join(folder, "assets/alone.css"), style);
    const app = fastify();
    app.setErrorHandler((_error, _request, reply) => reply.code(404).send());
    try {
      await addPages(app, pathToFileURL(`${folder}/`));
      const { statusCode, headers, rawPayload } = await app.inject({
        url,
        headers: { "accept-encoding": accepted },
      });
      return { status: statusCode, headers, body: rawPayload };
    } finally {
      await app.close();
      rmSync(folder, { recursive: true });
    }
  }

  it("come as the browser accepts them, with the type of what is in them, and stay in its cache", async () => {
    const kept = "public, max-age=31536000, immutable";
    const common = { "content-type": "application/javascript; charset=utf-8", "cache-control": kept };
    const brotli = await answer("/assets/main-1a2b.js", "gzip, deflate, br, zstd");
    expect(brotli.headers).toMatchObject({ ...common, "content-encoding": "br", vary: "accept-encoding" });
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
    expect(brotli.body.length).toBeLessThan(script.length / 10);
    const gzip = await answer("/assets/main-1a2b.js", "gzip");
    expect(gzip.headers).toMatchObject({ ...common, "content-encoding": "gzip", vary: "accept-encoding" });
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    const plain = await answer("/assets/main-1a2b.js", "identity");
    expect(plain.headers).toMatchObject({ ...common, vary: "accept-encoding" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe(script);
  });

  it("come as they are where nothing compressed lies beside them", async () => {
    const { status, headers, body } = await answer("/assets/alone.css", "br, gzip");
    expect(status).toBe(200);
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(body.toString()).toBe(style);
  });

  it.each(["/assets/none.js", "/assets/..%2f..%2fpackage.json", "/../package.json.br"])(
    "%s is none of them",
    async (url) => {
      expect((await answer(url, "br")).status).toBe(404);
    },
  );
});
