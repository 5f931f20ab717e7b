import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Browser, ConsoleMessage } from "playwright-core";
import { rolldown } from "rolldown";
import { openSdkLab, type ReceivedSession } from "../client/sdk-lab.ts";
import { freePort } from "../support/peerscope.ts";
import type { LoadOrder, PageOutcome } from "./library-page.ts";

/** Stands in for the server of a library. Answers null where it is not asked. */
export interface StandIn {
  request?(request: IncomingMessage): Promise<string | null> | string | null;
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** One page as it went, and what the ingest received from it. */
export interface LibraryRun extends PageOutcome {
  /** Errors on the console. */
  readonly consoleErrors: readonly string[];
  readonly received: ReceivedSession | null;
}

export interface LibraryLab {
  run(order: LoadOrder): Promise<LibraryRun>;
  close(): Promise<void>;
}

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
  library: string,
  standIn: StandIn = {},
  log: (line: string) => void = () => undefined,
): Promise<LibraryLab> {
  const ingest = await openSdkLab();
  const sdk = readFileSync(
    fileURLToPath(new URL("../../packages/client/dist/peerscope.min.js", import.meta.url)),
  );
  const [runner, script] = await Promise.all(
    ["library-page.ts", `pages/${library}.ts`].map((path) =>
      bundlePage(fileURLToPath(new URL(path, import.meta.url))),
    ),
  );
  const port = await freePort();
  const http = createServer((request, response) => {
    void (async () => {
      const answer = await standIn.request?.(request);
      response.setHeader("content-type", request.url?.endsWith(".js") ? "text/javascript" : "text/html");
      if (request.url === "/sdk.js") response.end(sdk);
      else if (request.url === "/page.js") response.end(runner);
      else if (request.url === "/library.js") response.end(script);
      else response.end(answer ?? page);
    })();
  });
  http.on("upgrade", (request, socket, head) => standIn.upgrade?.(request, socket, head));
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const origin = `http://localhost:${port}`;

  return {
    async run(order) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      const consoleErrors: string[] = [];
      tab.on("console", (message: ConsoleMessage) => {
        log(message.text());
        if (message.type() === "error") consoleErrors.push(message.text());
      });
      await tab.goto(`${origin}/call`);
      await tab.waitForFunction(() => typeof globalThis.callTwice === "function");
      const outcome = await tab.evaluate((options) => globalThis.callTwice(options), {
        order,
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
      await ingest.close();
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
