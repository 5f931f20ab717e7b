import { createServer as createHttpServer, request } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Something between a page and a server. */
export interface Obstacle {
  /** Origin that stands in for the server's. */
  readonly url: string;
  close(): Promise<void>;
}

/** A network that can go away, as it does when a phone is carried into a lift: nothing is closed, nothing gets through. */
export interface Network extends Obstacle {
  cut(): void;
  /** What was on its way goes on. */
  mend(): void;
}

export async function openNetwork(targetPort: number): Promise<Network> {
  let isCut = false;
  const pairs = new Map<Socket, Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    pairs.set(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        pairs.delete(near);
      });
      if (isCut) from.pause();
    }
  });
  const each = (act: (socket: Socket) => void): void => {
    for (const pair of pairs) pair.forEach(act);
  };
  return {
    ...(await listen(server)),
    cut() {
      isCut = true;
      each((socket) => socket.pause());
    },
    mend() {
      isCut = false;
      each((socket) => socket.resume());
    },
    async close() {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A proxy of a company that lets no WebSocket through. `posts` counts what came instead. */
export interface StrictProxy extends Obstacle {
  readonly refusedUpgrades: number;
  readonly posts: number;
}

export async function openStrictProxy(targetPort: number): Promise<StrictProxy> {
  let refusedUpgrades = 0;
  let posts = 0;
  const server = createHttpServer((incoming, answer) => {
    if (incoming.method === "POST") posts += 1;
    const onward = request(
      {
        port: targetPort,
        host: "127.0.0.1",
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  server.on("upgrade", (_request, socket) => {
    refusedUpgrades += 1;
    socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  return {
    ...(await listen(server)),
    get refusedUpgrades() {
      return refusedUpgrades;
    },
    get posts() {
      return posts;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<{ readonly url: string }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}` };
}
