import { followSession } from "./follow-session.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { collectMembers } from "./member-history.ts";
import { readFile } from "./read-file.ts";
import { createSampleFinder } from "./sample-finder.ts";

/** Reads, decodes and analyses one session away from the main thread. One worker a session; ended by the page. */

// Both the page's and the worker's types are loaded here; `self` is the worker's.
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const finder = createSampleFinder();
const post = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);

function fail(error: unknown): void {
  post({
    type: "failed",
    code: "analysis-failed",
    message: error instanceof Error ? error.message.slice(0, 500) : "The analysis stopped",
  });
}

scope.addEventListener("message", (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === "open-session") {
    followSession({ sessionId: message.sessionId, origin: message.origin, finder, post }).catch(fail);
  } else if (message.type === "open-file") {
    readFile({ file: message.file, choice: message.choice, finder, post }).catch(fail);
  } else if (message.type === "history") {
    const columns = collectMembers(message.members, finder.all());
    post(
      { type: "history", request: message.request, columns },
      columns.flatMap(({ times, values }) => [times.buffer, values.buffer]),
    );
  } else {
    post({ type: "stats", request: message.request, snapshots: finder.find(message.at) });
  }
});
