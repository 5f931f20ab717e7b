import { createSessionObserver, toSessionReport } from "@peerscope/observer";
import {
  captureNames,
  generateSession,
  readCapture,
  readCaptureGetStats,
  type SessionKind,
} from "@peerscope/scenarios";
import { describe, expect, it } from "vitest";
import { analyseFile } from "../index.ts";

/** Ids above info, with the participant in front: "a uplink-loss". */
function found(
  reports: readonly { peer: string | null; observations: readonly { id: string; severity: string }[] }[],
): string[] {
  return reports.flatMap(({ peer, observations }) => [
    ...new Set(observations.filter(({ severity }) => severity !== "info").map(({ id }) => `${peer} ${id}`)),
  ]);
}

describe.each(captureNames)("the analysis of %s", (name) => {
  const { sessions, truth } = readCapture(name);
  const expected = truth.expected.map(({ peer, observationId }) => `${peer} ${observationId}`);

  it("says what was done, from samples and events", () => {
    const reports = sessions.map(({ sessionId, peer, records }) => {
      const observer = createSessionObserver({ sessionId, peer });
      for (const record of records) observer.push(record);
      return toSessionReport(observer.finish());
    });
    expect(found(reports)).toEqual(expect.arrayContaining(expected));
    if (truth.healthy) expect(found(reports)).toEqual([]);
  });

  it("says what was done, from the raw getStats recording alone", () => {
    const { sessions: reports } = analyseFile(Buffer.from(readCaptureGetStats(name)), "getstats.jsonl");
    // Stats cannot show that a permission was refused.
    const visible = expected.filter((id) => !id.endsWith("media-permission-denied"));
    expect(found(reports)).toEqual(expect.arrayContaining(visible));
    if (truth.healthy) expect(found(reports)).toEqual([]);
  });
});

const generated: readonly (readonly [SessionKind, readonly string[]])[] = [
  ["good", []],
  ["muted", []],
  ["loss", ["uplink-loss", "downlink-loss"]],
  ["jitter", ["uplink-jitter", "downlink-jitter"]],
  ["bandwidth", ["uplink-bandwidth-limited"]],
  ["outage", ["downlink-outage"]],
  ["ice-failure", ["connection-never-established"]],
  ["permission-denied", ["media-permission-denied"]],
];

describe.each(generated)("the analysis of a generated session with %s", (kind, ids) => {
  it.each([1, 2, 3])("says what its kind names (seed %i)", (seed) => {
    const session = generateSession({ seed, durationSeconds: 120, kind, startAt: 1.79e12 });
    const observer = createSessionObserver({ sessionId: session.sessionId, peer: "x" });
    for (const record of session.records) observer.push(record);
    const names = found([toSessionReport(observer.finish())]);
    if (ids.length === 0) expect(names).toEqual([]);
    else expect(names).toEqual(expect.arrayContaining(ids.map((id) => `x ${id}`)));
  });
});
