import { buffer } from "node:stream/consumers";
import { parseThresholds, scoreVersion, versionInForce } from "@peerscope/observer";
import type { Analyser } from "../analyse/analyser.ts";
import type { LogReference } from "../ingest/session-registry.ts";
import type { Settings } from "../settings/settings.ts";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";

export interface StoredAnalysesOptions {
  readonly store: Store;
  readonly analyser: Analyser;
  readonly settings: Pick<Settings, "project">;
}

/**
 * Analyses of sessions and calls, as JSON. Those of finished sessions are in the store, if it is there and they are made
 * of all of the log by the rules of today; all others are read from the logs.
 */
export interface AnalysisReader {
  session(log: LogReference): Promise<string | Buffer>;
  /** Of logs of one project. */
  call(callId: string, logs: readonly LogReference[]): Promise<string>;
  /** The session was erased: nothing of it stays in memory. */
  forget(sessionId: string): void;
}

/** Calls whose analysis is kept ready: that of 200 people takes a second, and a page asks for it again and again. Ours. */
const maxKeptCalls = 8;

interface KeptCall {
  readonly sessionIds: ReadonlySet<string>;
  readonly json: string;
}

/** Sessions in one question: their ids have to fit into a URL. */
const idsPerQuestion = 100;

export function createAnalysisReader({ store, analyser, settings }: StoredAnalysesOptions): AnalysisReader {
  /** Analyses of calls that are over, the one that was asked for last at the end. */
  const calls = new Map<string, KeptCall>();
  /** Sessions that were erased or are not kept any longer, so far. */
  let forgotten = 0;

  /** Version that analyses of a project have now. */
  function versionOf(projectId: string): string | null {
    try {
      return versionInForce(parseThresholds(settings.project(projectId)?.thresholds ?? {}));
    } catch {
      // The thresholds cannot be used, which the analysis tells whoever can mend it.
      return null;
    }
  }

  /** The columns are those of one log by the rules of today. */
  const condition = `projectId = {projectId:String} AND catalogVersion = {catalogVersion:String}
    AND scoreVersion = {scoreVersion:String}`;

  /** The bytes as they are stored: of eight hours some megabytes, which nobody here needs as a text. */
  async function storedSession({
    projectId,
    sessionId,
    bytes,
    finished,
  }: LogReference): Promise<Buffer | null> {
    const catalogVersion = versionOf(projectId);
    // Nobody waits for a store here: the logs have the same.
    if (!finished || store.client === null || catalogVersion === null) return null;
    const found = await askStore(store, async (client, clickhouse_settings) => {
      const { stream } = await client.exec({
        query: `SELECT analysis FROM analyses FINAL
          WHERE ${condition} AND sessionId = {sessionId:String} AND logBytes = {bytes:UInt64} LIMIT 1 FORMAT RawBLOB`,
        query_params: { projectId, sessionId, bytes, catalogVersion, scoreVersion },
        clickhouse_settings,
      });
      return buffer(stream);
    });
    return found.length === 0 ? null : found;
  }

  async function storedMembers(logs: readonly LogReference[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const finished = logs.filter((log) => log.finished);
    const projectId = finished[0]?.projectId ?? "";
    const catalogVersion = versionOf(projectId);
    if (store.client === null || catalogVersion === null) return found;
    for (let from = 0; from < finished.length; from += idsPerQuestion) {
      const asked = new Map(finished.slice(from, from + idsPerQuestion).map((log) => [log.sessionId, log]));
      const rows = await askStore(store, async (client, clickhouse_settings) => {
        const answer = await client.query({
          query: `SELECT sessionId, toFloat64(logBytes), callMember FROM analyses FINAL
            WHERE ${condition} AND sessionId IN {sessionIds:Array(String)}`,
          query_params: { projectId, sessionIds: [...asked.keys()], catalogVersion, scoreVersion },
          format: "JSONCompactEachRow",
          clickhouse_settings,
        });
        return answer.json<[sessionId: string, logBytes: number, json: string]>();
      });
      for (const [sessionId, logBytes, json] of rows)
        if (asked.get(sessionId)?.bytes === logBytes) found.set(sessionId, json);
    }
    return found;
  }

  async function analyseCall(callId: string, logs: readonly LogReference[]): Promise<string> {
    const members = await storedMembers(logs).catch(() => new Map<string, string>());
    const others = logs.filter(({ sessionId }) => !members.has(sessionId));
    return analyser.ask({ kind: "call", callId, logs: others, members: [...members.values()] });
  }

  return {
    async session(log) {
      // What the store cannot say is read from the log.
      const known = await storedSession(log).catch(() => null);
      return known ?? analyser.ask({ kind: "analysis", log });
    },
    async call(callId, logs) {
      // Another log, more of one, or other rules are another key.
      const version = logs[0] === undefined ? null : versionOf(logs[0].projectId);
      const key = JSON.stringify([
        version,
        logs.map(({ projectId, sessionId, bytes }) => [projectId, sessionId, bytes]),
      ]);
      const ready = calls.get(key);
      calls.delete(key);
      const before = forgotten;
      const json = ready?.json ?? (await analyseCall(callId, logs));
      // One that is erased meanwhile may be in it.
      if (before !== forgotten) return json;
      if (version === null || !logs.every(({ finished }) => finished)) return json;
      calls.set(key, { sessionIds: new Set(logs.map(({ sessionId }) => sessionId)), json });
      for (const oldest of calls.keys()) {
        if (calls.size <= maxKeptCalls) break;
        calls.delete(oldest);
      }
      return json;
    },
    forget(sessionId) {
      forgotten += 1;
      for (const [key, { sessionIds }] of calls) if (sessionIds.has(sessionId)) calls.delete(key);
    },
  };
}
