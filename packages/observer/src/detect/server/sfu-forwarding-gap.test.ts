import type { DrySpan, SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { person, received, second, sent, times } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "sfu-forwarding-gap")
    .map(
      ({ severity, scope, startedAt, clearedAt }) =>
        `${severity} ${scope.sessionId} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

const dry = (from: number, to: number): DrySpan[] => [{ from: second(from), to: second(to) }];
const clean = times(6, 0);

interface Change {
  readonly gaps?: readonly DrySpan[][];
  readonly uplink?: readonly (number | null)[];
  readonly sentDry?: readonly DrySpan[];
  readonly othersDry?: readonly DrySpan[];
  readonly topology?: "server" | "unknown";
}

/** p0 sends to p1 and p2, who also receive each other. */
function call({
  gaps = [dry(20, 30), []],
  uplink = clean,
  sentDry = [],
  othersDry = [],
  topology = "server",
}: Change = {}): SessionAnalysis[] {
  const share = { topology };
  return [
    person("p0", [sent(1, uplink, { trackId: "one", dry: sentDry })], { share }),
    ...[1, 2].map((own) =>
      person(
        `p${own}`,
        [
          sent(own + 1, clean, { trackId: `of-${own}` }),
          received(10 + own, clean, { trackId: "one", dry: gaps[own - 1] ?? [] }),
          received(20 + own, clean, { trackId: `of-${3 - own}`, dry: own === 1 ? othersDry : [] }),
        ],
        { share },
      ),
    ),
  ];
}

test("one of two receivers goes without: minor, and an app that paused it stays possible", () => {
  expect(found(call())).toEqual(["minor p1 20000..30000"]);
  const { verdict } = analyseCall(call());
  expect(verdict).toMatchObject({ statedCause: "sfu-forwarding-gap", faultDomain: "unknown" });
  expect(verdict.alternatives).toEqual([
    { faultDomain: "application", confidence: 0.5 },
    { faultDomain: "sfu", confidence: 0.5 },
  ]);
});

test("nobody gets it: critical, about the sender's media, and the server is stated", () => {
  const sessions = call({ gaps: [dry(20, 30), dry(21, 31)] });
  expect(found(sessions)).toEqual(["critical p0 21000..30000"]);
  expect(analyseCall(sessions).verdict).toMatchObject({ faultDomain: "sfu", confidence: 0.8 });
});

test("exactly five seconds in common are enough", () => {
  expect(found(call({ gaps: [dry(20, 26), dry(21, 27)] }))).toEqual(["critical p0 21000..26000"]);
  expect(found(call({ gaps: [dry(20, 26), dry(22, 28)] })).map((line) => line.split(" ")[0])).toEqual([
    "minor",
    "minor",
  ]);
});

test.each<[string, Change]>([
  ["when the sender stopped sending", { sentDry: dry(20, 30) }],
  ["when the way to the server was bad", { uplink: [0, 0, 2, 0, 0, 0] }],
  ["when nothing is known of that way", { uplink: times(6, null) }],
  ["when nothing else arrives there either", { othersDry: dry(20, 30) }],
  ["without a server", { topology: "unknown" }],
])("not raised %s", (_name, change) => {
  expect(found(call(change))).toEqual([]);
});

test("another layer of the same source arrives: switched, not missing", () => {
  const layer = { kind: "video", mid: "1" } as const;
  const sessions = [
    person("p0", [sent(1, clean, layer), sent(2, clean, layer)]),
    person("p1", [
      received(1, clean, { kind: "video", dry: dry(20, 40) }),
      received(2, clean, { kind: "video" }),
      received(3, clean),
    ]),
    person("p2", [sent(3, clean), received(2, clean, { kind: "video" })]),
  ];
  expect(found(sessions)).toEqual([]);
});
