import { describe, expect, it } from "vitest";
import { captureNames, captureSessions, readCapture, readCaptureGetStats, sampleCaptures } from "../index.ts";
import type { EventRecord, SessionRecord } from "@peerscope/schema";

function eventsOf(records: readonly SessionRecord[]): EventRecord[] {
  return records.filter((record) => record.kind === "event");
}

describe.each(captureNames)("recorded call %s", (name) => {
  const capture = readCapture(name);

  it("has every getStats report of every participant, in the order of time", () => {
    const lines = readCaptureGetStats(name).trim().split("\n").length;
    const samples = capture.sessions.flatMap(({ records }) =>
      records.filter(({ kind }) => kind === "sample"),
    );
    expect(samples).toHaveLength(lines);
    expect(capture.sessions.map(({ peer }) => peer)).toEqual(
      ["a", "b", "c"].slice(0, name.startsWith("sfu-") ? 3 : 2),
    );
    for (const peer of capture.truth.peers.keys())
      expect(capture.sessions.map((session) => session.peer)).toContain(peer);
    for (const { records } of capture.sessions)
      for (const [index, record] of records.entries())
        expect(record.at).toBeGreaterThanOrEqual(records[index - 1]?.at ?? 0);
  });

  it("starts with who it is and ends with the end", () => {
    for (const { records, userId, sessionId } of capture.sessions) {
      const first = records[0];
      expect(first?.kind === "context" && first.context).toMatchObject({
        userId,
        callId: name,
        tags: { capture: name },
      });
      expect(records.at(-1)).toMatchObject({ kind: "event", name: "session-ended" });
      expect(eventsOf(records).filter((event) => event.name === "session-ended")).toHaveLength(1);
      expect(sessionId).toMatch(/^[a-z0-9-]+$/);
    }
  });

  it("names only connections that it introduced, and closes all of them", () => {
    for (const { records } of capture.sessions) {
      const open = new Set<string>();
      const seen = new Set<string>();
      for (const record of records) {
        if (record.kind === "context" || record.connectionId === undefined) continue;
        const { connectionId } = record;
        if (record.kind === "event" && record.name === "connection-created") open.add(connectionId);
        expect(open.has(connectionId)).toBe(true);
        seen.add(connectionId);
        if (record.kind === "event" && record.name === "connection-closed") open.delete(connectionId);
      }
      expect(seen.size).toBeGreaterThan(0);
      expect(open.size).toBe(0);
    }
  });

  it("places what was done inside the recording", () => {
    const records = capture.sessions.flatMap((session) => session.records);
    const start = Math.min(...records.map(({ at }) => at));
    const end = Math.max(...records.map(({ at }) => at));
    for (const { from, to } of capture.truth.impairments) {
      expect(from).toBeGreaterThanOrEqual(start - 1_000);
      expect(to ?? end).toBeGreaterThan(from);
      expect(to ?? end).toBeLessThanOrEqual(end);
    }
  });
});

describe("what the pages saw", () => {
  it("shows a refused permission as a rejected call", () => {
    const [anna, ben] = readCapture("gum-denied").sessions;
    expect(eventsOf(anna?.records ?? []).find(({ name }) => name === "api-settled")?.data).toMatchObject({
      method: "getUserMedia",
      outcome: "rejected",
      error: { name: "NotAllowedError" },
    });
    expect(eventsOf(ben?.records ?? []).find(({ name }) => name === "api-settled")?.data).toMatchObject({
      outcome: "fulfilled",
    });
  });

  it("shows the app's mute and the stopped camera on the tracks that the stats name", () => {
    const { sessions, truth } = readCapture("muted-mic");
    const records = sessions[0]?.records ?? [];
    const sources = records.flatMap((record) =>
      record.kind === "sample" ? record.stats.filter(({ type }) => type === "media-source") : [],
    );
    const local = eventsOf(records).filter(
      ({ name, data }) => name === "track-state-changed" && data?.["direction"] === "local",
    );
    const audioId = sources.find((source) => source["kind"] === "audio")?.["trackIdentifier"];
    const audio = local.filter(({ data }) => data?.["trackId"] === audioId);
    expect(audio.map(({ data }) => data?.["enabled"])).toEqual([true, false, true]);
    expect(Math.abs((audio[1]?.at ?? 0) - (truth.impairments[0]?.from ?? 0))).toBeLessThan(50);
    expect(local.at(-1)?.data).toMatchObject({ kind: "video", readyState: "ended", stoppedByApp: true });
  });

  it("keeps connection states, and signalling as the app's own event", () => {
    const failed = eventsOf(readCapture("ice-failure-initial").sessions[0]?.records ?? []);
    const states = failed.filter(({ name }) => name === "connection-state-changed");
    expect(states.map(({ data }) => data?.["state"])).toEqual(["connecting", "failed"]);
    const dropped = eventsOf(readCapture("signalling-drop").sessions[0]?.records ?? []);
    expect(dropped.find(({ name }) => name === "app-event")?.data).toEqual({
      name: "signalling.close",
      data: { code: 1006 },
    });
  });

  it("says nothing of a remote track that its recording cannot identify", () => {
    const cleo = readCapture("sfu-3p").sessions[2];
    const ids = eventsOf(cleo?.records ?? []).flatMap(({ name, data }) =>
      name === "track-state-changed" && data?.["direction"] === "remote" ? [data["trackId"]] : [],
    );
    expect(ids).toEqual([]);
  });
});

describe("captureSessions", () => {
  it("is ready for a server, with ids that differ", () => {
    const sessions = sampleCaptures.flatMap((name) => captureSessions(name));
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(14);
    for (const { createdAt, records, sample } of sessions) {
      expect(sample).toBe(true);
      expect(createdAt).toBe(records[0]?.at);
      expect(createdAt).toBeGreaterThan(1.79e12);
    }
  });
});
