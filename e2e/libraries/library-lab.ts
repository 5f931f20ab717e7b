import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, ConsoleMessage } from "playwright-core";
import { rolldown } from "rolldown";
import type { ReceivedSession, SdkLab } from "../client/sdk-lab.ts";
import { freePort } from "../support/peerscope.ts";
import type { LoadOrder, PageOutcome } from "./library-page.ts";

/** Stands in for the server of a library. */
export interface StandIn {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** One page as it went, and what the ingest received from it. */
export interface LibraryRun extends PageOutcome {
  /** Errors on the console. */
  readonly consoleErrors: readonly string[];
  readonly received: ReceivedSession | null;
}

export interface LibraryLab {
  /** Two calls of so many connections each, in a page of their own. */
  run(order: LoadOrder, connections: number): Promise<LibraryRun>;
  close(): Promise<void>;
}

/** The SDK's main file, and the parts that it loads on demand beside it. */
const sdkFolder = fileURLToPath(new URL("../../packages/client/dist", import.meta.url));

const page = `<!doctype html>
<meta charset="utf-8">
<title>A library's call</title>
<script>
  globalThis.problems = [];
  addEventListener("error", (event) => problems.push("error: " + event.message));
  addEventListener("unhandledrejection", (event) => problems.push("unhandled: " + event.reason));
</script>
<script type="module" src="/page.js"></script>`;

/** Bundles `pages/<library>.ts` with the real npm package and serves it beside the SDK that apps get. */
export async function openLibraryLab(
  browser: Browser,
  ingest: SdkLab,
  library: string,
  standIn?: StandIn,
): Promise<LibraryLab> {
  const [runner, script] = await Promise.all(
    ["library-page.ts", `pages/${library}.ts`].map((path) =>
      bundlePage(fileURLToPath(new URL(path, import.meta.url))),
    ),
  );
  const port = await freePort();
  const http = createServer((request, response) => {
    response.setHeader("content-type", request.url?.endsWith(".js") ? "text/javascript" : "text/html");
    const sdkFile = /^\/sdk\/(peerscope[a-z.-]*\.js)$/.exec(request.url ?? "")?.[1];
    if (sdkFile !== undefined) response.end(readFileSync(join(sdkFolder, sdkFile)));
    else if (request.url === "/page.js") response.end(runner);
    else if (request.url === "/library.js") response.end(script);
    else response.end(page);
  });
  http.on("upgrade", (request, socket, head) => standIn?.upgrade(request, socket, head));
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const origin = `http://localhost:${port}`;

  return {
    async run(order, connections) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      const consoleErrors: string[] = [];
      tab.on("console", (message: ConsoleMessage) => {
        if (message.type() === "error") consoleErrors.push(message.text());
      });
      await tab.goto(`${origin}/call`);
      await tab.waitForFunction(() => typeof globalThis.callTwice === "function");
      const outcome = await tab.evaluate((options) => globalThis.callTwice(options), {
        order,
        connections,
        server: origin.replace(/^http/, "ws"),
        ingest: ingest.url,
      });
      await context.close();
      const received = outcome.session ? ingest.session(outcome.session.sessionId) : null;
      return { ...outcome, consoleErrors, received };
    },
    async close() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

/** As the bundler of an app would: one module for the page, from the packages that npm installed. */
export async function bundlePage(entry: string): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    external: ["@peerscope/client"],
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
