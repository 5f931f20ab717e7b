import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import {
  begins,
  calls,
  connecting,
  describes,
  facts,
  ice,
  outcomes,
  state,
} from "../../testing/negotiate.ts";

/** Agreed at once; ICE finds a path after some seconds, DTLS is done after some more. */
function joins(iceSeconds: number, dtlsSeconds: number, call: CallBuilder = begins()): CallBuilder {
  describes(call, "Local", "offer").skip(0.1);
  describes(call, "Remote", "answer");
  ice(state(call, "connecting"), "checking").skip(iceSeconds);
  ice(call, "connected").skip(dtlsSeconds);
  return state(call, "connected");
}

const picturesOnly: Changes = { inAudio: null, remoteOutAudio: null };
const noPicture: Changes = { ...picturesOnly, inVideo: { framesDecoded: 0 } };
const prompt = (call: CallBuilder, seconds: number): CallBuilder =>
  calls(call.skip(seconds), "getUserMedia", null, { page: true, durationMs: seconds * 1000 });

/** The far end's stream too: a media server is in between. */
function overServer(call: CallBuilder): CallBuilder {
  const more = call.records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "IA"
              ? [stats, { ...stats, id: "IA2", ssrc: 77, trackIdentifier: "third" }]
              : [stats],
          ),
        }
      : record,
  );
  call.records.splice(0, call.records.length, ...more);
  return call;
}

test.each<[string, CallBuilder, string[]]>([
  ["at once", joins(0.3, 0.1).run(10), []],
  ["4.9 s", joins(4.5, 0.4).run(10), []],
  ["5.2 s", joins(4.8, 0.4).run(10), ["minor cleared"]],
  ["11 s", joins(10.5, 0.5).run(10), ["major cleared"]],
  ["once per session", joins(1, 0.2).run(10).skip(0), []],
  ["nothing is received", joins(12, 0.5).run(10, { inAudio: null, inVideo: null }), []],
  ["nobody sends for a minute", joins(1, 0.2).run(60, { inAudio: null, inVideo: null }).run(10), []],
  [
    "a picture that comes 8 s after its packets",
    joins(0.5, 0.2).run(8, noPicture).run(5, picturesOnly),
    ["minor cleared"],
  ],
  ["the person waits in a lobby", joins(0.5, 0.2, begins().skip(120)).run(10), []],
  [
    "hidden when the media comes",
    joins(12, 0.5, begins().event("page-visibility-changed", { visible: false })).run(10),
    [],
  ],
  [
    "asleep while it connects",
    state(joins(1, 0, begins()).run(3, connecting).skip(600), "connected").run(10),
    [],
  ],
  ["plain statistics, sampled each 8 s: the shorter bound", buildCall(8).run(8, connecting).run(40), []],
  ["plain statistics, 15 s of trying", buildCall().run(15, connecting).run(10), ["major cleared"]],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "join-slow")).toEqual(expected);
});

test("time in which the person is asked is shown and not counted", () => {
  const call = describes(begins(), "Local", "offer");
  describes(call, "Remote", "answer");
  state(call, "connecting");
  state(prompt(call, 9).skip(1), "connected").run(10);
  expect(outcomes(call, "join-slow")).toEqual([]);
  const slow = describes(begins(), "Local", "offer");
  describes(slow, "Remote", "answer");
  state(slow, "connecting");
  const [found] = state(prompt(slow, 9).skip(6), "connected").run(10).analyse().observations;
  expect(found?.severity).toBe("minor");
  expect(found?.peak?.value).toBe(6);
  expect(found?.evidence.find(({ field }) => field === "promptMs")?.value).toBe(9000);
});

test("waiting for the answer counts where a server gives it, and not where a person may", () => {
  const answeredAfter = (seconds: number): CallBuilder => {
    const call = describes(begins(), "Local", "offer").skip(seconds);
    describes(call, "Remote", "answer");
    return state(state(call, "connecting").skip(0.5), "connected").run(10);
  };
  expect(outcomes(answeredAfter(9), "join-slow")).toEqual([]);
  expect(outcomes(overServer(answeredAfter(9)), "join-slow")).toEqual(["minor cleared"]);
});

test("the phases are named, and nobody is accused", () => {
  const { observations, verdict } = joins(10, 2).run(10).analyse();
  const found = observations.find(({ id }) => id === "join-slow");
  expect(facts(found)).toEqual([
    "joinSeconds=12",
    "longestPhase=ice",
    "signallingMs=0",
    "iceMs=10000",
    "dtlsMs=2000",
    "firstFrameMs=0",
    "promptMs=0",
  ]);
  expect(verdict.faultDomain).toBe("unknown");
});
