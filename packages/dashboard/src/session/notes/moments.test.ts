import type { SessionNote } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import type { EventRow } from "../../worker/messages.ts";
import { groupMoments, momentsOf } from "./moments.ts";
import { issueOfCode, reportedIssues } from "./reported-issues.ts";

const event = (at: number, name: string, data: EventRow["data"]): EventRow => ({
  at,
  name,
  data,
  connectionId: null,
});
const note = (at: number): SessionNote => ({
  noteId: `n_${at}`,
  at,
  text: "text",
  createdByName: "Ada",
  createdAt: 1,
  own: true,
});
const events = [
  event(5, "app-event", { name: "joined" }),
  event(20, "issue-reported", { code: "7C2-F9A", text: "no sound" }),
  event(30, "issue-reported", { code: "888-AAA", text: "  " }),
  event(40, "issue-reported", { text: "without a code" }),
  event(50, "issue-reported", null),
];

test("reports have a code; what was written belongs to them, and nothing written is nothing", () => {
  expect(reportedIssues(events)).toEqual([
    { key: 1, at: 20, code: "7C2-F9A", text: "no sound" },
    { key: 2, at: 30, code: "888-AAA", text: null },
  ]);
});

test("a code is found however it was written down; other texts only as they are", () => {
  const issues = reportedIssues([...events, event(60, "issue-reported", { code: "own-code", text: null })]);
  for (const written of ["7C2-F9A", "7c2f9a", " 7c2 f9a "]) expect(issueOfCode(issues, written)?.at).toBe(20);
  expect(issueOfCode(issues, "own-code")?.at).toBe(60);
  expect(issueOfCode(issues, "7C2-F9B")).toBeNull();
});

test("reports and notes are one row in the order of time; close ones share a mark, none is lost", () => {
  const moments = momentsOf(reportedIssues(events), [note(100), note(21), note(500)]);
  expect(moments.map(({ kind, at }) => `${kind} ${at}`)).toEqual([
    "issue 20",
    "note 21",
    "issue 30",
    "note 100",
    "note 500",
  ]);
  const groups = groupMoments(moments, (at) => at, 200, 26);
  expect(groups.map(({ x, moments: inside }) => [x, inside.length])).toEqual([
    [20, 3],
    [100, 1],
  ]);
});
