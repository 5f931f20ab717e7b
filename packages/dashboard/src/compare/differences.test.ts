import { createSessionObserver } from "@peerscope/observer";
import { generateSession, type SessionKind } from "@peerscope/scenarios";
import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import type { EventRow } from "../worker/messages.ts";
import { descriptionDifference } from "./description-difference.ts";
import { differencesOf, type ComparedSession } from "./differences.ts";

function compared(kind: SessionKind, userId: string): ComparedSession {
  const { records } = generateSession({
    seed: 4,
    durationSeconds: 60,
    kind,
    startAt: Date.UTC(2026, 3, 5),
    userId,
  });
  const observer = createSessionObserver({ sessionId: userId });
  for (const record of records) observer.push(record);
  const sample = records.findLast((record: SessionRecord) => record.kind === "sample");
  return {
    analysis: observer.finish(),
    events: [],
    reports:
      sample?.kind === "sample"
        ? [{ connectionId: sample.connectionId, at: sample.at, stats: sample.stats }]
        : [],
  };
}

test("of a good call and one with loss the outcome differs, and the machine does not", () => {
  const rows = differencesOf(compared("good", "kim"), compared("loss", "bea"));
  const row = (name: string): (typeof rows)[number] =>
    rows.find((one) => one.name === name) ?? expect.fail(name);
  expect(row("Cause")).toMatchObject({ a: "Nothing unusual", isSame: false });
  expect(row("Score").isSame).toBe(false);
  expect(row("Browser").isSame).toBe(true);
  expect(row("Sound sent")).toMatchObject({ a: "opus", b: "opus", isSame: true });
});

test("two of the same kind differ in nothing", () => {
  const rows = differencesOf(compared("good", "kim"), compared("good", "bea"));
  expect(rows.filter(({ isSame }) => !isSame)).toEqual([]);
});

test("of session descriptions only what means something is compared", () => {
  const description = (codec: string, secret: string): EventRow[] => [
    {
      at: 1,
      name: "api-called",
      connectionId: "pc-1",
      data: {
        method: "setLocalDescription",
        callId: 1,
        arguments: {
          description: {
            type: "offer",
            sdp: [
              "v=0",
              `o=- ${secret} 2 IN IP4 127.0.0.1`,
              "s=-",
              "t=0 0",
              `m=audio 9 UDP/TLS/RTP/SAVPF 111`,
              "c=IN IP4 0.0.0.0",
              `a=ice-ufrag:${secret}`,
              "a=mid:0",
              "a=sendrecv",
              `a=rtpmap:111 ${codec}/48000/2`,
              "",
            ].join("\r\n"),
          },
        },
      },
    },
  ];
  const lines = (a: EventRow[], b: EventRow[]): string[] | undefined =>
    descriptionDifference(a, b, "local")?.flatMap((section) =>
      section.lines.filter(({ change }) => change !== "same").map(({ change, text }) => `${change} ${text}`),
    );
  expect(lines(description("opus", "123"), description("opus", "456"))).toEqual([]);
  expect(lines(description("opus", "123"), description("PCMU", "456"))?.toSorted()).toEqual([
    "added a=rtpmap:111 PCMU/48000/2",
    "removed a=rtpmap:111 opus/48000/2",
  ]);
  expect(descriptionDifference(description("opus", "1"), [], "local")).toBeNull();
});
