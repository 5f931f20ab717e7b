import { expect, test } from "vitest";
import type { Analyser } from "../analyse/analyser.ts";
import type { AnalysisRequest } from "../analyse/messages.ts";
import type { LogReference } from "../ingest/session-registry.ts";
import { ArchiveError, type ArchiveErrorCode } from "./archive.ts";
import { createArchivedAnalyser } from "./archived-analyser.ts";
import type { LogAccess } from "./log-access.ts";

const log = (sessionId: string): LogReference => ({
  sessionId,
  projectId: "default",
  path: `/logs/${sessionId}`,
  bytes: 5,
  createdAt: 1,
  finished: true,
  sample: false,
});

function harness(failing: Readonly<Record<string, ArchiveErrorCode>> = {}) {
  const asked: AnalysisRequest[] = [];
  const held = new Set<string>();
  const unreadable: string[] = [];
  let answer: () => Promise<unknown> = async () => "an answer";
  const analyser = createArchivedAnalyser({
    analyser: {
      ask(request: AnalysisRequest) {
        asked.push(request);
        expect(held.size).toBeGreaterThan(0);
        return answer();
      },
    } as unknown as Analyser,
    logs: {
      async hold(wanted: LogReference) {
        const code = failing[wanted.sessionId];
        if (code !== undefined) throw new ArchiveError(code, wanted.sessionId);
        held.add(wanted.sessionId);
        return {
          log: { ...wanted, path: `/cache/${wanted.sessionId}` },
          release: () => held.delete(wanted.sessionId),
        };
      },
    } as unknown as LogAccess,
    onUnreadable: (sessionId, { code }) => unreadable.push(`${sessionId} ${code}`),
  });
  return { analyser, asked, held, unreadable, setAnswer: (next: typeof answer) => (answer = next) };
}

test("the worker is told where the files are, and they are let go when it has answered", async () => {
  const { analyser, asked, held } = harness();
  expect(await analyser.ask({ kind: "analysis", log: log("one") })).toBe("an answer");
  await analyser.ask({ kind: "call", callId: "call", logs: [log("one"), log("two")], members: [] });
  const sessions = [{ log: log("one"), complete: true }];
  await analyser.ask({ kind: "rows", version: 3, sessions });
  expect(asked).toMatchObject([
    { kind: "analysis", log: { path: "/cache/one" } },
    { kind: "call", callId: "call", logs: [{ path: "/cache/one" }, { path: "/cache/two" }] },
    { kind: "rows", version: 3, sessions: [{ log: { path: "/cache/one" }, complete: true }] },
  ]);
  expect(held.size).toBe(0);
});

test("files are let go when the worker fails", async () => {
  const { analyser, held, setAnswer } = harness();
  setAnswer(() => Promise.reject(new Error("restarted")));
  await expect(analyser.ask({ kind: "analysis", log: log("one") })).rejects.toThrow("restarted");
  expect(held.size).toBe(0);
});

test("rows are made of the sessions whose logs can be had; pages are told", async () => {
  const { analyser, asked, held, unreadable } = harness({
    two: "archive-unavailable",
    three: "archive-log-damaged",
  });
  const sessions = ["one", "two", "three"].map((id) => ({ log: log(id), complete: true }));
  await analyser.ask({ kind: "rows", version: 3, sessions });
  expect(asked).toMatchObject([{ sessions: [{ log: { sessionId: "one" } }] }]);
  expect(unreadable).toEqual(["two archive-unavailable", "three archive-log-damaged"]);
  await expect(
    analyser.ask({ kind: "call", callId: "call", logs: [log("one"), log("two")], members: [] }),
  ).rejects.toMatchObject({
    code: "archive-unavailable",
  });
  expect(held.size).toBe(0);
});
