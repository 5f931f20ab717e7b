import { createRequire } from "node:module";
import { freePort } from "./peerscope.ts";

const require = createRequire(import.meta.url);

/** What of node-turn is used; the package has no types. */
interface NodeTurn {
  new (options: {
    readonly listeningPort: number;
    readonly listeningIps: readonly string[];
    readonly relayIps: readonly string[];
    readonly authMech: "long-term";
    readonly realm: string;
    readonly credentials: Readonly<Record<string, string>>;
    readonly log: (message: unknown) => void;
  }): { start(): void; stop(): void };
}

export interface TurnServer {
  /** `turn:127.0.0.1:<port>?transport=udp` */
  readonly url: string;
  close(): void;
}

/** A TURN server on the loopback, with long-term credentials (RFC 8656) and UDP. */
export async function startTurnServer(credentials: Readonly<Record<string, string>>): Promise<TurnServer> {
  const Turn = require("node-turn") as NodeTurn;
  const port = await freePort();
  const loopback = ["127.0.0.1"];
  const server = new Turn({
    listeningPort: port,
    listeningIps: loopback,
    relayIps: loopback,
    authMech: "long-term",
    realm: "turn.test",
    credentials,
    log: () => {},
  });
  server.start();
  return { url: `turn:127.0.0.1:${port}?transport=udp`, close: () => server.stop() };
}
