import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import type { ErasureReceipt } from "@peerscope/schema/api";
import { tableNames } from "../analyse/table-columns.ts";
import type { LogAccess } from "../archive/log-access.ts";
import { RequestError } from "../errors.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { Settings } from "../settings/settings.ts";
import { deleteRowsOf } from "../store/delete-rows.ts";
import type { RowWriter } from "../store/row-writer.ts";
import type { Store } from "../store/store.ts";
import {
  sha256,
  type DataPlace,
  type Erasure,
  type ErasureLedger,
  type SessionToErase,
} from "./erasure-ledger.ts";
import type { FoundSession, Subject, SubjectSearch } from "./subject-search.ts";

/** Who asked for it. */
export interface Requester {
  /** Principal.kind and id, as in the audit log. */
  readonly actor: string;
  readonly actorName: string;
}

/** Takes data of a person, session or call out of everything that the server keeps. */
export interface Erasures {
  /**
   * Erases what can be reached now and remembers the rest. Resolves with the state after the first attempt, or after `waitMs`.
   * @throws RequestError `project-unknown`; Error when the request cannot be remembered. Then nothing was erased.
   */
  request(projectId: string, subject: Subject, by: Requester, waitMs: number): Promise<ErasureReceipt>;
  /**
   * What would be erased.
   * @throws RequestError `project-unknown`
   */
  preview(projectId: string, subject: Subject, by: Requester): Promise<ErasureReceipt>;
  /** Null when the project has no such erasure. */
  receipt(projectId: string, erasureId: string): ErasureReceipt | null;
  /** Tries again what could not be reached. Called now and then, and when the store is there again. */
  resume(): Promise<void>;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

export interface ErasuresOptions {
  readonly ledger: ErasureLedger;
  readonly search: SubjectSearch;
  readonly registry: Pick<SessionRegistry, "get" | "reference" | "erase">;
  readonly logs: Pick<LogAccess, "removeLocal" | "removeArchived">;
  readonly store: Pick<Store, "client" | "layout" | "reportFailure">;
  readonly rows: Pick<RowWriter, "flush">;
  readonly settings: Pick<Settings, "project" | "notes" | "deleteNotesOf" | "audit">;
  /** Resolves when nothing of logs that were removed is left in journal and catalogue. */
  readonly purge: () => Promise<void>;
  /** Drops what the analysis keeps of a session in memory. */
  readonly forget: (sessionId: string) => void;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  readonly onProblem: (message: string) => void;
}

/** Sessions of one step: after each of them what is done is on disk. Ours. */
const sessionsPerStep = 500;
const places: readonly DataPlace[] = ["logs", "notes", "archive", "rows"];

export function createErasures(options: ErasuresOptions): Erasures {
  const { ledger, registry, store, settings, now } = options;
  /** One at a time: two that overlap would count the same bytes. */
  let tail: Promise<void> = Promise.resolve();
  let isClosing = false;

  function demandProject(projectId: string): void {
    if (settings.project(projectId) === null) throw new RequestError("project-unknown");
  }

  function queue(erasureId: string): Promise<void> {
    const work = tail.then(() => (isClosing ? undefined : run(erasureId)));
    tail = work.catch((error: unknown) => options.onProblem(`an erasure failed: ${describe(error)}`));
    return tail;
  }

  /** An attempt at everything that is left of an erasure. */
  async function run(erasureId: string): Promise<void> {
    const erasure = ledger.get(erasureId);
    const work = erasure?.work ?? null;
    if (erasure === null || work === null) return;
    const { receipt } = erasure;
    const reasons = new Map<DataPlace | "search", string>();
    if (!work.isSearched) {
      const found = await options.search.find(receipt.projectId, {
        kind: receipt.selector.kind,
        value: work.value,
      });
      work.isSearched = found.problem === null;
      if (found.problem !== null) reasons.set("search", found.problem);
      const known = new Set(work.sessions.map(({ sessionId }) => sessionId));
      const hashes = new Set(receipt.sessionHashes);
      for (const session of found.sessions) {
        if (known.has(session.sessionId)) continue;
        work.sessions.push(toErase(session));
        hashes.add(sha256(session.sessionId));
      }
      receipt.sessionHashes = [...hashes].toSorted();
      receipt.sessions = receipt.sessionHashes.length;
      await ledger.save(erasure);
    }
    const left = work.sessions.filter(({ left: some }) => some.length > 0);
    for (let from = 0; from < left.length; from += sessionsPerStep) {
      if (isClosing) break;
      await eraseSome(receipt, left.slice(from, from + sessionsPerStep), reasons);
      await ledger.save(erasure);
    }
    receipt.unreached = unreachedOf(work, reasons);
    if (receipt.unreached.length === 0) {
      receipt.finishedAt = now();
      erasure.work = null;
    }
    await ledger.save(erasure);
    if (erasure.work === null)
      await audit(receipt, "data-erased", "server:", "server").catch(options.onProblem);
  }

  async function eraseSome(
    receipt: ErasureReceipt,
    sessions: readonly SessionToErase[],
    reasons: Map<DataPlace | "search", string>,
  ): Promise<void> {
    const { projectId } = receipt;
    const at = async (
      place: DataPlace,
      act: (some: readonly SessionToErase[]) => Promise<void>,
    ): Promise<void> => {
      const some = sessions.filter(({ left }) => left.includes(place));
      if (some.length === 0) return;
      try {
        await act(some);
      } catch (error) {
        reasons.set(place, describe(error));
      }
    };
    await at("logs", async (some) => {
      for (const session of some) {
        const { sessionId, createdAt } = session;
        await registry.erase(sessionId);
        receipt.logBytes += options.logs.removeLocal({ projectId, sessionId, createdAt, sample: false });
        options.forget(sessionId);
      }
      await options.purge();
      for (const session of some) isDone(session, "logs");
    });
    await at("notes", async (some) => {
      const ids = some.map(({ sessionId }) => sessionId);
      let notes = 0;
      for (const sessionId of ids) notes += (await settings.notes(sessionId)).length;
      await settings.deleteNotesOf(ids);
      receipt.notes += notes;
      for (const session of some) isDone(session, "notes");
    });
    await at("archive", async (some) => {
      for (const session of some) {
        const { sessionId, createdAt } = session;
        receipt.archiveBytes += await options.logs.removeArchived({ projectId, sessionId, createdAt });
        isDone(session, "archive");
      }
    });
    await at("rows", async (some) => {
      const ids = some.map(({ sessionId }) => sessionId);
      // What was on its way to the store when the sessions were closed is there after this.
      await options.rows.flush();
      await options.rows.flush();
      receipt.rows += await removeRows(projectId, ids);
      for (const session of some) isDone(session, "rows");
    });
  }

  async function removeRows(projectId: string, ids: readonly string[]): Promise<number> {
    const { client, layout } = store;
    if (client === null) throw new Error("the store does not answer");
    const count = await countRows(projectId, ids);
    await deleteRowsOf({ client, layout }, projectId, ids);
    return count;
  }

  async function countRows(projectId: string, ids: readonly string[]): Promise<number> {
    const { client } = store;
    if (client === null) throw new Error("the store does not answer");
    let count = 0;
    for (let from = 0; from < ids.length; from += idsPerQuestion) {
      const sessionIds = ids.slice(from, from + idsPerQuestion);
      for (const table of tableNames) {
        const answer = await client.query({
          query: `SELECT count() FROM ${table} FINAL WHERE projectId = {projectId:String} AND sessionId IN {sessionIds:Array(String)}`,
          query_params: { projectId, sessionIds },
          format: "JSONCompactEachRow",
        });
        for (const [rows] of await answer.json<[string | number]>()) count += Number(rows);
      }
    }
    return count;
  }

  function audit(receipt: ErasureReceipt, action: string, actor: string, actorName: string): Promise<void> {
    const { projectId, selector, sessions, logBytes, archiveBytes, rows, notes } = receipt;
    const done = action === "data-erased" ? { sessions, logBytes, archiveBytes, rows, notes } : {};
    return settings.audit({
      at: now(),
      actor,
      actorName,
      action,
      projectId,
      subject: receipt.erasureId ?? "",
      details: { kind: selector.kind, sha256: selector.sha256, ...done },
    });
  }

  return {
    async request(projectId, { kind, value }, { actor, actorName }, waitMs) {
      demandProject(projectId);
      const erasureId = randomBytes(12).toString("hex");
      const receipt: Erasure["receipt"] = {
        ...emptyReceipt(projectId, kind, actor, now()),
        erasureId,
        selector: { kind, sha256: sha256(`${erasureId}\n${value}`) },
        unreached: [{ what: "search", sessions: null, reason: "it has not begun" }],
      };
      // Who asked is written down before anything is gone.
      await audit(receipt, "erasure-requested", actor, actorName);
      await ledger.save({ receipt, work: { value, isSearched: false, sessions: [] } });
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs);
      });
      await Promise.race([queue(erasureId), timeout]);
      clearTimeout(timer);
      return ledger.get(erasureId)?.receipt ?? receipt;
    },
    async preview(projectId, subject, { actor }) {
      demandProject(projectId);
      const { sessions, problem } = await options.search.find(projectId, subject);
      const receipt: ErasureReceipt = emptyReceipt(projectId, subject.kind, actor, now());
      const ids = sessions.map(({ sessionId }) => sessionId);
      receipt.sessions = ids.length;
      receipt.sessionHashes = ids.map(sha256).toSorted();
      if (problem !== null) receipt.unreached.push({ what: "search", sessions: null, reason: problem });
      for (const { entry } of sessions) {
        if (entry === null) continue;
        const onDisk = statSync(registry.reference(entry).path, { throwIfNoEntry: false })?.size;
        if (onDisk === undefined) receipt.archiveBytes += entry.bytes;
        else receipt.logBytes += onDisk;
      }
      for (const sessionId of ids) receipt.notes += (await settings.notes(sessionId)).length;
      try {
        receipt.rows = await countRows(projectId, ids);
      } catch (error) {
        receipt.unreached.push({ what: "rows", sessions: ids.length, reason: describe(error) });
      }
      return receipt;
    },
    receipt(projectId, erasureId) {
      const receipt = ledger.get(erasureId)?.receipt;
      return receipt?.projectId === projectId ? receipt : null;
    },
    async resume() {
      const waiting = [...ledger.all()].filter(({ work }) => work !== null);
      await Promise.all(waiting.map(({ receipt }) => queue(receipt.erasureId)));
    },
    async close() {
      isClosing = true;
      await tail;
    },
  };
}

/** Sessions of one question to the store. Ours: their ids fit into a URL. */
const idsPerQuestion = 100;

function emptyReceipt(
  projectId: string,
  kind: Subject["kind"],
  requestedBy: string,
  requestedAt: number,
): ErasureReceipt {
  return {
    erasureId: null,
    projectId,
    selector: { kind, sha256: "" },
    requestedAt,
    requestedBy,
    finishedAt: null,
    sessions: 0,
    sessionHashes: [],
    logBytes: 0,
    archiveBytes: 0,
    rows: 0,
    notes: 0,
    unreached: [],
  };
}

function toErase({ sessionId, entry }: FoundSession): SessionToErase {
  // Without a log there is nothing but rows, and notes that somebody wrote meanwhile.
  const left: DataPlace[] = entry === null ? ["notes", "rows"] : [...places];
  return { sessionId, createdAt: entry?.createdAt ?? 0, left };
}

function isDone(session: SessionToErase, place: DataPlace): void {
  session.left = session.left.filter((one) => one !== place);
}

function unreachedOf(
  work: NonNullable<Erasure["work"]>,
  reasons: ReadonlyMap<DataPlace | "search", string>,
): ErasureReceipt["unreached"] {
  const unreached: ErasureReceipt["unreached"] = [];
  if (!work.isSearched) {
    const reason = reasons.get("search") ?? "it is not finished";
    unreached.push({ what: "search", sessions: null, reason });
  }
  for (const what of places) {
    const sessions = work.sessions.filter(({ left }) => left.includes(what)).length;
    if (sessions > 0) unreached.push({ what, sessions, reason: reasons.get(what) ?? "it is not finished" });
  }
  return unreached;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
