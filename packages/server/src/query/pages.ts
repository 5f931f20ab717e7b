import { existsSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import staticFiles from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { packageFolder } from "../entry.ts";
import { RequestError } from "../errors.ts";
import { createContentTags, hasTag } from "./content-tags.ts";

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

/** The folders that the builds of the dashboard and of the SDK write. */
export interface PageFolders {
  readonly dashboard: URL;
  readonly sdk: URL;
}

type Send = (request: FastifyRequest, reply: FastifyReply, name: string, folder: string) => FastifyReply;

/** Serves the dashboard, the demo and the SDK bundle. */
export async function addPages(
  app: FastifyInstance,
  folders: PageFolders = { dashboard: packageFolder("static"), sdk: packageFolder("sdk") },
): Promise<void> {
  const [dashboard, sdk] = [fileURLToPath(folders.dashboard), fileURLToPath(folders.sdk)];
  const hashedAssets = join(dashboard, "assets", sep);

  await app.register(staticFiles, {
    index: false,
    // The routes are below: the plugin's own could not say who may use them.
    serve: false,
    cacheControl: false,
    // Made of size and time, which are those of the last release: npm packs all files with one time, and hashes are of one length. Ours
    // are made of content.
    etag: false,
    lastModified: false,
    // The builds write them beside the files, so that no request pays for compressing.
    preCompressed: true,
    setHeaders: (response, path) => {
      response.setHeader("vary", "accept-encoding");
      // The build puts a hash of the content into the names below assets/.
      const hashed = path.startsWith(hashedAssets);
      response.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  const tagOf = createContentTags();
  /** Not once more to who has it. */
  const send: Send = (request, reply, name, folder) => {
    const path = join(folder, name);
    const isChecked = path.startsWith(join(folder, sep)) && !path.startsWith(hashedAssets);
    const tag = isChecked ? tagOf(path) : null;
    if (tag === null) return reply.sendFile(name, folder);
    reply.header("etag", tag);
    if (!hasTag(request.headers["if-none-match"], tag)) return reply.sendFile(name, folder);
    return reply.code(304).headers({ vary: "accept-encoding", "cache-control": "no-cache" }).send();
  };
  // The main file, its parts that load on demand, and the one for <script>: names that cannot leave the folder.
  app.get<{ Params: { file: string } }>("/sdk/:file(^peerscope[a-z.-]*\\.js$)", open, (request, reply) => {
    const { file } = request.params;
    if (!existsSync(join(sdk, file))) throw new RequestError("dashboard-not-built");
    reply.headers({ "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" });
    return send(request, reply, file, sdk);
  });
  const sendPage = (request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply => {
    if (existsSync(join(dashboard, name))) return send(request, reply, name, dashboard);
    const { status, message } = new RequestError("dashboard-not-built");
    return reply.code(status).type("text/plain; charset=utf-8").send(`${message}\n`);
  };
  app.get("/demo", open, (request, reply) => sendPage(request, reply, "demo.html"));
  app.get("/", open, (request, reply) => sendPage(request, reply, "index.html"));
  const sendElse = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (isPageRequest(request)) return sendPage(request, reply, "index.html");
    throw new RequestError("route-unknown", `${request.method} ${request.url.slice(0, 200)}`);
  };
  // Looks for the file at each request, so that a build beside a running server is seen.
  app.get<{ Params: { "*": string } }>("/*", open, (request, reply) => {
    const name = request.params["*"];
    // What is not there the plugin would look for in each compressed form first.
    return isFileIn(dashboard, name) ? send(request, reply, name, dashboard) : sendElse(request, reply);
  });
  app.setNotFoundHandler(sendElse);
}

/** What lies elsewhere is as if it were not there: nobody learns from an answer what else this machine has. */
function isFileIn(folder: string, name: string): boolean {
  const path = join(folder, name);
  if (!path.startsWith(join(folder, sep))) return false;
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // No name of a file: too long, or with a zero in it.
    return false;
  }
}

/** Every address of the dashboard is a page of the one application, except addresses that programs ask for. */
function isPageRequest({ method, url, headers }: FastifyRequest): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (/^\/(api|assets|sdk|ingest)(\/|$|\?)/.test(url)) return false;
  return headers.accept?.includes("text/html") === true;
}
