import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { sessionListSchema } from "@peerscope/schema/api";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { eventually, readSession } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { bundlePage } from "./library-lab.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const libraries = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${examples}/${entry.name}/main.ts`))
  .map(({ name }) => name);

let browser: Browser;
let server: PeerscopeProcess;
let app: Server;

beforeAll(async () => {
  ensureBuilt();
  [browser, server] = await Promise.all([launchChromium(), startPeerscope()]);
});
afterAll(async () => {
  await browser?.close();
  app?.closeAllConnections();
  app?.close();
  await server?.stop();
});

describe("the example pages", () => {
  it.each(libraries)("%s can be bundled, and starts the SDK before anything else", async (library) => {
    const main = `${examples}/${library}/main.ts`;
    expect(await bundlePage(main)).toMatch(/^import \{ start \} from "@peerscope\/client"/m);
    // What runs before the first await runs before any call of the library.
    const source = readFileSync(main, "utf8");
    expect(source.indexOf("\nstart({")).toBeGreaterThan(0);
    expect(source.indexOf("\nstart({")).toBeLessThan(source.indexOf("await "));
  });

  it("simple-peer calls, and a Peerscope server has the session", async () => {
    const script = await bundlePage(`${examples}/simple-peer/main.ts`);
    const imports = { "@peerscope/client": `${server.url}/sdk/peerscope.js` };
    const page = `<!doctype html><meta charset="utf-8" /><title>simple-peer</title>
      <script type="importmap">${JSON.stringify({ imports })}</script>
      <script type="module" src="/main.js"></script>`;
    app = createServer((request, response) => {
      const isScript = request.url === "/main.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : page);
    });
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
    const { port } = app.address() as AddressInfo;

    const tab = await browser.newPage();
    const problems: string[] = [];
    tab.on("pageerror", (error) => problems.push(String(error)));
    tab.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    const call = `call-${Date.now()}`;
    const address = new URLSearchParams({ url: server.url, token: server.ingestKey, user: "kim", call });
    await tab.goto(`http://127.0.0.1:${port}/?${address.toString()}`);
    await tab.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5);
    await tab.getByText("Hang up").click();
    // Closing the page is the end of the session.
    await tab.goto("about:blank");

    const found = await eventually("the session of the call", 15_000, async () => {
      const answer = await fetch(`${server.url}/api/sessions?call=${call}`);
      const { sessions } = sessionListSchema.parse(await answer.json());
      return sessions.find(({ callId }) => callId === call) ?? null;
    });
    expect(await readSession(server, found.sessionId)).toMatchObject({ userId: "kim", callId: call });
    expect(problems.filter((text) => !text.includes("favicon"))).toEqual([]);
  });
});
