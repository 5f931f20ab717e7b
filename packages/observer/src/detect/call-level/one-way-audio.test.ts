import type { DrySpan, SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { describeObservation } from "../../words/index.ts";
import { noticed, person, received, second, sent } from "../../testing/call-people.ts";

interface Side {
  /** Level of the microphone, packets sent, packets that arrive at the other side, level there; by window. */
  readonly captured?: readonly (number | null)[];
  readonly sent?: readonly (number | null)[];
  readonly received?: readonly (number | null)[];
  readonly played?: readonly (number | null)[];
  readonly dry?: readonly DrySpan[];
}

const usual = (value: number): number[] => [value, value, value, value, value, value];

function call(anna: Side, ben: Side = {}, topology: "server" | "unknown" = "unknown"): SessionAnalysis[] {
  const clean = usual(0);
  const out = (ssrc: number, side: Side): ReturnType<typeof sent> =>
    sent(ssrc, clean, {
      level: side.captured ?? usual(0.05),
      packets: side.sent ?? usual(500),
      dry: side.dry ?? [],
    });
  const into = (ssrc: number, side: Side): ReturnType<typeof received> =>
    received(ssrc, clean, { packets: side.received ?? usual(500), level: side.played ?? usual(0.05) });
  const share = { topology };
  return [
    person("anna", [out(1, anna), into(2, ben)], { share }),
    person("ben", [out(2, ben), into(1, anna)], { share }),
  ];
}

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "one-way-audio")
    .map(
      ({ severity, scope, startedAt, clearedAt, evidence }) =>
        `${severity} ${scope.sessionId} of ${scope.peerParticipantId} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)} ${typeof evidence[0]?.value === "string" ? evidence[0].value : ""}`,
    );

const gone = [500, 500, 0, 0, 500, 500];
const silent = [0.05, 0.05, 0, 0, 0.05, 0.05];

test.each<[string, SessionAnalysis[], string[]]>([
  [
    "sent and not received",
    call({ received: gone, played: [0.05, 0.05, null, null, 0.05, 0.05] }),
    ["critical ben of anna 20000..40000 received"],
  ],
  ["received and silent", call({ played: silent }), ["critical ben of anna 20000..40000 played"]],
  [
    "captured and not sent",
    call({ sent: gone, received: gone, played: silent }),
    ["critical ben of anna 20000..40000 sent"],
  ],
  ["over a server too", call({ played: silent }, {}, "server"), ["critical ben of anna 20000..40000 played"]],
  [
    "one window without a packet is 10 s",
    call({ received: [500, 500, 0, 500, 500, 500], played: silent }),
    ["critical ben of anna 20000..30000 received"],
  ],
])("raised: %s", (_name, sessions, expected) => {
  expect(found(sessions)).toEqual(expected);
});

test.each<[string, SessionAnalysis[]]>([
  ["all is heard", call({})],
  ["silent for one window only", call({ played: [0.05, 0.05, 0, 0.05, 0.05, 0.05] })],
  ["nobody speaks", call({ captured: usual(0.009), received: gone, played: silent })],
  ["the microphone is silent while muted", call({ captured: silent, played: silent })],
  [
    "sending was switched off",
    call({
      sent: gone,
      received: gone,
      played: silent,
      dry: [{ from: second(20), to: second(40), intended: true }],
    }),
  ],
  [
    "the level of the microphone is not known",
    call({ captured: usual(0).map(() => null), received: gone, played: silent }),
  ],
  ["the other way is dead too", call({ received: gone, played: silent }, { received: gone, played: silent })],
  ["only one side was recorded", call({ played: silent }).slice(0, 1)],
])("not raised: %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("in a larger room over a server an app may choose who hears whom", () => {
  expect(found([...call({ played: silent }, {}, "server"), person("cleo", [])])).toEqual([]);
});

test("the failed point says whose side it can be, and words name it", () => {
  const { verdict, observations, people } = analyseCall(call({ played: silent }));
  expect(verdict).toMatchObject({ statedCause: "one-way-audio", faultDomain: "unknown" });
  expect(verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual([
    "application",
    "receiver-device",
  ]);
  expect(people).toEqual({ sender: "anna", receiver: "ben" });
  const [first] = observations;
  if (first === undefined) throw new Error("nothing found");
  expect(describeObservation(first).sentence).toContain("It arrived and was silent.");
});

test("what one of the two sessions found is its parent", () => {
  const [anna, ben] = call({ played: silent });
  if (anna === undefined || ben === undefined) throw new Error("no call");
  const refused = noticed("playback-blocked", 18, 45, { scope: { sessionId: "ben", participantId: null } });
  const analysed = analyseCall([anna, { ...ben, observations: [refused] }]);
  expect(analysed.observations[0]?.parentId).toBe(refused.key);
  expect(analysed.verdict.statedCause).toBe("playback-blocked");
});
