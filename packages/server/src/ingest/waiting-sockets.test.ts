import { createServer, request, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { boundWaitingSockets } from "./waiting-sockets.ts";

let server: Server;
let port = 0;
let evicted = 0;
let answers: (() => void)[] = [];
const sockets: Socket[] = [];

async function listen(options: { maxWaiting: number; maxWaitingPerAddress: number }): Promise<void> {
  evicted = 0;
  answers = [];
  server = createServer((asked, response) => {
    if (asked.url === "/slow") answers.push(() => response.end("late"));
    else response.end("at once");
  });
  boundWaitingSockets(server, {
    ...options,
    addressOf: (address) => address ?? null,
    onEvicted: () => (evicted += 1),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
}

interface OpenSocket {
  readonly socket: Socket;
  /** The server closed it. */
  closed: boolean;
}

/** A socket from this address of the machine. */
async function open(localAddress = "127.0.0.1"): Promise<OpenSocket> {
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  sockets.push(socket);
  const client = { socket, closed: false };
  socket.on("error", () => {}).once("close", () => (client.closed = true));
  await new Promise((resolve) => socket.once("connect", resolve));
  return client;
}

const isClosed = (clients: readonly { closed: boolean }[]): boolean[] => clients.map(({ closed }) => closed);

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("the one that has waited longest goes first; a request that is under way does not", async () => {
  await listen({ maxWaiting: 3, maxWaitingPerAddress: 100 });
  const asking = await open();
  asking.socket.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => answers.length).toBe(1);
  const silent: OpenSocket[] = [];
  for (let count = 0; count < 5; count += 1) silent.push(await open());
  await expect.poll(() => isClosed(silent)).toEqual([true, true, false, false, false]);
  expect(evicted).toBe(2);
  let text = "";
  asking.socket.on("data", (data) => (text += String(data)));
  answers[0]?.();
  await expect.poll(() => text).toContain("late");
  // It waits now, as the youngest.
  await expect.poll(() => isClosed(silent)).toEqual([true, true, true, false, false]);
  expect(asking.closed).toBe(false);
});

test("an address closes its own", async () => {
  await listen({ maxWaiting: 100, maxWaitingPerAddress: 2 });
  const other = await open("127.0.0.3");
  const many: OpenSocket[] = [];
  for (let count = 0; count < 4; count += 1) many.push(await open("127.0.0.2"));
  await expect.poll(() => isClosed(many)).toEqual([true, true, false, false]);
  expect(other.closed).toBe(false);
});

test("who speaks is answered while others come and say nothing", async () => {
  await listen({ maxWaiting: 10, maxWaitingPerAddress: 100 });
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 20 }, () => open()));
    const status = await new Promise((resolve, reject) =>
      request({ host: "127.0.0.1", port, path: "/", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once("error", reject)
        .end(),
    );
    expect(status).toBe(200);
  }
  expect(evicted).toBeGreaterThan(300);
});
