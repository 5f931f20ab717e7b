import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { shortTextFrame } from "./short-text.ts";

test("a client reads what is written to its socket, before, between and after what ws sends", async () => {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const said = ["0", "12345", "x".repeat(125), ""];
  http.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      for (const text of said) {
        socket.write(shortTextFrame(text) ?? "", "latin1");
        accepted.send(`then ü${text}`);
      }
      accepted.close();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const heard: string[] = [];
  client.on("message", (data, isBinary) => {
    if (!isBinary && Buffer.isBuffer(data)) heard.push(data.toString("utf8"));
  });
  const [code] = await once(client, "close");
  http.close();
  expect(code).toBe(1005);
  expect(heard).toEqual(said.flatMap((text) => [text, `then ü${text}`]));
});

test("what is longer or not ASCII has no short frame", () => {
  expect(shortTextFrame("x".repeat(126))).toBeNull();
  expect(shortTextFrame("é")).toBeNull();
});
