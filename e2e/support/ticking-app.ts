import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Monitor } from "@peerscope/client";

/** What the page of this app offers. */
declare global {
  // eslint-disable-next-line no-var
  var ticking: {
    readonly monitor: Monitor;
    /** Resolves when the call of this page runs. */
    readonly called: Promise<void>;
    /** Fires no more events and ends the recording. */
    finish(): Promise<void>;
    /** Of all pages of this tab: events that the app fired, and samples that the SDK took, whatever became of them. */
    counts(): { readonly ticks: number; readonly samples: number };
  };
}

/**
 * An app on an origin of its own: a call in one page, and numbered events at random moments. What happened is counted in the page itself,
 * by the `redact` hook, which sees every record before anything can be lost, and survives a reload.
 */
const appPage = `<!doctype html>
<meta charset="utf-8">
<title>Ticking</title>
<script type="module">
  import { start } from "/sdk/peerscope.js";
  const query = new URLSearchParams(location.search);
  const add = (name) => sessionStorage.setItem(name, String(Number(sessionStorage.getItem(name)) + 1));
  const count = (name) => Number(sessionStorage.getItem(name));
  const monitor = start({
    url: query.get("server"),
    token: query.get("token"),
    call: query.get("call") ?? undefined,
    cpuBudget: 1,
    ...(query.has("buffer") ? { maxBufferBytes: Number(query.get("buffer")) } : {}),
    redact(record) {
      if (record.kind === "sample") add("samples");
      return record;
    },
  });
  // A linear congruential generator: the same moments for the same seed.
  let state = Number(query.get("seed")) + count("ticks");
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  let timer;
  function tick() {
    monitor.event("tick", { n: count("ticks") });
    add("ticks");
    timer = setTimeout(tick, random() < 0.2 ? 0 : 700 * random());
  }
  tick();
  async function call() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.addEventListener("icecandidate", ({ candidate }) => b.addIceCandidate(candidate));
    b.addEventListener("icecandidate", ({ candidate }) => a.addIceCandidate(candidate));
    for (const track of stream.getTracks()) a.addTrack(track, stream);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);
    while (a.connectionState !== "connected") await new Promise((resolve) => setTimeout(resolve, 50));
  }
  globalThis.ticking = {
    monitor,
    called: query.has("idle") ? Promise.resolve() : call(),
    async finish() {
      clearTimeout(timer);
      await monitor.stop();
    },
    counts: () => ({ ticks: count("ticks"), samples: count("samples") }),
  };
</script>`;

export interface TickingApp {
  /** Address of its page for a Peerscope server. */
  page(options: Readonly<Record<string, string | number>>): string;
  close(): Promise<void>;
}

/** Serves the app, with the SDK as the build left it for the server. */
export async function openTickingApp(): Promise<TickingApp> {
  const sdk = fileURLToPath(new URL("../../packages/server/sdk", import.meta.url));
  const server = createServer((request, response) => {
    const script = /^\/sdk\/([a-z.-]+\.js)$/.exec(request.url ?? "")?.[1];
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
    response.end(script === undefined ? appPage : readFileSync(`${sdk}/${script}`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    page(options) {
      const texts = Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]);
      return `http://127.0.0.1:${port}/?${new URLSearchParams(texts).toString()}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
