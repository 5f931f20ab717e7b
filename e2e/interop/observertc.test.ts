import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser, JSHandle, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sessionListSchema, type SessionSummary } from "@peerscope/schema/api";
import { bundlePage } from "../libraries/library-lab.ts";
import { launchChromium } from "../support/browser.ts";
import { eventually, readAnalysis, readSession } from "../support/demo-page.ts";
import { ensureBuilt, freePort, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";
import type { PageCall, Transport } from "./monitor-page.ts";

const html = `<!doctype html><meta charset="utf-8"><title>An app</title><script type="module" src="/page.js"></script>`;

// The npm package as it is, in an app of another origin; only the address of its samples is Peerscope's.
describe.each<Transport>(["websocket", "post"])(
  "client-monitor-js whose app sends samples by %s",
  (transport) => {
    let server: PeerscopeProcess;
    let browser: Browser;
    let app: Server;
    let page: Page;
    let call: JSHandle<PageCall>;
    let session: SessionSummary;
    const errors: string[] = [];

    beforeAll(async () => {
      ensureBuilt();
      const script = await bundlePage(fileURLToPath(new URL("monitor-page.ts", import.meta.url)));
      const port = await freePort();
      app = createServer((request, response) => {
        const isScript = request.url === "/page.js";
        response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
        response.end(isScript ? script : html);
      });
      await new Promise<void>((resolve) => app.listen(port, "127.0.0.1", resolve));
      server = await startPeerscope();
      browser = await launchChromium();
      page = await browser.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`http://localhost:${port}/`);
      await page.waitForFunction(() => typeof globalThis.startCall === "function");
      const origin = transport === "websocket" ? server.url.replace("http", "ws") : server.url;
      call = await page.evaluateHandle((options) => globalThis.startCall(options), {
        address: `${origin}/observertc/${server.ingestKey}?userId=kim`,
        transport,
        clientId: "client-of-kim",
        callId: "standup",
      });
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
      app?.close();
    });

    test("is a session of the list while the call runs, analysed", async () => {
      session = await eventually("a session with a score in /api/sessions", 30_000, async () => {
        const answer = await fetch(`${server.url}/api/sessions?call=standup&live=true`);
        const { sessions } = sessionListSchema.parse(await answer.json());
        expect(sessions.length).toBeLessThan(2);
        return sessions.find(({ score }) => score !== null) ?? null;
      });
      expect(session).toMatchObject({ userId: "kim", callId: "standup", live: true, ended: false });
      expect(session.browser).toMatch(/^(Headless ?)?Chrom/i);
      expect(session.lastAt).toBeGreaterThan(Date.now() - 10_000);
    });

    test("grows on, with both ends of the call in one session", async () => {
      const before = await readAnalysis(server, session.sessionId);
      const after = await eventually("three more reports", 20_000, async () => {
        const now = await readAnalysis(server, session.sessionId);
        return now.counts.samples >= before.counts.samples + 6 ? now : null;
      });
      expect(after.counts.connections).toBe(2);
      expect(after.context).toMatchObject({ sdkName: "observertc" });
      expect((await readSession(server, session.sessionId))?.live).toBe(true);
    });

    test("is over when the app says so, with every sample on disk and no address or certificate of the machine", async () => {
      const sent = await call.evaluate((running) => running.end());
      await eventually("the end of the session", 20_000, async () => {
        const now = await readSession(server, session.sessionId);
        return now !== null && now.ended ? now : null;
      });
      const { records, problems } = await readLogOnDisk(server.dataDir, session.sessionId);
      expect(problems).toEqual([]);
      const samples = records.filter((record) => record.kind === "sample");
      // Two connections a sample, but for the first one, which may be made before there are any, and the last, which may repeat.
      expect(samples.length).toBeGreaterThanOrEqual(2 * (sent - 2));
      const stats = samples.flatMap((sample) => sample.stats);
      expect(stats.map(({ type }) => type)).toEqual(
        expect.arrayContaining([
          "inbound-rtp",
          "outbound-rtp",
          "remote-inbound-rtp",
          "candidate-pair",
          "media-source",
        ]),
      );
      for (const { fingerprint, base64Certificate, address } of stats) {
        expect([fingerprint, base64Certificate]).toEqual([undefined, undefined]);
        if (typeof address === "string" && address.includes(".")) expect(address).toMatch(/\.0$|\.local$/);
      }
      expect(errors).toEqual([]);
    });
  },
);
