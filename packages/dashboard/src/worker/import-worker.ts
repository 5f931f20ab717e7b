import type { ImportServer } from "@peerscope/interop";
import { importFile } from "./import-file.ts";
import type { FromImportWorker, ToImportWorker } from "./import-messages.ts";

/** Reads files and sends what they hold, away from the main thread. Ended by the page, which cancels by that. */

// Both the page's and the worker's types are loaded here; `self` is the worker's.
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromImportWorker): void => scope.postMessage(message);

/** Bytes of a log that show its first frame. */
const logHeadBytes = 65_536;
/** Time between two words about how far it is, in milliseconds. Ours. */
const progressMs = 100;

function serverOf({ origin, token }: ToImportWorker): ImportServer {
  return {
    token,
    async post(body) {
      const response = await fetch(`${origin}/ingest`, { method: "POST", body });
      return { status: response.status, text: await response.text() };
    },
    async logHead(sessionId) {
      const response = await fetch(`${origin}/api/sessions/${sessionId}/log?from=0`);
      if (!response.ok || response.body === null) return null;
      const reader = response.body.getReader();
      const head: number[] = [];
      while (head.length < logHeadBytes) {
        const { done, value } = await reader.read();
        if (done) break;
        head.push(...value.subarray(0, logHeadBytes));
      }
      await reader.cancel();
      return Uint8Array.from(head);
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

scope.addEventListener("message", (event: MessageEvent<ToImportWorker>) => {
  let told = -Infinity;
  importFile(event.data.file, serverOf(event.data), (share) => {
    if (performance.now() - told < progressMs) return;
    told = performance.now();
    post({ type: "progress", share });
  }).then(
    (result) => post({ type: "done", result }),
    (error: unknown) => {
      const failure = error instanceof TypeError ? "The server did not answer" : String(error).slice(0, 300);
      post({ type: "done", result: { sessionIds: [], added: 0, notes: [], failure } });
    },
  );
});
