import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { createIceRelay, type IceRelay } from "./ice-relay.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const closable of open.splice(0)) closable.close();
});

async function peer(): Promise<{
  readonly socket: Socket;
  readonly candidate: string;
  readonly heard: string[];
}> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  open.push(socket);
  const heard: string[] = [];
  socket.on("message", (message, { port }) => void heard.push(`${message.toString()} from ${port}`));
  const candidate = `candidate:1 1 udp 2113937151 127.0.0.1 ${socket.address().port} typ host`;
  return { socket, candidate, heard };
}

function relay(): IceRelay {
  const made = createIceRelay(createRandom(1));
  open.push(made);
  return made;
}

function portOf(candidate: string | null): number {
  return Number(candidate?.split(" ")[5]);
}

async function until(condition: () => boolean): Promise<void> {
  for (let wait = 0; wait < 200 && !condition(); wait += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

describe("ICE relay", () => {
  it("carries packets both ways, each seeing the other at the address it was told", async () => {
    const through = relay();
    const [a, b] = [await peer(), await peer()];
    const aAtB = portOf(await through.rewriteCandidate("a", "b", a.candidate));
    const bAtA = portOf(await through.rewriteCandidate("b", "a", b.candidate));
    expect(aAtB).not.toBe(a.socket.address().port);
    a.socket.send("hello", bAtA, "127.0.0.1");
    await until(() => b.heard.length === 1);
    expect(b.heard).toEqual([`hello from ${aAtB}`]);
    b.socket.send("answer", aAtB, "127.0.0.1");
    await until(() => a.heard.length === 1);
    expect(a.heard).toEqual([`answer from ${bAtA}`]);
    expect(through.counters()["a"]).toMatchObject({ up: { in: 1, out: 1 }, down: { in: 1, out: 1 } });
  });

  it("impairs one direction of one participant", async () => {
    const through = relay();
    const [a, b] = [await peer(), await peer()];
    const aAtB = portOf(await through.rewriteCandidate("a", "b", a.candidate));
    const bAtA = portOf(await through.rewriteCandidate("b", "a", b.candidate));
    through.impair("a", "uplink", { outage: true });
    a.socket.send("lost", bAtA, "127.0.0.1");
    b.socket.send("heard", aAtB, "127.0.0.1");
    await until(() => a.heard.length === 1);
    await until(() => through.counters()["a"]?.up.lost === 1);
    expect(b.heard).toEqual([]);
    through.clear();
    a.socket.send("again", bAtA, "127.0.0.1");
    await until(() => b.heard.length === 1);
  });

  it("passes on nothing that would lead around it", async () => {
    const through = relay();
    const rewrite = (line: string): Promise<string | null> => through.rewriteCandidate("a", "b", line);
    expect(await rewrite("candidate:1 1 udp 1 fd00::2 5000 typ host")).toBeNull();
    expect(await rewrite("candidate:1 1 udp 1 0b1c.local 5000 typ host")).toBeNull();
    expect(await rewrite("candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active")).toBeNull();
    expect(await rewrite("nonsense")).toBeNull();
    const reflexive = await rewrite("candidate:1 1 udp 1 127.0.0.1 5000 typ srflx raddr 10.0.0.1 rport 5000");
    expect(reflexive).toMatch(/typ srflx raddr 0\.0\.0\.0 rport 0$/);
    const sdp = await through.rewriteDescription(
      "a",
      "b",
      "v=0\r\na=candidate:1 1 udp 1 fd00::2 5000 typ host\r\na=candidate:2 1 udp 1 127.0.0.1 5001 typ host\r\na=mid:0\r\n",
    );
    expect(sdp).toMatch(/^v=0\r\na=candidate:2 1 udp 1 127\.0\.0\.1 \d+ typ host\r\na=mid:0\r\n$/);
  });
});
