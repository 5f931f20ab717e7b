import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createRecordingReader, readGetStatsLines } from "@peerscope/interop";
import { readCaptureGetStats } from "@peerscope/scenarios";
import type { SessionAnalysis, SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { createSessionObserver } from "./session-observer.ts";

/**
 * What other tools recorded of a call, beside what the page itself saw: the analysis says the same, but for what the form of the
 * recording keeps from it. docs/reference/interop.md says why.
 */

function analyse(records: readonly SessionRecord[], peer: string): SessionAnalysis {
  const observer = createSessionObserver({ sessionId: `session-${peer}`, peer });
  for (const record of records) observer.push(record);
  return observer.finish();
}

/** Of each observation above info when the first began and the last ended. */
function spans({ observations }: SessionAnalysis): Map<string, { start: number; end: number }> {
  const found = new Map<string, { start: number; end: number }>();
  for (const { id, severity, startedAt, clearedAt } of observations) {
    if (severity === "info") continue;
    const { start, end } = found.get(id) ?? { start: Number.POSITIVE_INFINITY, end: 0 };
    found.set(id, {
      start: Math.min(start, startedAt),
      end: Math.max(end, clearedAt ?? Number.POSITIVE_INFINITY),
    });
  }
  return found;
}

/** In words: "- id" is only in the page's own, "+ id" only in the other, "~ id" in both at other times. */
function differences(own: SessionAnalysis, other: SessionAnalysis, toleranceMs: number): string[] {
  const found: string[] = [];
  const [expected, got] = [spans(own), spans(other)];
  for (const [id, { start, end }] of expected) {
    const span = got.get(id);
    if (span === undefined) found.push(`- ${id}`);
    else if (Math.abs(span.start - start) > toleranceMs || Math.abs(span.end - end) > toleranceMs)
      found.push(`~ ${id}`);
  }
  for (const id of got.keys()) if (!expected.has(id)) found.push(`+ ${id}`);
  if (own.verdict.statedCause !== other.verdict.statedCause)
    found.push(`cause ${String(other.verdict.statedCause)}`);
  if (own.verdict.faultDomain !== other.verdict.faultDomain)
    found.push(`domain ${other.verdict.faultDomain}`);
  return found.sort();
}

/** The participants of a recording in `file`, each with what differs. */
function compare(
  capture: string,
  file: string,
  peers: readonly string[],
  toleranceMs: number,
): Record<string, string[]> {
  const reader = createRecordingReader(file);
  reader.push(
    gunzipSync(readFileSync(new URL(`../../scenarios/captures/${capture}/${file}`, import.meta.url))),
  );
  const { sessions } = reader.end();
  expect(sessions).toHaveLength(peers.length);
  const own = readGetStatsLines(readCaptureGetStats(capture)).sessions;
  const found: Record<string, string[]> = {};
  for (const [index, peer] of peers.entries()) {
    const page = analyse(own.find((session) => session.peer === peer)?.records ?? [], peer);
    const list = differences(page, analyse(sessions[index]?.records ?? [], peer), toleranceMs);
    if (list.length > 0) found[peer] = list;
  }
  return found;
}

/** Polled once a second, as the page itself did, at other moments. */
test.each(["good-call", "loss-10", "cap-150kbps", "sfu-3p"])("webrtc-internals dump of %s", (capture) => {
  expect(compare(capture, "webrtc_internals_dump.gz", ["a"], 2_000)).toEqual({});
});

/** Of ObserveRTC, with a sample every four seconds: times are within that and the two seconds of all others. */
const ofSamples: readonly (readonly [capture: string, Readonly<Record<string, readonly string[]>>])[] = [
  ["good-call", {}],
  ["loss-10", { a: ["~ audio-concealment"], b: ["~ audio-concealment"] }],
  ["high-jitter", {}],
  ["cap-150kbps", {}],
  [
    "outage-8s",
    {
      a: ["- transport-stalled", "cause downlink-outage"],
      b: ["- transport-stalled", "cause downlink-outage"],
    },
  ],
  ["ice-failure-initial", {}],
  ["cpu-throttle", { a: ["+ av-desync"] }],
  ["muted-mic", {}],
  // The client tells what statistics do not show.
  [
    "gum-denied",
    { a: ["+ media-permission-denied", "cause media-permission-denied", "domain publisher-device"] },
  ],
  ["sfu-3p", {}],
  ["firefox-good", {}],
  ["turn-relay", { a: ["- jitter-buffer-high"], b: ["- uplink-jitter"] }],
  ["signalling-drop", {}],
];

test.each(ofSamples)("ObserveRTC samples of %s", (capture, expected) => {
  const peers = capture === "sfu-3p" ? ["a", "b", "c"] : ["a", "b"];
  expect(compare(capture, "observertc.jsonl.gz", peers, 6_000)).toEqual(expected);
});
