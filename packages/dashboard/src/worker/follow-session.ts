import { createAnalysisRun } from "./analysis-run.ts";
import type { KeptRecords } from "./kept-records.ts";
import type { FromWorker } from "./messages.ts";
import { createLogDecoder } from "./read-log.ts";

/** Bytes decoded in one go before the worker looks for messages again. */
const pieceBytes = 262_144;
/** The first minutes come at once, so that there is a picture; then each piece is twice as long as the one before. */
const firstPieceBytes = 16_384;
/** What is longer takes seconds to read. Before the rest of it, the page has the machine to itself for its first picture. Ours. */
const longBytes = 1_000_000;
const firstPictureMs = 300;
/** How long the server may hold an answer while nothing new is there; with it the page is never far behind. */
const waitMs = 1000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Options {
  readonly sessionId: string;
  readonly origin: string;
  readonly kept: KeptRecords;
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
}

/** Reads the log of a session from the server and stays behind it while it grows. Resolves when it is over. */
export async function followSession({ sessionId, origin, kept, post }: Options): Promise<void> {
  const run = createAnalysisRun({
    sessionId,
    peer: null,
    post: (message, transfer) => post(message, transfer),
  });
  const log = createLogDecoder(kept, (problem) => post({ type: "problem", problem }));
  let offset = 0;
  let failures = 0;
  let caughtUp = false;
  const sizes = { next: firstPieceBytes };

  for (;;) {
    let response: Response;
    try {
      response = await fetch(
        `${origin}/api/sessions/${encodeURIComponent(sessionId)}/log?from=${offset}&waitMs=${waitMs}`,
      );
    } catch {
      failures += 1;
      run.tell(
        { bytes: offset, totalBytes: null, phase: caughtUp ? "live" : "loading", connectionLost: true },
        failures === 1,
      );
      await pause(Math.min(10_000, 500 * 2 ** failures));
      continue;
    }
    if (!response.ok) {
      const body = (await response.json().catch(() => null)) as {
        error?: { code?: string; message?: string };
      } | null;
      if (response.status >= 500 && failures < 5) {
        failures += 1;
        await pause(500 * 2 ** failures);
        continue;
      }
      post({
        type: "failed",
        code: body?.error?.code ?? `http-${response.status}`,
        message: body?.error?.message ?? `The server answered ${response.status}`,
      });
      return;
    }
    failures = 0;
    const live = response.headers.get("x-peerscope-live") === "true";
    const total = Number(response.headers.get("x-peerscope-log-bytes"));
    const totalBytes = Number.isFinite(total) && total > 0 ? total : null;
    const before = offset;
    try {
      for await (const piece of pieces(response, sizes)) {
        offset += piece.byteLength;
        run.push(log.push(piece));
        const isFirst = offset === piece.byteLength;
        run.tell({ bytes: offset, totalBytes, phase: caughtUp ? "live" : "loading", connectionLost: false });
        await pause(isFirst && (totalBytes ?? 0) > longBytes ? firstPictureMs : 0);
      }
    } catch {
      // The connection broke in the middle: go on from the last byte.
      await pause(500);
      continue;
    }
    caughtUp = totalBytes === null ? offset === before : offset >= totalBytes;
    const over = (!live && caughtUp) || log.stopped;
    if (over) log.end();
    run.tell(
      {
        bytes: offset,
        totalBytes,
        phase: over ? "done" : caughtUp ? "live" : "loading",
        connectionLost: false,
      },
      over || offset > before,
    );
    if (over) return;
    // A server that answers at once although nothing is new must not be asked a thousand times a second.
    if (offset === before) await pause(250);
  }
}

async function* pieces(response: Response, sizes: { next: number }): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (let start = 0; start < value.byteLength;) {
      const piece = value.subarray(start, start + sizes.next);
      yield piece;
      start += piece.byteLength;
      sizes.next = Math.min(pieceBytes, sizes.next * 2);
    }
  }
}
