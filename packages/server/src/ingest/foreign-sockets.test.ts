import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createForeignSockets, type ForeignSockets, type ForeignSocketsOptions } from "./foreign-sockets.ts";

let server: Server;
let sockets: ForeignSockets;
let heard: string[] = [];

async function open(options: Partial<ForeignSocketsOptions>): Promise<void> {
  heard = [];
  sockets = createForeignSockets({
    maxMessageBytes: 1_000,
    onRefused: (code) => heard.push(code),
    connect: () => ({
      onMessage: (data) => heard.push(data.toString()),
      onClose: (closeCode) => heard.push(`closed ${closeCode}`),
    }),
    ...options,
  });
  server = createServer();
  server.on("upgrade", (request, socket, head) => sockets.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}
afterEach(async () => {
  await sockets.close();
  server.close();
});

/** Resolves with the socket when it is open; `closed` with its close code. */
async function connect(autoPong = true): Promise<{ socket: WebSocket; closed: Promise<number> }> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { autoPong });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { socket, closed };
}

test("a client that says nothing for too long is told so", async () => {
  await open({ heartbeatMs: 400, idleMs: 1_000 });
  const { socket, closed } = await connect();
  const startedAt = performance.now();
  setTimeout(() => socket.send("still there"), 700);
  expect(await closed).toBe(4408);
  expect(performance.now() - startedAt).toBeGreaterThan(1_690);
  await expect.poll(() => heard).toEqual(["still there", "foreign-idle", "closed 4408"]);
});

test("a client that does not answer pings is gone", async () => {
  await open({ heartbeatMs: 50 });
  const { closed } = await connect(false);
  expect(await closed).toBe(1006);
  await expect.poll(() => heard).toEqual(["closed 1006"]);
});

test("a client that answers pings stays", async () => {
  await open({ heartbeatMs: 400 });
  const { socket } = await connect();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test("one client too many is told to come later, and is nothing to the others", async () => {
  await open({ maxSockets: 1 });
  const first = await connect();
  const second = await connect();
  expect(await second.closed).toBe(1013);
  first.socket.send("hello");
  await expect.poll(() => heard).toEqual(["foreign-too-many", "hello"]);
  first.socket.close();
  await first.closed;
  await expect.poll(() => heard).toContain("closed 1005");
  expect((await connect()).socket.readyState).toBe(WebSocket.OPEN);
});

test("nothing more is read of a client that is refused, or of one that is paused", async () => {
  const sides: { refuse: () => void; pause: (isPaused: boolean) => void }[] = [];
  await open({
    connect(socket) {
      sides.push({
        refuse: () => socket.refuse("session-replaced"),
        pause: (isPaused) => socket.pause(isPaused),
      });
      return { onMessage: (data) => heard.push(data.toString()), onClose: () => {} };
    },
  });
  const { socket, closed } = await connect();
  sides[0]?.pause(true);
  socket.send("while paused");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard).toEqual([]);
  sides[0]?.pause(false);
  await expect.poll(() => heard).toEqual(["while paused"]);
  sides[0]?.refuse();
  socket.send("too late");
  expect(await closed).toBe(4410);
  expect(heard).toEqual(["while paused", "session-replaced"]);
});

test("a fault that a message or an end brings out costs its socket only, and is told", async () => {
  await open({
    onRefused: (code, detail) => heard.push(`${code}: ${detail?.split("\n", 1).join("")}`),
    connect: () => ({
      onMessage(data) {
        if (data.toString() === "bad") throw new RangeError("Maximum call stack size exceeded");
        heard.push(data.toString());
      },
      onClose(closeCode) {
        if (closeCode === 4000) throw new Error("not closed");
      },
    }),
  });
  const others = await connect();
  const bad = await connect();
  bad.socket.send("bad");
  bad.socket.send("after it");
  expect(await bad.closed).toBe(4400);
  const failing = await connect();
  failing.socket.close(4000);
  await failing.closed;
  others.socket.send("still here");
  const fault = "message-invalid: The server failed at it:";
  await expect
    .poll(() => heard)
    .toEqual([
      `${fault} RangeError: Maximum call stack size exceeded`,
      `${fault} Error: not closed`,
      "still here",
    ]);
});
