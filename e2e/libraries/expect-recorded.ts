import { expect } from "vitest";
import type { SampleRecord } from "@peerscope/schema";
import { eventsOf, samplesOf } from "../client/sdk-lab.ts";
import type { LibraryRun } from "./library-lab.ts";

/** What holds for a call of any library, against the same page without the SDK. */
export function expectUnchanged(run: LibraryRun, without: LibraryRun): void {
  expect(run.told).toEqual(without.told);
  expect(run.remoteKinds).toEqual(without.remoteKinds);
  expect(run.played).toEqual(without.played);
  expect(run.played).toEqual([true, true, true]);
  expect(run.problems).toEqual([]);
  expect(without.problems).toEqual([]);
  expect(run.consoleErrors).toEqual(without.consoleErrors);
}

export interface Expected {
  /** Connections of one call that carry media. */
  readonly connectionsPerCall: number;
  /** Connections of one call over which this page sends its tracks. */
  readonly sendingPerCall: number;
  /** Calls of the library that must be seen on each connection that carries media, one of a pair separated by "|". */
  readonly methods: readonly string[];
}

/** The SDK saw every connection of the library from its creation to its end, with its tracks and statistics. */
export function expectRecorded(run: LibraryRun, expected: Expected): void {
  const { received, session } = run;
  if (!received || !session) throw new Error("The SDK sent nothing.");
  expect(received.errors).toEqual([]);
  expect(session.lost).toBe(0);
  expect(eventsOf(received, "sdk-error").map(({ data }) => data)).toEqual([]);
  expect(eventsOf(received, "session-ended").map(({ data }) => data.reason)).toEqual(["stopped"]);

  const ids = eventsOf(received, "connection-created").map(({ connectionId }) => connectionId ?? "none");
  expect(ids).toEqual(ids.map((_, index) => `pc-${index + 1}`));
  const states = (id: string): string[] =>
    eventsOf(received, "connection-state-changed", id).map(({ data }) => data.state);
  const connected = ids.filter((id) => states(id).includes("connected"));
  expect(connected).toHaveLength(2 * expected.connectionsPerCall);

  // The first call ended under the eyes of the SDK, the second after it had stopped.
  const closed = eventsOf(received, "connection-closed").map(({ connectionId }) => connectionId ?? "none");
  const first = connected.slice(0, expected.connectionsPerCall);
  const second = connected.slice(expected.connectionsPerCall);
  for (const id of first) expect(closed, `${id} of the first call closed`).toContain(id);
  for (const id of second) expect(closed, `${id} of the second call open`).not.toContain(id);

  for (const id of connected) {
    const called = eventsOf(received, "api-called", id).map(({ data }) => data.method);
    for (const method of expected.methods) {
      expect(
        method.split("|").some((name) => called.includes(name)),
        `${id}: ${method} in ${called.join(" ")}`,
      ).toBe(true);
    }
    // When it became connected, and when the call was up.
    expect(samplesOf(received, id).length, `samples of ${id}`).toBeGreaterThanOrEqual(2);
  }
  const settled = new Set(eventsOf(received, "api-settled").map(({ data }) => data.callId));
  const openCalls = eventsOf(received, "api-called").filter(({ data }) => !settled.has(data.callId));
  expect(openCalls.map(({ data }) => data.method)).toEqual([]);

  expectTracks(run, connected, expected);
}

function expectTracks(
  { received, session }: LibraryRun,
  connected: readonly string[],
  expected: Expected,
): void {
  if (!received || !session) return;
  const seen = connected.flatMap((id) =>
    eventsOf(received, "track-state-changed", id).map(({ data }) => ({ id, ...data })),
  );
  const local = seen.filter(({ direction }) => direction === "local");
  for (const trackId of session.localTracks) {
    const carriers = new Set(local.filter((track) => track.trackId === trackId).map(({ id }) => id));
    expect(carriers.size, `connections that send ${trackId}`).toBe(expected.sendingPerCall);
    for (const id of carriers) {
      // media-source is the track that outbound-rtp sends: this is what binds a track to its statistics.
      const bound = samplesOf(received, id).some((sample) => sends(sample, trackId));
      expect(bound, `outbound-rtp of ${trackId} on ${id}`).toBe(true);
    }
  }
  const remote = seen.filter(({ direction }) => direction === "remote").map(({ trackId }) => trackId);
  for (const trackId of session.remoteTracks) expect(remote).toContain(trackId);
  for (const trackId of session.remoteTracks) {
    const heard = connected.some((id) =>
      samplesOf(received, id).some(({ stats }) =>
        stats.some((entry) => entry.type === "inbound-rtp" && entry["trackIdentifier"] === trackId),
      ),
    );
    expect(heard, `inbound-rtp of ${trackId}`).toBe(true);
  }
}

/** Data channels that were seen open in the samples. */
export function openChannels({ received }: LibraryRun): number {
  const open = (received?.records ?? []).flatMap((record) =>
    record.kind === "sample"
      ? record.stats
          .filter((entry) => entry.type === "data-channel" && entry["state"] === "open")
          .map(({ id }) => `${record.connectionId} ${id}`)
      : [],
  );
  return new Set(open).size;
}

/** A report in which a sender sends this track. */
function sends({ stats }: SampleRecord, trackId: string): boolean {
  const source = stats.find((entry) => entry.type === "media-source" && entry["trackIdentifier"] === trackId);
  return stats.some(
    (entry) => source !== undefined && entry.type === "outbound-rtp" && entry["mediaSourceId"] === source.id,
  );
}
