import { expect, test } from "vitest";
import type { SessionList, SessionSummary } from "@peerscope/schema/api";
import { emptySummary } from "../analyse/session-summary.ts";
import { exportSessions, toCell } from "./session-export.ts";

const log = { projectId: "p", path: "", bytes: 0, createdAt: 5, finished: true, sample: false };
const session = (sessionId: string, over: Partial<SessionSummary> = {}): SessionSummary => ({
  ...emptySummary({ ...log, sessionId }, 65_005),
  ...over,
});

test.each([
  ["=1+1", "'=1+1"],
  ["+49 30", "'+49 30"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", `"'\t'=1"`],
  ["x;=cmd|' /C calc'!A0", `"x;'=cmd|' /C calc'!A0"`],
  ["x|\0-2+3", `x|'\0-2+3`],
  [" =1", "' =1"],
  ["\r=1", `"'\r=1"`],
  ['say "a", b', '"say ""a"", b"'],
  ["two\nlines", '"two\nlines"'],
  ["kim", "kim"],
  [-2, "-2"],
  [null, ""],
])("%j is the cell %j", (value, cell) => expect(toCell(value)).toBe(cell));

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

test("all pages are in the file, one line a session", async () => {
  const pages: SessionList[] = [
    { sessions: [session("one", { userId: "=cmd|' /C calc'!A0", score: 12.5 })], nextCursor: "c", total: 2 },
    { sessions: [session("two")], nextCursor: null, total: 2 },
  ];
  const asked: (string | undefined)[] = [];
  const reader = {
    list: async (_: string, { cursor }: { cursor?: string | undefined }): Promise<SessionList> => {
      asked.push(cursor);
      return pages[asked.length - 1] ?? expect.fail("asked too often");
    },
  };
  const lines = (await textOf(exportSessions(reader, "p", { format: "csv" }))).split("\r\n");
  expect(asked).toEqual([undefined, "c"]);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^one,,'=cmd\|' \/C calc'!A0,1970-01-01T00:00:00.005Z,65,12.5,/);
  asked.length = 0;
  const text = await textOf(exportSessions(reader, "p", { format: "ndjson" }));
  const ids = text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as SessionSummary).sessionId);
  expect(ids).toEqual(["one", "two"]);
});
