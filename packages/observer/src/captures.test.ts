import { readGetStatsLines } from "@peerscope/interop";
import type { Observation, SessionAnalysis } from "@peerscope/schema";
import { type CaptureName, captureNames, readCapture, readCaptureGetStats } from "@peerscope/scenarios";
import { describe, expect, test } from "vitest";
import { analyseCall } from "./call-observer.ts";
import { observationCatalog } from "./detect/catalog.ts";
import { describeVerdict } from "./words/index.ts";
import { createSessionObserver } from "./session-observer.ts";

/** Analyses of a capture by participant: raw statistics as `peerscope analyze` takes them, or with the lab's events. */
function analyse(name: CaptureName, form: "statistics" | "with events"): Map<string, SessionAnalysis> {
  const sessions =
    form === "statistics"
      ? readGetStatsLines(readCaptureGetStats(name)).sessions
      : readCapture(name).sessions;
  const result = new Map<string, SessionAnalysis>();
  for (const { peer, records } of sessions) {
    const observer = createSessionObserver({ sessionId: `${name}-${peer}`, peer });
    for (const record of records) observer.push(record);
    result.set(peer, observer.finish());
  }
  return result;
}

const scores = new Map<CaptureName, Map<string, SessionAnalysis["score"]>>();

function scoresOf(name: CaptureName): Map<string, SessionAnalysis["score"]> {
  const known = scores.get(name);
  if (known !== undefined) return known;
  const found = new Map([...analyse(name, "with events")].map(([peer, { score }]) => [peer, score]));
  scores.set(name, found);
  return found;
}

function above(analysis: SessionAnalysis | undefined): Observation[] {
  return (analysis?.observations ?? []).filter(({ severity }) => severity !== "info");
}

function of(analysis: SessionAnalysis | undefined, id: string): Observation[] {
  return above(analysis).filter((observation) => observation.id === id);
}

const ids = (analysis: SessionAnalysis | undefined): string[] =>
  [...new Set(above(analysis).map(({ id }) => id))].sort();

/** Seconds between two instants, both known to be there. */
const within = (at: number | null | undefined, truth: number, seconds: number): boolean =>
  typeof at === "number" && Math.abs(at - truth) <= seconds * 1000;

const noEnd = ["publisher-uplink", "receiver-downlink"];

for (const form of ["statistics", "with events"] as const) {
  describe(`recorded calls, ${form}`, () => {
    test.each(captureNames.filter((name) => readCapture(name).truth.healthy))(
      "%s: nothing above info on anybody",
      (name) => {
        for (const analysis of analyse(name, form).values()) {
          expect(above(analysis).map(({ id }) => id)).toEqual([]);
          expect(analysis.verdict.statedCause).toBeNull();
          expect(analysis.verdict.faultDomain).toBe("unknown");
        }
      },
    );

    test("loss-10: both directions of both people, with the times of the impairment, and no end of the path", () => {
      const [impairment] = readCapture("loss-10").truth.impairments;
      const sessions = analyse("loss-10", form);
      for (const analysis of sessions.values()) {
        for (const id of ["uplink-loss", "downlink-loss"]) {
          const found = of(analysis, id);
          expect(found).toHaveLength(2);
          for (const { startedAt, clearedAt, peak, parentId } of found) {
            // A receiver report tells of the seconds before it; audio reports come every three to ten seconds.
            expect(within(startedAt, impairment?.from ?? 0, 3)).toBe(true);
            expect(within(clearedAt, impairment?.to ?? 0, 6)).toBe(true);
            expect(Number(peak?.value)).toBeGreaterThan(8);
            expect(Number(peak?.value)).toBeLessThan(25);
            expect(parentId).toBeNull();
          }
        }
        expect(["uplink-loss", "downlink-loss"]).toContain(analysis.verdict.statedCause);
        expect(analysis.verdict.faultDomain).toBe("unknown");
        expect(analysis.verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual(noEnd);
        expect(new Set(analysis.verdict.alternatives.map(({ confidence }) => confidence)).size).toBe(1);
        expect(analysis.verdict.missing.length).toBeGreaterThan(0);
        for (const effect of of(analysis, "audio-concealment"))
          expect(effect.parentId).toMatch(/^downlink-loss/);
      }
      const call = analyseCall([...sessions.values()]);
      expect(call.verdict.statedCause).toBe("uplink-loss");
      expect(call.verdict.faultDomain).toBe("unknown");
    });

    test("outage-8s: a critical outage of both streams on both sides, freezes and gaps under it", () => {
      const [impairment] = readCapture("outage-8s").truth.impairments;
      for (const analysis of analyse("outage-8s", form).values()) {
        const outages = of(analysis, "downlink-outage");
        expect(outages.map(({ scope }) => scope.kind ?? "").toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
          "audio",
          "video",
        ]);
        for (const { severity, startedAt, clearedAt } of outages) {
          expect(severity).toBe("critical");
          expect(within(startedAt, impairment?.from ?? 0, 0.5)).toBe(true);
          expect(within(clearedAt, impairment?.to ?? 0, 1)).toBe(true);
        }
        expect(ids(analysis)).toEqual([
          "audio-concealment",
          "downlink-outage",
          "transport-stalled",
          "video-freeze",
        ]);
        // Every stream stopped at once, and path checks with them: it was the path, not one of the streams.
        const [stalled] = of(analysis, "transport-stalled");
        expect(within(stalled?.startedAt, impairment?.from ?? 0, 1)).toBe(true);
        expect(within(stalled?.clearedAt, impairment?.to ?? 0, 1)).toBe(true);
        for (const { parentId } of outages) expect(parentId).toBe(stalled?.key);
        for (const effect of [...of(analysis, "audio-concealment"), ...of(analysis, "video-freeze")]) {
          expect(effect.parentId).toMatch(/^downlink-outage/);
        }
        expect(analysis.verdict.statedCause).toBe("transport-stalled");
        expect(analysis.verdict.faultDomain).toBe("unknown");
        expect(analysis.verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual(noEnd);
      }
    });

    test("cap-150kbps: a is limited on the way out; b suffers and its own way out is not blamed", () => {
      const [impairment] = readCapture("cap-150kbps").truth.impairments;
      const sessions = analyse("cap-150kbps", form);
      const [limited] = of(sessions.get("a"), "uplink-bandwidth-limited");
      expect(limited?.severity).toBe("major");
      expect(limited?.scope.direction).toBe("outbound");
      expect(within(limited?.startedAt, impairment?.from ?? 0, 2)).toBe(true);
      expect(sessions.get("a")?.verdict.statedCause).toBe("uplink-bandwidth-limited");
      expect(ids(sessions.get("b")).filter((id) => id.startsWith("uplink-"))).toEqual([]);
      expect(sessions.get("b")?.verdict.faultDomain).toBe("unknown");
      const call = analyseCall([...sessions.values()]);
      expect(call.verdict.statedCause).toBe("uplink-bandwidth-limited");
      expect(call.verdict.for[0]?.text).toContain(form === "statistics" ? "from a to b" : "from anna to ben");
    });

    test("ice-failure-initial: never connected, because no check was answered, on both sides", () => {
      for (const analysis of analyse("ice-failure-initial", form).values()) {
        expect(ids(analysis)).toEqual(["connection-never-established", "ice-checks-failed"]);
        const [never] = of(analysis, "connection-never-established");
        const [checks] = of(analysis, "ice-checks-failed");
        expect(never?.severity).toBe("critical");
        expect(checks?.severity).toBe("critical");
        expect(never?.parentId).toBe(checks?.key);
        expect(analysis.verdict.statedCause).toBe("ice-checks-failed");
        expect(analysis.score.class).toBe("failed");
      }
    });

    test("high-jitter: jitter both ways on both sides, and the estimate that reacts to it is not the cause", () => {
      for (const analysis of analyse("high-jitter", form).values()) {
        const causes = above(analysis).filter(
          ({ id, parentId }) => parentId === null && observationCatalog.get(id)?.effect === false,
        );
        expect([...new Set(causes.map(({ id }) => id))].sort()).toEqual(["downlink-jitter", "uplink-jitter"]);
        expect(analysis.verdict.statedCause).toMatch(/-jitter$/);
      }
    });

    test("turn-relay: loss in the time of the impairment only", () => {
      const [impairment] = readCapture("turn-relay").truth.impairments;
      for (const analysis of analyse("turn-relay", form).values()) {
        expect(of(analysis, "downlink-loss").length).toBe(2);
        for (const { startedAt, clearedAt } of of(analysis, "downlink-loss")) {
          expect(within(startedAt, impairment?.from ?? 0, 2)).toBe(true);
          expect(within(clearedAt, impairment?.to ?? 0, 2)).toBe(true);
        }
        for (const { startedAt } of above(analysis)) {
          expect(startedAt).toBeGreaterThan((impairment?.from ?? 0) - 4000);
        }
        expect(analysis.verdict.statedCause).toMatch(/-loss$/);
      }
    });

    test("muted-mic: nobody is accused of a muted microphone or a switched-off camera", () => {
      for (const analysis of analyse("muted-mic", form).values()) {
        expect(ids(analysis)).toEqual([]);
        expect(analysis.verdict.statedCause).toBeNull();
      }
      const silent = analyse("muted-mic", form)
        .get("a")
        ?.observations.filter(({ id }) => id === "microphone-silent");
      // With the mute known it is expected; from statistics alone it is context that says what is missing.
      expect(silent?.map(({ severity }) => severity)).toEqual(form === "statistics" ? ["info"] : []);
      if (form === "statistics") expect(silent?.[0]?.missing).not.toEqual([]);
    });

    test("muted-mic: everybody in the call can know when a could not be heard", () => {
      const { truth } = readCapture("muted-mic");
      const muted = truth.impairments.find(({ action }) => action === "microphone-muted");
      const sessions = analyse("muted-mic", form);
      const call = analyseCall([...sessions.values()]);
      const spans = call.sessions.map(({ microphoneOff }) => microphoneOff ?? []);
      expect(spans[1]).toEqual([]);
      expect(spans[0]?.map(({ reason }) => reason)).toEqual([
        form === "statistics" ? "silent" : "switched-off",
      ]);
      expect(within(spans[0]?.[0]?.from, muted?.from ?? 0, form === "statistics" ? 6 : 1)).toBe(true);
      expect(within(spans[0]?.[0]?.to, muted?.to ?? 0, form === "statistics" ? 6 : 1)).toBe(true);
    });

    test("cpu-throttle: a's slow device is found, and neither b nor the path is blamed for it", () => {
      const [impairment] = readCapture("cpu-throttle").truth.impairments;
      const sessions = analyse("cpu-throttle", form);
      const [overloaded, ...more] = above(sessions.get("a"));
      expect(overloaded).toMatchObject({ id: "encoder-overloaded", severity: "major", parentId: null });
      expect(more).toEqual([]);
      expect(within(overloaded?.startedAt, impairment?.from ?? 0, 2)).toBe(true);
      expect(within(overloaded?.clearedAt, impairment?.to ?? 0, 2)).toBe(true);
      const device = { faultDomain: "publisher-device", statedCause: "encoder-overloaded", alternatives: [] };
      expect(sessions.get("a")?.verdict).toMatchObject(device);
      const b = sessions.get("b");
      expect(above(b).filter(({ id }) => id !== "video-freeze")).toEqual([]);
      expect(b?.verdict).toMatchObject({ faultDomain: "unknown", statedCause: null, alternatives: [] });
      const call = analyseCall([...sessions.values()]);
      expect(call.verdict).toMatchObject(device);
      expect(call.people).toEqual(
        form === "statistics" ? { sender: "a", receiver: "b" } : { sender: "anna", receiver: "ben" },
      );
    });

    test("sfu-3p: clean for 20 s; then a's legs are named, and b and c are told it comes from elsewhere", () => {
      const [impairment] = readCapture("sfu-3p").truth.impairments;
      const sessions = analyse("sfu-3p", form);
      for (const analysis of sessions.values()) {
        for (const { startedAt } of above(analysis)) {
          expect(startedAt).toBeGreaterThan((impairment?.from ?? 0) - 2000);
        }
      }
      expect(ids(sessions.get("a"))).toEqual(expect.arrayContaining(["uplink-loss", "downlink-loss"]));
      expect(sessions.get("a")?.verdict).toMatchObject({
        faultDomain: "publisher-uplink",
        statedCause: "uplink-loss",
      });
      for (const peer of ["b", "c"]) {
        const verdict = sessions.get(peer)?.verdict;
        expect(verdict?.faultDomain).toBe("unknown");
        expect(verdict?.alternatives[0]?.faultDomain).toBe("remote");
        expect(ids(sessions.get(peer)).filter((id) => id.startsWith("uplink-"))).toEqual([]);
      }
      expect(analyseCall([...sessions.values()]).verdict).toMatchObject({
        faultDomain: "publisher-uplink",
        statedCause: "uplink-loss",
      });
    });

    test("every expected observation is there, and the order of the sessions does not matter to the call", () => {
      for (const name of captureNames) {
        const sessions = analyse(name, form);
        for (const { peer, observationId } of readCapture(name).truth.expected) {
          // Statistics do not show a refused permission.
          if (form === "statistics" && observationId === "media-permission-denied") continue;
          expect(ids(sessions.get(peer)), `${name} ${peer}`).toContain(observationId);
        }
        const all = [...sessions.values()];
        expect(analyseCall(all)).toEqual(analyseCall(all.toReversed()));
      }
    });
  });
}

test("gum-denied: the refused permission is stated from the events", () => {
  const sessions = analyse("gum-denied", "with events");
  expect(ids(sessions.get("a"))).toEqual(["media-permission-denied"]);
  expect(sessions.get("a")?.verdict).toMatchObject({
    faultDomain: "publisher-device",
    confidence: 0.9,
    statedCause: "media-permission-denied",
  });
  expect(ids(sessions.get("b"))).toEqual([]);
});

test("outage-8s: seen live within four seconds of its onset", () => {
  const { sessions, truth } = readCapture("outage-8s");
  const onset = truth.impairments[0]?.from ?? 0;
  for (const { peer, records } of sessions) {
    const observer = createSessionObserver({ sessionId: peer });
    let seenAt: number | null = null;
    for (const record of records) {
      observer.push(record);
      if (seenAt === null && observer.analysis().observations.some(({ id }) => id === "downlink-outage"))
        seenAt = record.at;
    }
    expect(((seenAt ?? Number.POSITIVE_INFINITY) - onset) / 1000).toBeLessThan(4);
  }
});

test("what is missing takes one sentence of a line each, in every recorded call", () => {
  for (const name of captureNames) {
    const sessions = [...analyse(name, "with events").values()];
    for (const { verdict, observations } of [...sessions, { ...analyseCall(sessions), observations: [] }]) {
      for (const line of describeVerdict(verdict, observations).missingLines) {
        expect(line).toMatch(/^[A-Z].{0,108}\.$/);
      }
    }
  }
});

test("an analysis is what describes a session: members that others rely on", () => {
  const analysis = analyse("loss-10", "with events").get("a");
  const keys = analysis?.observations.map(({ key }) => key) ?? [];
  expect(new Set(keys).size).toBe(keys.length);
  for (const { parentId } of analysis?.observations ?? [])
    if (parentId !== null) expect(keys).toContain(parentId);
  for (const observation of analysis?.observations ?? []) {
    expect(observation.clearedAt).not.toBeNull();
    expect(observation.endReason).not.toBeNull();
    expect(observation.evidence.length).toBeGreaterThan(0);
  }
});

/** What the score says of every recorded person; a change of it has to be meant. */
test.each<[CaptureName, string, number | null, string]>([
  ["good-call", "a", 89.4, "good"],
  ["good-call", "b", 88.4, "good"],
  ["loss-10", "a", 73.3, "fair"],
  ["loss-10", "b", 74, "fair"],
  ["high-jitter", "a", 78.2, "fair"],
  ["high-jitter", "b", 80, "good"],
  ["cap-150kbps", "a", 95.2, "good"],
  ["cap-150kbps", "b", 66.6, "fair"],
  ["outage-8s", "a", 57.7, "poor"],
  ["outage-8s", "b", 58.1, "poor"],
  ["ice-failure-initial", "a", 0, "failed"],
  ["ice-failure-initial", "b", 0, "failed"],
  ["cpu-throttle", "a", 93.3, "good"],
  ["cpu-throttle", "b", 84.9, "good"],
  ["muted-mic", "a", 95.2, "good"],
  ["muted-mic", "b", 93.9, "good"],
  ["gum-denied", "a", 93.4, "good"],
  ["gum-denied", "b", null, "not-measured"],
  ["sfu-3p", "a", 79.3, "fair"],
  ["sfu-3p", "b", 85.5, "good"],
  ["sfu-3p", "c", 91, "good"],
  ["firefox-good", "a", 93, "good"],
  ["firefox-good", "b", 76.7, "fair"],
  ["turn-relay", "a", 62.7, "fair"],
  ["turn-relay", "b", 70.4, "fair"],
  ["signalling-drop", "a", 94.6, "good"],
  ["signalling-drop", "b", 94.7, "good"],
])("%s: %s scores %s, %s", (name, peer, value, word) => {
  const score = scoresOf(name).get(peer);
  if (value === null) expect(score?.value).toBeNull();
  else expect(Math.abs((score?.value ?? NaN) - value)).toBeLessThan(0.06);
  expect(score?.class).toBe(word);
});
