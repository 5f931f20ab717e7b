import { type CaptureName, readCapture } from "@peerscope/scenarios";
import type { SessionAnalysis, SessionRecord, StatsObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../call-observer.ts";
import { describeVerdict } from "../words/index.ts";
import { analyseRecords, buildCall, type Changes } from "../testing/call-builder.ts";

const lossOut: Changes = { remoteInAudio: { packetsLost: 5 }, remoteInVideo: { packetsLost: 6 } };
const lossIn: Changes = { inAudio: { packetsLost: 5 }, inVideo: { packetsLost: 6 } };

const session = (id: string, changes: Changes): SessionAnalysis => ({
  ...buildCall().run(20).run(20, changes).run(10).analyse({ sessionId: id, peer: id }),
  sessionId: id,
});

test("two people: the direction is named, both ends stay possible to the same degree", () => {
  const { verdict } = analyseCall([session("a", lossOut), session("b", lossIn)]);
  expect(verdict).toMatchObject({ faultDomain: "unknown", confidence: 0.5, statedCause: "uplink-loss" });
  expect(verdict.alternatives).toEqual([
    { faultDomain: "publisher-uplink", confidence: 0.5 },
    { faultDomain: "receiver-downlink", confidence: 0.5 },
  ]);
  expect(verdict.for.map(({ text }) => text).join(" ")).toMatch(/from a to b.*session of a.*session of b/);
  expect(verdict.missing.length).toBeGreaterThan(0);
});

test("loss on the way in, seen on one side only, is named by its direction too", () => {
  const { verdict } = analyseCall([session("a", {}), session("b", lossIn)]);
  expect(verdict).toMatchObject({ faultDomain: "unknown", statedCause: "downlink-loss" });
  expect(verdict.for[0]?.text).toContain("from a to b");
});

test("people go by the name of their user, else of the recording, else of the session", () => {
  const people = (change: Partial<SessionAnalysis>): unknown =>
    analyseCall([
      { ...session("a", lossOut), userId: "anna" },
      { ...session("b", lossIn), ...change },
    ]).people;
  expect(people({ userId: "ben" })).toEqual({ sender: "anna", receiver: "ben" });
  expect(people({})).toEqual({ sender: "anna", receiver: "b" });
  expect(people({ peer: null, sessionId: "0123456789abcdef" })).toEqual({
    sender: "anna",
    receiver: "session 01234567",
  });
  expect(people({ userId: "anna" })).toEqual({ sender: "anna (a)", receiver: "anna (b)" });
  expect(people({ userId: "b".repeat(300) })).toEqual({ sender: "anna", receiver: `${"b".repeat(19)}…` });
});

test("the direction decides who sends, and one recorded side names only itself", () => {
  const ends = (sessions: SessionAnalysis[]): unknown => analyseCall(sessions).people;
  expect(ends([session("a", {}), session("b", lossIn)])).toEqual({ sender: "a", receiver: "b" });
  expect(ends([session("a", lossIn)])).toEqual({ sender: null, receiver: "a" });
  expect(ends([session("a", {}), session("b", {})])).toBeNull();
});

test("the same trouble on the way back at the time makes it the path as a whole", () => {
  const ends = (name: CaptureName): unknown => {
    const sessions = readCapture(name).sessions.map(({ sessionId, records }) =>
      analyseRecords(records, { sessionId }),
    );
    return analyseCall(sessions).people;
  };
  expect(ends("loss-10")).toMatchObject({ bothWays: true });
  expect(ends("outage-8s")).toMatchObject({ bothWays: true });
  expect(ends("cap-150kbps")).toEqual({ sender: "anna", receiver: "ben" });
});

test("the call's own words name the two ends, and what is missing stays short", () => {
  const a = session("a".repeat(64), lossOut);
  const b = session("b".repeat(64), lossIn);
  const { verdict, people } = analyseCall([a, b]);
  const words = describeVerdict(verdict, [...a.observations, ...b.observations], { people });
  expect(words.headline).toMatch(/It could be a+…'s outgoing line or b+…'s incoming line\.$/);
  for (const { verdict: own, observations } of [a, b]) {
    words.missingLines.concat(describeVerdict(own, observations).missingLines).forEach((line) => {
      expect(line.length).toBeLessThanOrEqual(110);
      expect(line).toMatch(/^[A-Z].*\.$/);
    });
  }
  expect(words.missingLines.length).toBe(2);
});

test("nothing wrong: nothing stated, confidence 0", () => {
  const good = session("a", {});
  expect(good.verdict).toMatchObject({
    faultDomain: "unknown",
    confidence: 0,
    statedCause: null,
    alternatives: [],
  });
  expect(analyseCall([good, session("b", {})]).verdict.statedCause).toBeNull();
  expect(analyseCall([]).verdict.statedCause).toBeNull();
});

test("a device that refused is known for certain, whatever the network did", () => {
  const denied = buildCall()
    .event("api-settled", {
      callId: 1,
      method: "getUserMedia",
      outcome: "rejected",
      durationMs: 5,
      error: { name: "NotAllowedError", message: "" },
    })
    .run(20)
    .run(20, lossIn);
  const a = { ...denied.analyse(), sessionId: "a" };
  expect(analyseCall([a, session("b", lossOut)]).verdict).toMatchObject({
    faultDomain: "publisher-device",
    statedCause: "media-permission-denied",
  });
});

/** The same with a second sender: somebody else's streams on the same connection, so a server is in between. */
function overServer(records: readonly SessionRecord[], otherIsBad: boolean): SessionRecord[] {
  return records.map((record) => {
    if (record.kind !== "sample") return record;
    const more: StatsObject[] = [];
    for (const stats of record.stats) {
      if (stats.type !== "inbound-rtp") continue;
      more.push({
        ...stats,
        id: `${stats.id}2`,
        ssrc: Number(stats["ssrc"]) + 5000,
        trackIdentifier: `${stats.id}-track`,
        ...(otherIsBad ? {} : { packetsLost: 0 }),
      });
    }
    return { ...record, stats: [...record.stats, ...more] };
  });
}

test("over a server, everybody's media lost on the way in is this client's downlink", () => {
  const { records } = buildCall().run(20).run(20, lossIn).run(10);
  expect(analyseRecords(overServer(records, true)).verdict).toMatchObject({
    faultDomain: "receiver-downlink",
    statedCause: "downlink-loss",
    confidence: 0.8,
  });
});

test("over a server, one sender's media lost and the other's clean is not this client's downlink", () => {
  const { records } = buildCall().run(20).run(20, lossIn).run(10);
  const { verdict } = analyseRecords(overServer(records, false));
  expect(verdict.faultDomain).toBe("unknown");
  expect(verdict.alternatives[0]).toEqual({ faultDomain: "remote", confidence: 0.5 });
});

test("over a server, loss on the way out with a clean way in is this client's uplink", () => {
  const { records } = buildCall().run(20).run(20, lossOut).run(10);
  expect(analyseRecords(overServer(records, false)).verdict).toMatchObject({
    faultDomain: "publisher-uplink",
    statedCause: "uplink-loss",
  });
});

test("the clean control stays one after its streams have left", () => {
  const records = overServer(buildCall().run(20).run(20, lossIn).run(10).records, false);
  const left = records.map((record, index) =>
    record.kind === "sample" && index >= 45
      ? {
          ...record,
          stats: record.stats.filter(({ id, type }) => type !== "inbound-rtp" || !id.endsWith("2")),
        }
      : record,
  );
  expect(analyseRecords(left).verdict.alternatives[0]).toEqual({ faultDomain: "remote", confidence: 0.5 });
});

test("a cause says its own fault domain where it can be stated, and no effect does", () => {
  const { records } = buildCall().run(20).run(20, lossIn).run(10);
  const { observations } = analyseRecords(overServer(records, true));
  const causes = observations.filter(({ id }) => id === "downlink-loss");
  expect(causes.length).toBeGreaterThan(1);
  for (const { verdict } of causes) expect(verdict).toMatchObject({ faultDomain: "receiver-downlink" });
  for (const { parentId, verdict } of observations) if (parentId !== null) expect(verdict).toBeNull();
  for (const { verdict } of session("b", lossIn).observations) expect(verdict).toBeNull();
});

test("over a server, all media of a single sender may be lost on the sender's way: nobody is named", () => {
  // Simulcast shows the server.
  const records = buildCall()
    .run(20)
    .run(20, lossIn)
    .run(10)
    .records.map((record) =>
      record.kind === "sample"
        ? {
            ...record,
            stats: record.stats.flatMap((stats) =>
              stats.type === "outbound-rtp" && stats["kind"] === "video"
                ? [
                    { ...stats, rid: "h" },
                    { ...stats, id: `${stats.id}l`, ssrc: Number(stats["ssrc"]) + 1, rid: "l" },
                  ]
                : [stats],
            ),
          }
        : record,
    );
  const { verdict } = analyseRecords(records);
  expect(verdict).toMatchObject({ statedCause: "downlink-loss", faultDomain: "unknown" });
  expect(verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual(["receiver-downlink", "remote"]);
  expect(verdict.alternatives.every(({ confidence }) => confidence <= 0.5)).toBe(true);
});
