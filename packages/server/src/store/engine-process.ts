import { createEngineFront } from "./engine-front.ts";
import type { EngineStart, EngineState } from "./engine-child.ts";
import { openEngineSessions, type EngineSessions } from "./engine-sessions.ts";

// Entry of the store process: opens the engine, listens on loopback, and ends with its parent.
let engine: EngineSessions | null = null;
let stopping = false;

function report(state: EngineState): void {
  if (process.connected) process.send?.(state);
}

function start({ path, password, memoryMb }: EngineStart): void {
  const opened = openEngineSessions({ path, memoryMb });
  engine = opened;
  const front = createEngineFront({ engine: opened, password });
  front.listen(0, "127.0.0.1", () => {
    const address = front.address();
    if (typeof address === "object" && address !== null) report({ type: "listening", port: address.port });
  });
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    front.close();
    front.closeIdleConnections();
    await opened.close();
    process.exit(0);
  };
  process.on("message", (message) => {
    if (message === "stop") void stop();
  });
  // The server died: nobody can reach this process any more, and the next server needs the folder.
  process.on("disconnect", () => void stop());
}

process.once("message", (message: EngineStart) => start(message));
// A Ctrl-C in a terminal reaches the whole group: the server says when it is time.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {
  if (engine === null) process.exit(0);
});
