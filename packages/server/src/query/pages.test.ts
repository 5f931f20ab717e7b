import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import fastify from "fastify";
import { describe, expect, it } from "vitest";
import { RequestError } from "../errors.ts";
import { createContentTags } from "./content-tags.ts";
import { addPages } from "./pages.ts";

const script = "export const words = 'again and again';\n".repeat(80);

interface Answer {
  readonly status: number;
  /** Of the refusal; null for a file. */
  readonly code: string | null;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

/** What a server answers whose builds left these files in `dashboard/` and `sdk/`. */
async function answer(
  files: Readonly<Record<string, string | Buffer>>,
  url: string,
  accepted?: string,
  others: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-pages-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const app = fastify();
  let code: string | null = null;
  app.setErrorHandler((error, _request, reply) => {
    code = error instanceof RequestError ? error.code : String(error);
    return reply.code(404).send();
  });
  const at = (name: string): URL => pathToFileURL(`${join(folder, name)}/`);
  try {
    await addPages(app, { dashboard: at("dashboard"), sdk: at("sdk") });
    const { statusCode, headers, rawPayload } = await app.inject({
      url,
      headers: { ...others, ...(accepted === undefined ? {} : { "accept-encoding": accepted }) },
    });
    return { status: statusCode, code, headers, body: rawPayload };
  } finally {
    await app.close();
    rmSync(folder, { recursive: true });
  }
}

/** A file with its compressed forms, as a build leaves it. */
function built(name: string, text: string = script): Record<string, string | Buffer> {
  return { [name]: text, [`${name}.br`]: brotliCompressSync(text), [`${name}.gz`]: gzipSync(text) };
}

const unpack = { br: brotliDecompressSync, gzip: gunzipSync };

describe("the files of the SDK", () => {
  const files = {
    ...built("sdk/peerscope.js"),
    ...built("sdk/peerscope.iife.js"),
    ...built("sdk/peerscope-surroundings.js"),
    "sdk/peerscope.js.map": "{}",
    "sdk/other.js": script,
    "peerscope.js": script,
    "package.js": script,
  };

  it.each([
    ["/sdk/peerscope.js", true],
    ["/sdk/peerscope.iife.js", true],
    ["/sdk/peerscope-surroundings.js", true],
    ["/sdk/", false],
    ["/sdk/other.js", false],
    ["/sdk/peerscope.js.map", false],
    ["/sdk/peerscope.js.br", false],
    ["/sdk/peerscope%2f..%2f..%2fpackage.js", false],
    ["/sdk/..%2fpeerscope.js", false],
    ["/sdk/peerscope-none/peerscope.js", false],
  ])("%s is one of them: %s", async (url, isOne) => {
    const { status, code, headers, body } = await answer(files, url, "gzip, br");
    if (!isOne) {
      expect([status, code]).toEqual([404, "route-unknown"]);
      return;
    }
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "cache-control": "no-cache",
      "content-encoding": "br",
      "content-type": "application/javascript; charset=utf-8",
      vary: "accept-encoding",
    });
    expect(brotliDecompressSync(body).toString()).toBe(script);
  });

  it.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1.0, br;q=0", "gzip"],
    ["GZIP", "gzip"],
    ["br;q=0.0, gzip;q=0", null],
    ["identity", null],
    [undefined, null],
  ] as const)("who accepts %j gets them with encoding %s", async (accepted, encoding) => {
    const { headers, body } = await answer(files, "/sdk/peerscope.js", accepted);
    expect(headers["content-encoding"]).toBe(encoding ?? undefined);
    expect((encoding === null ? body : unpack[encoding](body)).toString()).toBe(script);
    expect(headers).toMatchObject({ vary: "accept-encoding", "access-control-allow-origin": "*" });
  });

  it("say that they are not there when nothing was built yet", async () => {
    const { code, headers } = await answer({}, "/sdk/peerscope.js", "br");
    expect(code).toBe("dashboard-not-built");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("the files of the dashboard", () => {
  const style = "body { color: black }\n".repeat(80);
  const files = { ...built("dashboard/assets/main-1a2b.js"), "dashboard/assets/alone.css": style };

  it("come as the browser accepts them, with the type of what is in them, and stay in its cache", async () => {
    const kept = "public, max-age=31536000, immutable";
    const common = { "content-type": "application/javascript; charset=utf-8", "cache-control": kept };
    const brotli = await answer(files, "/assets/main-1a2b.js", "gzip, deflate, br, zstd");
    expect(brotli.headers).toMatchObject({ ...common, "content-encoding": "br", vary: "accept-encoding" });
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
    expect(brotli.body.length).toBeLessThan(script.length / 10);
    const gzip = await answer(files, "/assets/main-1a2b.js", "gzip");
    expect(gzip.headers).toMatchObject({ ...common, "content-encoding": "gzip", vary: "accept-encoding" });
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    const plain = await answer(files, "/assets/main-1a2b.js", "identity");
    expect(plain.headers).toMatchObject({ ...common, vary: "accept-encoding" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe(script);
  });

  it("come as they are where nothing compressed lies beside them", async () => {
    const { status, headers, body } = await answer(files, "/assets/alone.css", "br, gzip");
    expect(status).toBe(200);
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(body.toString()).toBe(style);
  });

  it.each([
    "/assets/none.js",
    "/assets/",
    "/assets",
    "/assets/..%2f..%2fpackage.json",
    "/assets/..%2f..%2fnone.json",
    "/..%2fpackage.json",
    "/..%2fdashboard-notes.txt",
    "/../package.json",
    "/%2e%2e/package.json",
    "/assets/main-1a2b.js%00",
    `/${"x".repeat(300)}`,
  ])(
    "%s is none of them, and the answer does not tell whether there is such a file elsewhere",
    async (url) => {
      const others = { "package.json": "{}", "dashboard-notes.txt": "notes" };
      const { status, code } = await answer({ ...files, ...others }, url, "br");
      expect([status, code]).toEqual([404, "route-unknown"]);
    },
  );

  it.each([
    ["/", "index"],
    ["/sessions/any", "index"],
    ["/demo", "demo"],
  ])("%s is the page %s, compressed", async (url, name) => {
    const pages = { ...built("dashboard/index.html", "index"), ...built("dashboard/demo.html", "demo") };
    const { status, headers, body } = await answer(pages, url, "br", { accept: "text/html, */*" });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-encoding": "br",
      "cache-control": "no-cache",
      vary: "accept-encoding",
    });
    expect(brotliDecompressSync(body).toString()).toBe(name);
  });

  it.each([
    ["/", "dashboard/index.html"],
    ["/sdk/peerscope.js", "sdk/peerscope.js"],
  ])("%s of another build is seen at once, whatever the times of the files are", async (url, name) => {
    // npm gives all files of all packages one time, which is long ago.
    const before = await answer(built(name, script.replaceAll("again", "never")), url, "identity");
    const known = {
      "if-modified-since": new Date().toUTCString(),
      "if-none-match": String(before.headers["etag"]),
    };
    const { status, headers, body } = await answer(built(name), url, "identity", known);
    expect([status, body.toString()]).toEqual([200, script]);
    expect(headers["etag"]).not.toBe(before.headers["etag"]);
    expect(headers).not.toHaveProperty("last-modified");
  });

  it.each([
    ["/", "dashboard/index.html", {}],
    ["/sessions/any", "dashboard/index.html", {}],
    ["/icon.svg", "dashboard/icon.svg", {}],
    ["/sdk/peerscope.js", "sdk/peerscope.js", { "access-control-allow-origin": "*" }],
  ])("%s is not sent once more to who has it", async (url, name, more) => {
    const page = { accept: "text/html" };
    const first = await answer(built(name), url, "br", page);
    const tag = String(first.headers["etag"]);
    expect(tag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const has of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
      const again = await answer(built(name), url, "br", { ...page, "if-none-match": has });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers).toMatchObject({
        ...more,
        etag: tag,
        vary: "accept-encoding",
        "cache-control": "no-cache",
      });
    }
    for (const has of ['"other"', `x${tag}`, ""]) {
      const again = await answer(built(name), url, "br", { ...page, "if-none-match": has });
      expect(again.status).toBe(200);
      expect(again.body.length).toBeGreaterThan(10);
    }
  });

  it("of a build that is half written the next form has another tag", () => {
    const folder = mkdtempSync(join(tmpdir(), "peerscope-pages-"));
    try {
      const file = join(folder, "index.html");
      const tagOf = createContentTags();
      expect(tagOf(file)).toBeNull();
      expect(tagOf(folder)).toBeNull();
      writeFileSync(file, "new");
      writeFileSync(`${file}.br`, "old, packed");
      const half = tagOf(file);
      expect(tagOf(file)).toBe(half);
      writeFileSync(`${file}.br`, "new, packed");
      expect(tagOf(file)).not.toBe(half);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([undefined, "gzip", "br, gzip"])(
    "an address of the page is not looked for as a file in each form first, accepting %s",
    async (accepted) => {
      // Each form that is not there left listeners at the answer; Node warns of them from the eleventh on.
      const warnings: Error[] = [];
      const note = (warning: Error): unknown => warnings.push(warning);
      process.on("warning", note);
      try {
        const files = built("dashboard/index.html");
        const { status } = await answer(files, "/sessions/any", accepted, { accept: "text/html" });
        expect([status, warnings]).toEqual([200, []]);
      } finally {
        process.off("warning", note);
      }
    },
  );

  it.each(["/", "/sessions/any", "/demo"])("%s says in words that nothing was built yet", async (url) => {
    const { status, headers, body } = await answer({}, url, "br", { accept: "text/html" });
    expect(status).toBe(503);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.toString()).toMatch(/npm run build/);
  });
});
