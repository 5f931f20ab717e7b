import { connect, createServer, type Socket } from "node:net";

/** A way to a server of this machine that can be cut. */
export interface Relay {
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const end of [socket, target]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        sockets.delete(end);
        socket.destroy();
        target.destroy();
      });
    }
    socket.pipe(target).pipe(socket);
  });
  const listen = (wanted: number): Promise<void> =>
    new Promise((resolve, reject) => server.once("error", reject).listen(wanted, "127.0.0.1", resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
    mend: () => listen(port),
  };
}
