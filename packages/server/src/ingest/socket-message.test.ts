import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { onSocketMessage } from "./socket-message.ts";

interface Heard {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

let server: WebSocketServer;
let client: WebSocket;

afterEach(() => {
  client.terminate();
  server.close();
});

/** What the server heard when the client has said all of it and left. */
async function hear(say: (socket: WebSocket) => void): Promise<{ heard: Heard[]; lists: RawData[] }> {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const heard: Heard[] = [];
  const lists: RawData[] = [];
  const left = new Promise<void>((resolve) => {
    server.once("connection", (socket) => {
      onSocketMessage(socket, (bytes, isBinary) => heard.push({ bytes, isBinary }));
      socket.on("message", (data, isBinary) => {
        if (isBinary) lists.push(data);
      });
      socket.once("close", () => resolve());
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => client.once("open", resolve));
  say(client);
  client.close();
  await left;
  return { heard, lists };
}

test("messages come whole and in order, in one piece or in several, empty ones too", async () => {
  const { heard } = await hear((socket) => {
    socket.send("hello");
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(Buffer.from([4, 5]), { fin: false });
    socket.send(Buffer.from([6]), { fin: true });
    socket.send(Buffer.alloc(0));
  });
  expect(heard.map(({ bytes, isBinary }) => (isBinary ? [...bytes] : bytes.toString("utf8")))).toEqual([
    "hello",
    [1, 2, 3],
    [4, 5, 6],
    [],
  ]);
});

test("the list that a message came in does not keep it", async () => {
  const { lists } = await hear((socket) => {
    for (let message = 0; message < 3; message += 1) socket.send(Buffer.from([message]));
  });
  expect(lists).toEqual([[], [], []]);
});
