import { fileURLToPath } from "node:url";
import { sendSession, toImportSessions } from "@peerscope/interop";
import { parseTruthFile, readCapture, readCaptureFolder, type Capture } from "@peerscope/scenarios";
import type { JsonValue, SessionRecord } from "@peerscope/schema";
import { sessionListSchema } from "@peerscope/schema/api";
import type { PeerscopeProcess } from "../support/peerscope.ts";

/** One person's part of a call, as it is imported. */
export interface RecordedSession {
  readonly sessionId: string;
  readonly records: readonly SessionRecord[];
}

/** A recorded call: of the product, or beside this file. */
export function recordedCapture(name: string): Capture {
  if (name !== "sfu-loss-8-down") return readCapture(name);
  const folder = fileURLToPath(new URL(`recordings/${name}`, import.meta.url));
  const entry = {
    seconds: 50,
    impairments: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "downlink",
        from: 16,
        to: 38,
        settings: { lossRatio: 0.08 },
      },
    ],
    expect: { a: { causes: ["downlink-loss"], domains: ["receiver-downlink"] } },
  };
  const truths = parseTruthFile(
    JSON.stringify({ format: "peerscope-truth", version: 1, captures: { [name]: entry } }),
  );
  const truth = truths.get(name);
  if (truth === undefined) throw new Error(`${name} has no truth`);
  return readCaptureFolder(folder, name, truth);
}

/** The call as if it had begun at another time, with other people. */
export function replay(
  capture: Capture,
  {
    startAt,
    callId,
    users,
  }: {
    readonly startAt: number;
    readonly callId: string;
    /** By participant: "a", "b". */
    readonly users: Readonly<Record<string, string>>;
  },
): RecordedSession[] {
  const began = Math.min(...capture.sessions.map(({ records }) => records[0]?.at ?? Infinity));
  const byMs = Math.round(startAt - began);
  return capture.sessions.map(({ peer, records }) => ({
    sessionId: `${callId}-${peer}`,
    records: records.map((record) => {
      const moved = { ...record, at: record.at + byMs };
      if (moved.kind === "context")
        return { ...moved, context: { ...moved.context, userId: users[peer] ?? `someone-${peer}`, callId } };
      if (moved.kind === "sample")
        return { ...moved, stats: moved.stats.map((one) => laterStats(one, byMs)) };
      return moved;
    }),
  }));
}

/** Members of a report that are instants of the wall clock. */
function laterStats<T extends { readonly [member: string]: JsonValue }>(stats: T, byMs: number): T {
  const later = Object.entries(stats).map(([member, value]) => [
    member,
    typeof value === "number" && /timestamp$/i.test(member) && value > 1e12 ? value + byMs : value,
  ]);
  return { ...stats, ...Object.fromEntries(later) };
}

/** Imports them as `peerscope import` does, and waits until the list knows them all with what was found in them. */
export async function importSessions(
  { url, ingestKey }: PeerscopeProcess,
  sessions: readonly RecordedSession[],
): Promise<void> {
  const imports = toImportSessions(
    {
      format: "session-log",
      sessions: sessions.map(({ sessionId, records }) => ({
        sessionId,
        records,
        userId: null,
        callId: null,
        peer: "",
      })),
    },
    "recorded",
  );
  for (const session of imports) {
    const result = await sendSession(session, {
      token: ingestKey,
      post: async (body) => {
        const answer = await fetch(`${url}/ingest`, { method: "POST", body });
        return { status: answer.status, text: await answer.text() };
      },
      logHead: () => Promise.resolve(null),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    if (result.outcome !== "sent") throw new Error(`${session.sessionId}: ${JSON.stringify(result)}`);
  }
  const wanted = new Set(sessions.map(({ sessionId }) => sessionId));
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await fetch(`${url}/api/sessions?limit=500`);
    // A busy server may answer that it has no time; it is asked again until the deadline.
    const sessions = answer.ok ? sessionListSchema.parse(await answer.json()).sessions : [];
    const ready = sessions.filter(({ sessionId, ended }) => wanted.has(sessionId) && ended);
    if (ready.length === wanted.size) return;
    if (performance.now() > deadline)
      throw new Error(`Only ${ready.length} of ${wanted.size} sessions are there after 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
