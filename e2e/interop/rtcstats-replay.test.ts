import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createRtcstatsFrames } from "@peerscope/interop";
import { createSessionObserver } from "@peerscope/observer";
import { readCapture } from "@peerscope/scenarios";
import type { SessionAnalysis, SessionRecord } from "@peerscope/schema";
import { sessionListSchema, type SessionSummary } from "@peerscope/schema/api";
import { eventually, readAnalysis } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

/** A line of the recording: what a server saw of a page with an unmodified client. */
interface RecordedLine {
  /** Unix ms by the recorder's clock. */
  readonly t: number;
  readonly peer: string;
  readonly conn: number;
  readonly event: "open" | "message" | "close";
  readonly data?: string;
  readonly protocol?: string;
  readonly url?: string;
  readonly userAgent?: string;
  readonly origin?: string;
}

function readRecording(capture: string): RecordedLine[] {
  const file = new URL(`../../packages/scenarios/captures/${capture}/rtcstats.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  return lines.map((line) => JSON.parse(line) as RecordedLine);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens, sends and closes what the recording has, each at its time, so many times as fast. */
async function replay(server: PeerscopeProcess, capture: string, speed: number): Promise<void> {
  const lines = readRecording(capture);
  const startedAt = performance.now();
  const beganAt = lines[0]?.t ?? 0;
  const sockets = new Map<number, WebSocket>();
  for (const { t, conn, peer, event, data, protocol = "", url = "/", userAgent, origin } of lines) {
    const waitMs = (t - beganAt) / speed - (performance.now() - startedAt);
    if (waitMs > 1) await pause(waitMs);
    if (event === "open") {
      const address = `${server.url.replace("http", "ws")}${url}?callId=${capture}&userId=${peer}`;
      const headers = { "user-agent": userAgent ?? "", origin: origin ?? "" };
      const socket = new WebSocket(address, protocol, { headers });
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      expect(socket.protocol).toBe(protocol);
      sockets.set(conn, socket);
    } else if (event === "message") sockets.get(conn)?.send(data ?? "");
    // Without a code, as trace.close() does it: the server sees 1005.
    else sockets.get(conn)?.close();
  }
}

interface Told {
  readonly about: string;
  readonly startedAt: number;
  readonly clearedAt: number | null;
}

/** What an analysis says above info. Names of statistics objects are the client's own, so they are left out. */
function told({ observations }: SessionAnalysis): Told[] {
  return observations
    .filter(({ severity }) => severity !== "info")
    .map(({ id, scope, startedAt, clearedAt }) => ({
      about: [id, scope.direction, scope.kind].filter(Boolean).join(" "),
      startedAt,
      clearedAt,
    }))
    .toSorted((a, b) => (a.about === b.about ? a.startedAt - b.startedAt : a.about < b.about ? -1 : 1));
}

function analyse(records: readonly SessionRecord[]): SessionAnalysis {
  const observer = createSessionObserver({ sessionId: "offline" });
  for (const record of records) observer.push(record);
  return observer.finish();
}

/** What the frames of one page say, read where they were recorded. */
function analyseFrames(capture: string, peer: string): SessionAnalysis {
  const records: SessionRecord[] = [];
  const frames = createRtcstatsFrames({
    sessionId: peer,
    sink: { record: (_, record) => void records.push(record), skipped: ({ reason }) => expect.fail(reason) },
  });
  for (const line of readRecording(capture))
    if (line.peer === peer && line.data !== undefined) frames.push(line.data);
  frames.end(1005);
  return analyse(records);
}

/** Reports were asked for at other times than the recorder did: a second between two, and a step of the analysis. */
const toleranceMs = 2_000;

/** Calls in which frames and raw reports show the same. Where the format itself differs: docs/reference/interop.md. */
const alike = new Set(["muted-mic", "signalling-drop", "firefox-good"]);

describe("recorded frames of unmodified rtcstats clients", () => {
  let server: PeerscopeProcess;

  beforeAll(async () => {
    ensureBuilt();
    server = await startPeerscope();
  });
  afterAll(async () => {
    await server?.stop();
  });

  const sessionsOf = async (capture: string, query = ""): Promise<SessionSummary[]> => {
    const answer = await fetch(`${server.url}/api/sessions?call=${capture}${query}`);
    return [...sessionListSchema.parse(await answer.json()).sessions];
  };

  // One at its own pace, the others faster: the frames have times of their own.
  test.each([
    ["outage-8s", 1],
    ["good-call", 20],
    ["loss-10", 20],
    ["sfu-3p", 20],
    ["ice-failure-initial", 20],
    ["muted-mic", 20],
    ["signalling-drop", 20],
    ["firefox-good", 20],
  ])("of %s, sent %i times as fast, become sessions that say what the call was", async (capture, speed) => {
    const { sessions } = readCapture(capture);
    const replaying = replay(server, capture, speed);
    if (speed === 1) {
      await eventually("live sessions with a score", 40_000, async () => {
        const live = await sessionsOf(capture, "&live=true");
        return live.length === sessions.length && live.every(({ score }) => score !== null) ? live : null;
      });
    }
    await replaying;
    const ended = await eventually("the end of all sessions", 20_000, async () => {
      const found = await sessionsOf(capture, "&live=false");
      return found.length === sessions.length && found.every((session) => session.ended) ? found : null;
    });
    for (const { peer, samples } of sessions) {
      const sessionId =
        ended.find(({ userId }) => userId === peer)?.sessionId ?? expect.fail(`none of ${peer}`);
      const served = await readAnalysis(server, sessionId);
      const offline = analyseFrames(capture, peer);
      expect(told(served)).toEqual(told(offline));
      expect(stated(served)).toEqual(stated(offline));
      expect(served.counts).toEqual(offline.counts);
      if (alike.has(capture)) expectAlike(served, analyse(samples));
    }
  });
});

function expectAlike(served: SessionAnalysis, raw: SessionAnalysis): void {
  const [ours, theirs] = [told(served), told(raw)];
  expect(stated(served)).toEqual(stated(raw));
  expect(ours.map(({ about }) => about)).toEqual(theirs.map(({ about }) => about));
  for (const [index, { startedAt, clearedAt }] of theirs.entries()) {
    const same = ours[index];
    expect(Math.abs((same?.startedAt ?? 0) - startedAt)).toBeLessThanOrEqual(toleranceMs);
    expect(Math.abs((same?.clearedAt ?? 0) - (clearedAt ?? 0))).toBeLessThanOrEqual(toleranceMs);
  }
}

function stated({ verdict }: SessionAnalysis): (string | null)[] {
  return [verdict.statedCause, verdict.faultDomain];
}
