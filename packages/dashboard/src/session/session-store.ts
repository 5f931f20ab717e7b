import type { SessionAnalysis } from "@peerscope/schema";
import { appendPoints, createSeries, type Series } from "../charts/series.ts";
import type { MemberColumns, StatsMember } from "../worker/member-history.ts";
import type {
  EventRow,
  FileCall,
  FileFacts,
  FromWorker,
  ReadProblem,
  StatsSnapshot,
  ToWorker,
} from "../worker/messages.ts";
import { createRecordClient, type RecordClient } from "./records/record-client.ts";

/** Where a session comes from. */
export type SessionSource =
  | { readonly from: "server"; readonly sessionId: string }
  | { readonly from: "file"; readonly file: File; readonly choice: number | null };

/** What is known at one moment; a new object after every change. */
export interface SessionSnapshot {
  readonly phase: "loading" | "live" | "done" | "failed";
  readonly analysis: SessionAnalysis | null;
  readonly events: readonly EventRow[];
  readonly problems: readonly ReadProblem[];
  readonly newestSampleAt: number | null;
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly connectionLost: boolean;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** What the file is; null until it is read, and for a session of the server. */
  readonly file: FileFacts | null;
  /** All sessions of the file together; null when they are not one call. */
  readonly together: FileCall | null;
  /** Grows when a new line appears: panels look again at what they draw. */
  readonly seriesCount: number;
  /** Grows with every new point. */
  readonly version: number;
}

/** One session in this page: talks with its worker, keeps what came. React only reads snapshots. */
export interface SessionStore {
  readonly from: SessionSource["from"];
  /** When reading began, ms of the page's clock. */
  readonly openedAt: number;
  readonly snapshot: () => SessionSnapshot;
  readonly subscribe: (listener: () => void) => () => void;
  /** Lines by key; their columns grow in place. */
  readonly series: ReadonlyMap<string, Series>;
  /** Latest reports at an instant (Unix ms). */
  readonly statsAt: (at: number) => Promise<readonly StatsSnapshot[]>;
  /** All values of members over what is read so far. */
  readonly history: (members: readonly StatsMember[]) => Promise<readonly MemberColumns[]>;
  /** Every record as it came. */
  readonly records: RecordClient;
  readonly close: () => void;
}

const empty: SessionSnapshot = {
  phase: "loading",
  analysis: null,
  events: [],
  problems: [],
  newestSampleAt: null,
  bytes: 0,
  totalBytes: null,
  connectionLost: false,
  failure: null,
  file: null,
  together: null,
  seriesCount: 0,
  version: 0,
};

export function openSession(source: SessionSource): SessionStore {
  const worker = new Worker(new URL("../worker/analysis-worker.ts", import.meta.url), { type: "module" });
  const series = new Map<string, Series>();
  const listeners = new Set<() => void>();
  const waiting = new Map<number, (snapshots: readonly StatsSnapshot[]) => void>();
  const waitingForHistory = new Map<number, (columns: readonly MemberColumns[]) => void>();
  const send = (message: ToWorker): void => worker.postMessage(message);
  const records = createRecordClient(send);
  let current = empty;
  let requests = 0;

  const change = (patch: Partial<SessionSnapshot>): void => {
    current = { ...current, ...patch, version: current.version + 1 };
    for (const listener of listeners) listener();
  };

  worker.addEventListener("message", (event: MessageEvent<FromWorker>) => {
    const message = event.data;
    switch (message.type) {
      case "update": {
        for (const chunk of message.series) {
          let line = series.get(chunk.key);
          if (line === undefined) {
            line = createSeries(chunk.key, chunk.name, chunk.subject);
            series.set(chunk.key, line);
          }
          appendPoints(line, chunk.times, chunk.values);
        }
        change({
          phase: message.phase,
          analysis: message.analysis ?? current.analysis,
          events: message.events.length === 0 ? current.events : [...current.events, ...message.events],
          newestSampleAt: message.newestSampleAt,
          bytes: message.bytes,
          totalBytes: message.totalBytes,
          connectionLost: message.connectionLost,
          seriesCount: series.size,
        });
        break;
      }
      case "problem":
        change({ problems: [...current.problems, message.problem] });
        break;
      case "reading":
        change({ bytes: message.bytes, totalBytes: message.totalBytes });
        break;
      case "file":
        change({ file: message.facts });
        break;
      case "file-call":
        change({ together: message.together });
        break;
      case "stats":
        waiting.get(message.request)?.(message.snapshots);
        waiting.delete(message.request);
        break;
      case "history":
        waitingForHistory.get(message.request)?.(message.columns);
        waitingForHistory.delete(message.request);
        break;
      case "records-found":
      case "rows":
      case "record":
      case "records-packed":
        records.hear(message);
        break;
      case "failed":
        change({ phase: "failed", failure: { code: message.code, message: message.message } });
        break;
    }
  });
  worker.addEventListener("error", (event) => {
    change({
      phase: "failed",
      failure: { code: "analysis-failed", message: event.message || "The analysis stopped" },
    });
  });

  if (source.from === "server") {
    send({ type: "open-session", sessionId: source.sessionId, origin: location.origin });
  } else {
    send({ type: "open-file", file: source.file, choice: source.choice });
  }

  return {
    from: source.from,
    openedAt: performance.now(),
    series,
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    statsAt(at) {
      requests += 1;
      const request = requests;
      return new Promise((resolve) => {
        waiting.set(request, resolve);
        send({ type: "stats-at", request, at });
      });
    },
    history(members) {
      requests += 1;
      const request = requests;
      return new Promise((resolve) => {
        waitingForHistory.set(request, resolve);
        send({ type: "history", request, members });
      });
    },
    records: records.client,
    close() {
      worker.terminate();
      listeners.clear();
      waiting.clear();
      waitingForHistory.clear();
    },
  };
}
