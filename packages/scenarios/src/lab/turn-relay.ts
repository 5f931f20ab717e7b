import { spawn } from "node:child_process";
import type { Socket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../random.ts";
import { createAccessLinks } from "./access-links.ts";
import { openSocket, type IceRelay } from "./ice-relay.ts";
import { findLocalAddress } from "./local-address.ts";

/** A TURN server, and between it and each participant an access link that can be impaired. */
export interface TurnRelay extends IceRelay {
  /** Makes a participant's connection use the server and nothing else. */
  configurationOf(peer: string): Promise<RTCConfiguration>;
}

const port = 3478;
const startsWithinMs = 1_000;

/** Starts coturn (`turnserver` on the path). Signalling passes unchanged: no candidate leads around a relay-only connection. */
export async function startTurnRelay(random: Random): Promise<TurnRelay> {
  const address = findLocalAddress();
  const links = createAccessLinks(random);
  const folder = mkdtempSync(join(tmpdir(), "peerscope-lab-turn-"));
  const sockets: Socket[] = [];
  const server = spawn(
    "turnserver",
    [
      "-n",
      "--no-tls",
      "--no-dtls",
      "--no-cli",
      "--fingerprint",
      "--lt-cred-mech",
      "--listening-ip",
      address,
      "--relay-ip",
      address,
      "--listening-port",
      String(port),
      "--min-port",
      "30000",
      "--max-port",
      "30100",
      "--user",
      "lab:lab",
      "--realm",
      "lab",
      "--log-file",
      join(folder, "log"),
      "--pidfile",
      join(folder, "pid"),
      "--userdb",
      join(folder, "users"),
    ],
    { stdio: "ignore" },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new Error("This scenario needs coturn: install it (turnserver).")));
    server.once("exit", () => reject(new Error(`turnserver does not start; is port ${port} free?`)));
    setTimeout(resolve, startsWithinMs);
  });
  let closed = false;

  /** The server as one participant sees it: what comes passes the uplink, what goes back the downlink. */
  const openFor = async (peer: string): Promise<Socket> => {
    const clients = new Map<string, Promise<Socket>>();
    const front = await openSocket(address, (message, source) => {
      const key = `${source.address} ${source.port}`;
      const back =
        clients.get(key) ??
        openSocket(address, (answer) =>
          links.pass(peer, "down", answer.byteLength, () => {
            if (!closed) front.send(answer, source.port, source.address, () => undefined);
          }),
        );
      if (!clients.has(key)) void back.then((socket) => sockets.push(socket));
      clients.set(key, back);
      void back.then((socket) =>
        links.pass(peer, "up", message.byteLength, () => {
          if (!closed) socket.send(message, port, address, () => undefined);
        }),
      );
    });
    sockets.push(front);
    return front;
  };

  return {
    impair: links.impair,
    clear: links.clear,
    counters: links.counters,
    rewriteCandidate: (_from, _to, line) => Promise.resolve(line),
    rewriteDescription: (_from, _to, sdp) => Promise.resolve(sdp),
    async configurationOf(peer) {
      const entrance = (await openFor(peer)).address().port;
      return {
        iceServers: [
          { urls: `turn:${address}:${entrance}?transport=udp`, username: "lab", credential: "lab" },
        ],
        iceTransportPolicy: "relay",
      };
    },
    close() {
      closed = true;
      links.close();
      for (const socket of sockets) socket.close();
      server.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
