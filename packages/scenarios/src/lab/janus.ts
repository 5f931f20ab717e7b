import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import type { IceRelay } from "./ice-relay.ts";
import { findLocalAddress } from "./local-address.ts";
import type { Recorder } from "./recorder.ts";

/** A media server (SFU) with one room. */
export interface Janus {
  /**
   * Joins a page's socket to the server's own. Candidates are rewritten both ways, so that media passes the access link of
   * the participant.
   */
  connect(peer: string, page: WebSocket, relay: IceRelay, recorder: Recorder): void;
  close(): void;
}

/** The room that the pages join. */
export const janusRoom = 1234;

const port = 8188;
const startsWithinMs = 1_500;
/** What the server is called where candidates are rewritten: it has an access link too, which nothing is done to. */
const serverName = "sfu";

/** Starts Janus (`janus` on the path, as Debian installs it) with its VideoRoom. */
export async function startJanus(): Promise<Janus> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-lab-janus-"));
  writeConfiguration(folder, findLocalAddress());
  const server = spawn("janus", ["-F", folder, "-L", join(folder, "log")], { stdio: "ignore" });
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new Error("This scenario needs Janus: install it (janus).")));
    server.once("exit", () => reject(new Error(`janus does not start; is port ${port} free?`)));
    setTimeout(resolve, startsWithinMs);
  });
  return {
    connect(peer, page, relay, recorder) {
      const upstream = new WebSocket(`ws://127.0.0.1:${port}`, "janus-protocol");
      const waiting: string[] = [];
      upstream.on("open", () => {
        for (const text of waiting.splice(0)) upstream.send(text);
      });
      upstream.on("error", (error) => recorder.event("janus.error", { peer, message: error.message }));
      const forward = (from: string, to: string, send: (text: string) => void) => {
        // In order: rewriting waits for sockets.
        let done = Promise.resolve();
        return (data: Buffer): void => {
          done = done
            .then(() => rewrite(relay, from, to, data.toString()))
            .then((text) => {
              if (text !== null) send(text);
            })
            .catch((error: unknown) => recorder.event("janus.error", { peer, message: String(error) }));
        };
      };
      page.on(
        "message",
        forward(peer, serverName, (text) => {
          if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
          else waiting.push(text);
        }),
      );
      upstream.on(
        "message",
        forward(serverName, peer, (text) => page.send(text)),
      );
      page.on("close", () => upstream.close());
    },
    close() {
      server.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What of a message has addresses in it. Both ends are the lab's own, so the rest is not looked at. */
interface JanusMessage {
  readonly jsep?: { readonly type: string; readonly sdp: string };
  readonly candidate?: { readonly candidate?: string };
}

async function rewrite(relay: IceRelay, from: string, to: string, text: string): Promise<string | null> {
  const message: JanusMessage = JSON.parse(text);
  const { jsep, candidate } = message;
  if (jsep !== undefined)
    return JSON.stringify({
      ...message,
      jsep: { ...jsep, sdp: await relay.rewriteDescription(from, to, jsep.sdp) },
    });
  if (candidate?.candidate === undefined) return text;
  const line = await relay.rewriteCandidate(from, to, candidate.candidate);
  return line === null ? null : JSON.stringify({ ...message, candidate: { ...candidate, candidate: line } });
}

function writeConfiguration(folder: string, address: string): void {
  const libraries = ["/usr/lib/x86_64-linux-gnu/janus", "/usr/lib/aarch64-linux-gnu/janus", "/usr/lib/janus"];
  const root = libraries.find((path) => existsSync(path)) ?? "/usr/lib/janus";
  const others = (kind: string, wanted: string): string =>
    existsSync(join(root, kind))
      ? readdirSync(join(root, kind))
          .filter((name) => name.endsWith(".so") && !name.includes(wanted))
          .join(",")
      : "";
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  write("janus.jcfg", [
    `general: { configs_folder = "${folder}" plugins_folder = "${root}/plugins" transports_folder = "${root}/transports" events_folder = "${root}/events" loggers_folder = "${root}/loggers" debug_level = 3 }`,
    `media: { ipv6 = false rtp_port_range = "20000-21000" }`,
    `nat: { full_trickle = false ice_enforce_list = "${address}" }`,
    `plugins: { disable = "${others("plugins", "videoroom")}" }`,
    `transports: { disable = "${others("transports", "websockets")}" }`,
    `events: { broadcast = false }`,
  ]);
  write("janus.plugin.videoroom.jcfg", [
    `general: { }`,
    `room-${janusRoom}: { description = "lab" publishers = 6 bitrate = 1500000 fir_freq = 10 audiocodec = "opus" videocodec = "vp8" }`,
  ]);
  write("janus.transport.websockets.jcfg", [
    `general: { json = "compact" ws = true ws_port = ${port} ws_ip = "127.0.0.1" wss = false }`,
  ]);
}
