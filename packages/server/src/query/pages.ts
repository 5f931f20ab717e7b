import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import staticFiles from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { packageFolder } from "../entry.ts";
import { RequestError } from "../errors.ts";
import { createPackedTexts } from "./packed-texts.ts";

/**
 * Everything is from here and nothing is inline, except styles: charts and tables size themselves by style attributes.
 * Workers may be blobs, which is how bundlers start them.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Adds the headers that every answer has. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
    });
  });
}

/** Pages and bundles hold no data: they ask for it as whoever looks at them. */
const open = { config: { access: { kind: "public" } } } as const;

/** Serves the dashboard, the demo and the SDK bundle, each from the folder its build writes. */
export async function addPages(app: FastifyInstance, folder: URL = packageFolder("static")): Promise<void> {
  const root = fileURLToPath(folder);
  const page = (name: string): string => fileURLToPath(new URL(name, folder));

  const bundles = createPackedTexts();
  // The main file, its parts that load on demand, and the one for <script>: names that cannot leave the folder.
  app.get<{ Params: { file: string } }>(
    "/sdk/:file(^peerscope[a-z.-]*\\.js$)",
    open,
    async (request, reply) => {
      const { file } = request.params;
      const bundle = await readFile(new URL(file, packageFolder("sdk"))).catch(() => null);
      if (bundle === null) throw new RequestError("dashboard-not-built");
      const { body, encoding } = await bundles.pack(
        file,
        bundle,
        request.headers["accept-encoding"]?.toString(),
      );
      if (encoding !== null) reply.header("content-encoding", encoding);
      return reply
        .headers({
          vary: "accept-encoding",
          "access-control-allow-origin": "*",
          "cross-origin-resource-policy": "cross-origin",
          "cache-control": "no-cache",
        })
        .type("text/javascript; charset=utf-8")
        .send(body);
    },
  );
  app.get("/demo", open, (_request, reply) => sendPage(reply, page("demo.html")));
  app.get("/", open, (_request, reply) => sendPage(reply, page("index.html")));
  if (existsSync(root)) {
    await app.register(staticFiles, {
      root,
      index: false,
      // The route is below: the plugin's own could not say who may use it.
      serve: false,
      cacheControl: false,
      // The build writes them beside the files, so that no request pays for compressing.
      preCompressed: true,
      setHeaders: (response, path) => {
        response.setHeader("vary", "accept-encoding");
        // The build puts a hash of the content into the names below assets/.
        const hashed = path.startsWith(fileURLToPath(new URL("assets/", folder)));
        response.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
    // Looks for the file at each request, so that a build beside a running server is seen.
    app.get<{ Params: { "*": string } }>("/*", open, (request, reply) => reply.sendFile(request.params["*"]));
  }
  app.setNotFoundHandler((request, reply) => {
    if (isPageRequest(request)) return sendPage(reply, page("index.html"));
    throw new RequestError("route-unknown", `${request.method} ${request.url.slice(0, 200)}`);
  });
}

/** Every address of the dashboard is a page of the one application, except addresses that programs ask for. */
function isPageRequest({ method, url, headers }: FastifyRequest): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (/^\/(api|assets|sdk|ingest)(\/|$|\?)/.test(url)) return false;
  return headers.accept?.includes("text/html") === true;
}

async function sendPage(reply: FastifyReply, path: string): Promise<FastifyReply> {
  const html = await readFile(path, "utf8").catch(() => null);
  if (html === null) {
    const { status, message } = new RequestError("dashboard-not-built");
    return reply.code(status).type("text/plain; charset=utf-8").send(`${message}\n`);
  }
  return reply.header("cache-control", "no-cache").type("text/html; charset=utf-8").send(html);
}
