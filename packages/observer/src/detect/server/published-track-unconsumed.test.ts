import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { person, received, second, sent, times } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "published-track-unconsumed")
    .map(
      ({ severity, scope, startedAt, clearedAt }) =>
        `${severity} ${scope.sessionId} ${scope.kind} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

const clean = times(6, 0);

/** p0's microphone is received; what its camera does is given as bytes of each window. */
function call(
  bytes: readonly (number | null)[],
  others = [received(10, clean, { trackId: "mic" })],
): SessionAnalysis[] {
  const video = sent(2, times(bytes.length, 0), {
    kind: "video",
    trackId: "cam",
    mid: "1",
    bytes,
    level: [],
  });
  return [person("p0", [sent(1, clean, { trackId: "mic", mid: "0" }), video]), person("p1", others)];
}

test("a camera at 50 kbit/s for 30 s that nobody received is told, and is no cause", () => {
  expect(found(call([0, 62_500, 62_500, 62_500, 0, 0]))).toEqual(["info p0 video 10000..40000"]);
  expect(analyseCall(call(times(6, 62_500))).verdict.statedCause).toBeNull();
});

test.each<[string, SessionAnalysis[]]>([
  ["below the rate", call(times(6, 62_000))],
  ["for 20 s", call([62_500, 62_500, 0, 0, 0, 0])],
  [
    "when somebody receives it",
    call(times(6, 90_000), [
      received(10, clean, { trackId: "mic" }),
      received(11, clean, { kind: "video", trackId: "cam" }),
    ]),
  ],
  [
    "when it is not known whose media is received",
    call(times(6, 90_000), [received(10, clean, { trackId: "mic" }), received(11, clean, { kind: "video" })]),
  ],
  ["when nobody else is there", call(times(6, 90_000)).slice(0, 1)],
  ["when it is not known what it sent", call(times(6, null))],
])("not raised %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("it ends when somebody receives it", () => {
  const late = received(11, [null, null, null, null, 0, 0], { kind: "video", trackId: "cam" });
  expect(found(call(times(6, 90_000), [received(10, clean, { trackId: "mic" }), late]))).toEqual([
    "info p0 video 0..40000",
  ]);
});
