import type { Signalling } from "./call.ts";

/** Carries each call of {@link Signalling} over a WebSocket: `{ id, method, args }` there, `{ id, result }` back. */
export async function connectSignalling(server: string): Promise<Signalling & { close(): void }> {
  const socket = new WebSocket(server);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`No answer from ${server}`)));
  });
  const waiting = new Map<number, (result: unknown) => void>();
  let calls = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const ask = <Result>(method: keyof Signalling, ...args: unknown[]): Promise<Result> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, (result) => resolve(result as Result));
      socket.send(JSON.stringify({ id, method, args }));
    });
  return {
    routerRtpCapabilities: () => ask("routerRtpCapabilities"),
    createTransport: (direction) => ask("createTransport", direction),
    connectTransport: (id, dtlsParameters) => ask("connectTransport", id, dtlsParameters),
    produce: (id, kind, rtpParameters) => ask("produce", id, kind, rtpParameters),
    consume: (id, rtpCapabilities) => ask("consume", id, rtpCapabilities),
    close: () => socket.close(),
  };
}
