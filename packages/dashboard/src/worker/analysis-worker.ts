import { createRecordAnswers } from "./answer-records.ts";
import { followSession } from "./follow-session.ts";
import { createKeptRecords } from "./kept-records.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { collectMembers } from "./member-history.ts";
import { readFile } from "./read-file.ts";
import { createSampleFinder } from "./sample-finder.ts";

/** Reads, decodes and analyses one session away from the main thread. One worker a session; ended by the page. */

// Both the page's and the worker's types are loaded here; `self` is the worker's.
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const kept = createKeptRecords();
const finder = createSampleFinder(kept);
const post = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);
const answerRecords = createRecordAnswers(kept, post);

function fail(error: unknown): void {
  post({
    type: "failed",
    code: "analysis-failed",
    message: error instanceof Error ? error.message.slice(0, 500) : "The analysis stopped",
  });
}

scope.addEventListener("message", (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.type) {
    case "open-session":
      followSession({ sessionId: message.sessionId, origin: message.origin, kept, post }).catch(fail);
      break;
    case "open-file":
      readFile({ file: message.file, choice: message.choice, kept, post }).catch(fail);
      break;
    case "stats-at":
      post({ type: "stats", request: message.request, snapshots: finder.find(message.at) });
      break;
    case "history": {
      const columns = collectMembers(message.members, finder.all());
      post(
        { type: "history", request: message.request, columns },
        columns.flatMap(({ times, values }) => [times.buffer, values.buffer]),
      );
      break;
    }
    default:
      answerRecords(message).catch(fail);
  }
});
