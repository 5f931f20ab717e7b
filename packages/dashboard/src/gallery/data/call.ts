import type { CallAnalysis, CallPair, Verdict } from "@peerscope/schema";
import type { CallSummary, SessionSummary } from "@peerscope/schema/api";
import { hostile, minuteMs, noon } from "./people.ts";
import { sessions } from "./sessions.ts";

const from = noon - 42 * minuteMs;
const bucketMs = 30_000;
const buckets = 40;

const unknown: Verdict = {
  faultDomain: "unknown",
  confidence: 0,
  statedCause: null,
  for: [],
  against: [],
  missing: [],
  alternatives: [],
};
const downlink: Verdict = {
  ...unknown,
  faultDomain: "receiver-downlink",
  confidence: 0.86,
  statedCause: "downlink-loss",
  for: [
    {
      observationId: "downlink-loss",
      text: "Everything that mo received lost 6 to 14 % of its packets at the same time",
      weight: 0.5,
      from: from + 5 * minuteMs,
      to: from + 9 * minuteMs,
    },
    { stat: "inbound-rtp.packetsLost", text: "Nobody else lost packets of the same senders", weight: 0.36 },
  ],
  against: [
    { stat: "candidate-pair.currentRoundTripTime", text: "The round-trip time did not grow", weight: 0.1 },
  ],
  missing: [{ what: "statistics of the server", why: "it is not measured", wouldDecide: ["sfu"] }],
  alternatives: [{ faultDomain: "sfu", confidence: 0.1 }],
};

/** Everybody receives everybody; one receives badly for four minutes in the middle. */
function pairsOf(people: readonly SessionSummary[], troubled: string): CallPair[] {
  return people.flatMap((receiver) =>
    people
      .filter((sender) => sender !== receiver)
      .flatMap((sender) =>
        (["audio", "video"] as const).map((kind) => ({
          senderId: sender.sessionId,
          receiverId: receiver.sessionId,
          kind,
          mean: receiver.sessionId === troubled ? 61 : 92,
          scores: Array.from({ length: buckets }, (_, place) => {
            if (place < 2) return null;
            const isBad = receiver.sessionId === troubled && place >= 10 && place < 18;
            return (isBad ? (kind === "audio" ? 48 : 31) : 92) - ((place * 7) % 5);
          }),
        })),
      ),
  );
}

function analysisOf(callId: string, people: readonly SessionSummary[]): CallAnalysis {
  const ordered = people.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const troubled = people.find(({ scoreClass }) => scoreClass === "poor");
  const named = { sender: null, receiver: troubled?.userId ?? null };
  return {
    callId,
    verdict: troubled === undefined ? unknown : downlink,
    people: troubled === undefined ? null : named,
    observations: [],
    explained: [],
    sessions: ordered.map(({ sessionId }) => ({
      sessionId,
      alone: unknown,
      verdict: sessionId === troubled?.sessionId ? downlink : unknown,
      people: null,
      explained: [],
    })),
    legs:
      troubled === undefined
        ? []
        : [{ sessionId: troubled.sessionId, direction: "inbound", verdict: downlink, people: named }],
    pairs: { from, bucketMs, pairs: pairsOf(ordered, troubled?.sessionId ?? "") },
    score: scoreOf(people),
  };
}

function scoreOf(people: readonly SessionSummary[]): CallAnalysis["score"] {
  const scores = people.flatMap(({ score }) => (score === null ? [] : [score]));
  if (scores.length === 0) return { mean: null, worst: null };
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, worst: Math.min(...scores) };
}

const three = sessions.slice(0, 3).map((one) => ({ ...one, callId: "stand-up" }));
const [lin, kim, mo] = three;

export const call: CallSummary = {
  callId: "stand-up",
  sessions: three,
  analysis: analysisOf("stand-up", three),
};
export const goodCall: CallSummary = {
  callId: "stand-up",
  sessions: kim === undefined ? [] : [kim, { ...kim, sessionId: "session-ole", userId: "ole", score: 96 }],
  analysis: analysisOf(
    "stand-up",
    kim === undefined ? [] : [kim, { ...kim, sessionId: "session-ole", userId: "ole", score: 96 }],
  ),
};
export const oneSided: CallSummary = {
  callId: "stand-up",
  sessions: mo === undefined ? [] : [mo],
  analysis: analysisOf("stand-up", mo === undefined ? [] : [mo]),
};
export const notAnalysed: CallSummary = {
  callId: "stand-up",
  sessions: lin === undefined ? [] : [lin],
  analysis: null,
};

const many: readonly SessionSummary[] = Array.from({ length: 16 }, (_, place) => ({
  ...(kim ?? sessions[1] ?? failing()),
  sessionId: `session-${String(place).padStart(2, "0")}`,
  userId: `person ${place + 1}`,
  callId: "all-hands",
  score: place === 4 ? 41 : 90 - place,
  scoreClass: place === 4 ? "poor" : "good",
}));
export const largeCall: CallSummary = {
  callId: "all-hands",
  sessions: [...many],
  analysis: analysisOf("all-hands", many),
};

const names = [hostile.markup, hostile.long, hostile.directions];
const evil = three.map((one, place) => ({ ...one, userId: names[place] ?? null, callId: hostile.long }));
export const hostileCall: CallSummary = {
  callId: hostile.long,
  sessions: evil,
  analysis: analysisOf(hostile.long, evil),
};

function failing(): never {
  throw new Error("The gallery has no session");
}
