import {
  faultDomains,
  type Evidence,
  type JsonValue,
  type Observation,
  type ScoreReason,
  type Verdict,
} from "@peerscope/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { observationCatalog } from "../detect/catalog.ts";
import { termTexts } from "./catalogue.ts";
import {
  describeFaultDomain,
  describeObservation,
  describeScoreReason,
  describeVerdict,
} from "./describe.ts";
import { observationTexts } from "./observations/index.ts";
import { evidenceLabels } from "./evidence-labels.ts";
import { formatDuration, formatTime, formatValue } from "./format.ts";

const seed = Number(process.env["WORDS_SEED"] ?? Date.now() % 2 ** 31);
console.log(`words: WORDS_SEED=${seed}`);

const sessionStart = 1_700_000_000_000;
const at = (seconds: number): number => sessionStart + seconds * 1000;

const definitions: readonly { readonly id: string; readonly evidence: readonly string[] }[] = [
  ...observationCatalog.values(),
];

function observation(id: string, change: Partial<Observation> = {}): Observation {
  return {
    id,
    key: `${id}@x@1`,
    catalogVersion: "1",
    severity: "major",
    category: "network-uplink",
    scope: { sessionId: "s", participantId: null },
    startedAt: at(190),
    clearedAt: at(585),
    endReason: "cleared",
    peak: null,
    evidence: [],
    counter: [],
    missing: [],
    domainHint: "unknown",
    parentId: null,
    verdict: null,
    ...change,
  };
}

const evidenceOf = (
  stat: string,
  field: string,
  value: JsonValue,
  unit: string,
  limit?: number,
): Evidence => ({
  stat,
  field,
  value,
  unit,
  from: at(190),
  to: at(200),
  ...(limit === undefined ? {} : { limit }),
});

function verdict(change: Partial<Verdict> = {}): Verdict {
  return {
    faultDomain: "unknown",
    confidence: 0,
    statedCause: null,
    for: [],
    against: [],
    missing: [],
    alternatives: [],
    ...change,
  };
}

/** Every string in a description. */
const stringsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(stringsOf)
      : [];

/** What no text may be; collected first, because one assertion for each of thousands of strings is slow. */
function expectReadable(description: unknown): void {
  const unreadable = stringsOf(description).filter(
    (text) =>
      text === "" ||
      text.trim() !== text ||
      /\b(undefined|NaN|null|Infinity)\b|\[object/.test(text) ||
      /!|issue detected/i.test(text) ||
      / {2}|,,|\.\.(?!\.)/.test(text),
  );
  expect(unreadable).toEqual([]);
}

const numbers = [0, -0, 1e-12, 0.049, 3.14159, 99.95, 1e21, -5, Number.MAX_VALUE, NaN, Infinity, -Infinity];
const values: JsonValue[] = [
  ...numbers,
  null,
  true,
  false,
  "",
  " ",
  "relay",
  "x".repeat(5000),
  "line\nbreak\u0007",
  [],
  [1, null, "a"],
  {},
  { a: null, b: { c: [1] } },
];
const units = ["", "%", "ms", "s", "bit/s", "frames/s", "packets", "ratio", "px", "furlongs"];

const kinds = [undefined, "audio", "video"] as const;
const directions = [undefined, "inbound", "outbound"] as const;

/** Every observation of the catalogue in every scope, open and closed, with and without numbers. */
function* extremes(id: string): Generator<Observation> {
  for (const kind of kinds) {
    for (const direction of directions) {
      for (const clearedAt of [null, at(190.02), at(3.6e4), sessionStart - 1e9, NaN]) {
        for (const value of [0, 99.95, 1e21, NaN, null, "text"]) {
          yield observation(id, {
            scope: {
              sessionId: "s",
              participantId: null,
              ...(kind === undefined ? {} : { kind }),
              ...(direction === undefined ? {} : { direction }),
            },
            clearedAt,
            peak:
              value === null
                ? null
                : evidenceOf("derived", id, value, "%", typeof value === "number" ? value : 5),
          });
        }
      }
    }
  }
}

describe("every observation of the catalogue has words", () => {
  test("the catalogue and the words name the same ids", () => {
    expect(Object.keys(observationTexts).toSorted()).toEqual(definitions.map(({ id }) => id).toSorted());
    expect(definitions.length).toBeGreaterThan(80);
  });

  test("every piece of evidence the catalogue lists has a plain label", () => {
    const unlabelled = definitions
      .flatMap(({ evidence }) => evidence)
      .filter((name) => !(name in evidenceLabels) && !(name.slice(name.indexOf(".") + 1) in evidenceLabels));
    expect(unlabelled).toEqual([]);
  });

  test.each([...Object.keys(observationTexts), "some-later-observation"])("%s, with extreme values", (id) => {
    for (const extreme of extremes(id)) {
      for (const options of [{}, { sessionStart }, { sessionStart: at(1e6) }]) {
        const description = describeObservation(extreme, options);
        expectReadable(description);
        expect(description.title.length).toBeLessThanOrEqual(60);
        expect(description.title).toMatch(/^[A-Z]/);
        expect(description.title).not.toMatch(/[.`]/);
        expect(description.sentence).toMatch(/^[A-Z].*\.$/s);
        // The first sentence is for everybody.
        const first = description.sentence.split(/\. |\.$/)[0] ?? "";
        expect(first).not.toMatch(/`|rtp|\bRTT\b|\bICE\b|jitter|packet|candidate|bitrate|SDP|codec/i);
      }
    }
  });

  test("any evidence renders, whatever it holds", () => {
    for (const value of values) {
      for (const unit of units) {
        const one = evidenceOf("some-stat", "brandNewField", value, unit, 3);
        const description = describeObservation(
          observation("uplink-loss", {
            evidence: [one],
            counter: [one],
            missing: [
              "some-stat.brandNewField",
              "a sentence about it",
              "remote-outbound-rtp.packetsSent of the gap",
            ],
          }),
        );
        expectReadable(description);
        expect(description.evidence[0]).toContain("Brand new field: ");
        expect(description.evidence[0]?.length).toBeLessThan(260);
      }
    }
  });

  test("random evidence never breaks a text", () => {
    const json = fc.jsonValue({ maxDepth: 2 }).map((value) => value as JsonValue);
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(observationTexts)), json, fc.string(), (id, value, text) => {
        const item = evidenceOf("derived", "kindsAsked", value, "");
        const { title, sentence } = describeObservation(
          observation(id, { evidence: [item], peak: item, missing: [text] }),
          { sessionStart },
        );
        expectReadable([title, sentence]);
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe("what a support agent reads", () => {
  test("a finished loss: who, when, how long, how much against which limit", () => {
    const { title, sentence } = describeObservation(
      observation("downlink-loss", {
        scope: { sessionId: "s", participantId: null, kind: "audio", direction: "inbound" },
        peak: evidenceOf("derived", "downlink-loss", 13.96, "%", 1),
      }),
      { sessionStart },
    );
    expect(title).toBe("Incoming sound got lost on the way");
    expect(sentence).toMatch(
      /^Part of the sound that others sent got lost before it reached this person from 03:10 to 09:45 \(6 min 35 s\), 14 % at worst \(limit 1 %\)\. /,
    );
  });

  test("an ongoing one is told in the present, without an end", () => {
    const open = observation("downlink-outage", {
      scope: { sessionId: "s", participantId: null, kind: "video", direction: "inbound" },
      clearedAt: null,
    });
    expect(describeObservation(open, { sessionStart }).sentence).toMatch(
      /^No picture reaches this person since 03:10, although the other side is sending\./,
    );
  });

  test("without a time axis only durations are told", () => {
    expect(describeObservation(observation("ice-disconnected")).sentence).toMatch(/ for 6 min 35 s; /);
  });

  test("evidence has words first and the W3C name last", () => {
    const { evidence, missing } = describeObservation(
      observation("uplink-bandwidth-limited", {
        evidence: [evidenceOf("candidate-pair", "availableOutgoingBitrate", 312_345, "bit/s", 500_000)],
        missing: ["remote-outbound-rtp.packetsSent of the time of the gap", "track-state-changed"],
      }),
      { sessionStart },
    );
    expect(evidence).toEqual([
      "Estimate of the outgoing line: 312 kbit/s (limit 500 kbit/s), 03:10 to 03:20 [candidate-pair.availableOutgoingBitrate]",
    ]);
    expect(missing).toEqual([
      "Packets that the other side sent: not reported [remote-outbound-rtp.packetsSent of the time of the gap]",
      "State of the tracks: not reported [track-state-changed]",
    ]);
  });

  test("advice follows what was found", () => {
    const withRelay = (relay: boolean): string =>
      describeObservation(
        observation("ice-checks-failed", { evidence: [evidenceOf("derived", "relayCandidates", relay, "")] }),
      ).developerAdvice;
    expect(withRelay(false)).toMatch(/configure a TURN server/);
    expect(withRelay(true)).toMatch(/credentials/);
  });
});

describe("verdicts", () => {
  const inbound = observation("downlink-loss", {
    scope: { sessionId: "s", participantId: null, kind: "audio", direction: "inbound" },
  });
  const outbound = observation("uplink-loss", {
    scope: { sessionId: "s", participantId: null, kind: "audio", direction: "outbound" },
  });
  const ends = [
    { faultDomain: "publisher-uplink", confidence: 0.5 },
    { faultDomain: "receiver-downlink", confidence: 0.5 },
  ] as const;

  test("nothing found is said calmly", () => {
    expect(describeVerdict(verdict(), [])).toEqual({
      headline: "Nothing unusual.",
      confidenceWord: "unknown",
      forLines: [],
      againstLines: [],
      missingLines: [],
      advice: "Nothing to do.",
    });
    const info = observation("connection-never-established", { severity: "info" });
    expect(describeVerdict(verdict(), [info]).headline).toBe("Nothing unusual.");
  });

  test("a path of which no end can be named names both, each from this person's view", () => {
    const way = (statedCause: string, of: Observation): string =>
      describeVerdict(verdict({ statedCause, alternatives: ends }), [of]).headline;
    expect(way("downlink-loss", inbound)).toBe(
      "Incoming sound got lost on the way. We cannot tell which side caused it. It could be the other side's outgoing line or this person's incoming line.",
    );
    expect(way("uplink-loss", outbound)).toBe(
      "Outgoing sound got lost on the way. We cannot tell which side caused it. It could be this person's outgoing line or the other side's incoming line.",
    );
    expect(way("ice-disconnected", observation("ice-disconnected"))).toBe(
      "The connection was interrupted. We cannot tell which side caused it. It could be this person's line or the other side's line.",
    );
  });

  test("an effect without a cause is still named", () => {
    const freeze = observation("video-freeze", { severity: "critical" });
    const description = describeVerdict(
      verdict({
        for: [
          {
            observationId: "video-freeze",
            text: "was noticed, and nothing recorded here explains it",
            weight: 0,
          },
        ],
      }),
      [observation("audio-concealment", { severity: "minor" }), freeze],
    );
    expect(description.headline).toBe("Received picture froze. We cannot tell what caused it.");
    expect(description.forLines).toEqual([
      "Received picture froze: was noticed, and nothing recorded here explains it",
    ]);
    expect(description.advice).toMatch(/other participant/);
  });

  test.each([
    [0.9, [0.9], "almost certain", "Almost certainly the cause: this person's outgoing line."],
    [0.8, [0.6, 0.5], "likely", "Likely cause: this person's outgoing line."],
    [0.6, [0.6], "possible", "Possible cause: this person's outgoing line."],
  ] as const)("confidence %d from %j is %s", (confidence, weights, word, start) => {
    const description = describeVerdict(
      verdict({
        faultDomain: "publisher-uplink",
        confidence,
        statedCause: "uplink-loss",
        for: weights.map((weight) => ({
          text: "measured at the far end",
          weight,
          from: at(190),
          to: at(585),
        })),
      }),
      [outbound],
      { sessionStart },
    );
    expect(description.confidenceWord).toBe(word);
    expect(description.headline).toBe(`${start} Outgoing sound got lost on the way.`);
    expect(description.forLines[0]).toBe("Measured at the far end (03:10 to 09:45)");
    expect(description.advice).toMatch(/cable/);
  });

  test("what is missing is one plain sentence each, and observations go by their name", () => {
    const { missingLines } = describeVerdict(
      verdict({
        statedCause: "downlink-loss",
        missing: [
          {
            what: "the other side's recording",
            why: "both ends see the same",
            wouldDecide: ["publisher-uplink"],
          },
          { what: "Wi-Fi data of anna", why: "", wouldDecide: [] },
          { what: "microphone-silent", why: "not computable here", wouldDecide: [] },
        ],
      }),
      [inbound],
    );
    expect(missingLines).toEqual([
      "The other side's own recording would help to tell which end it was.",
      "Wi-Fi data of anna would help to decide.",
      "Not checked, as the browser reports too little: Microphone was on but delivered no sound.",
    ]);
  });

  test("a call view names the people at the ends of the path", () => {
    const people = { sender: "anna", receiver: "ben" };
    const headline = (statedCause: string, of: Observation, change: Partial<Verdict> = {}): string =>
      describeVerdict(verdict({ statedCause, alternatives: ends, ...change }), [of], { people }).headline;
    expect(headline("uplink-loss", outbound)).toBe(
      "Outgoing sound got lost on the way, from anna to ben. We cannot tell which side caused it. It could be anna's outgoing line or ben's incoming line.",
    );
    expect(headline("downlink-loss", inbound)).toContain("anna's outgoing line or ben's incoming line");
    const bothWays = describeVerdict(
      verdict({ statedCause: "uplink-loss", alternatives: ends }),
      [outbound],
      {
        people: { ...people, bothWays: true },
      },
    );
    expect(bothWays.headline).toBe(
      "Outgoing sound got lost on the way, both from anna to ben and from ben to anna. We cannot tell which side caused it. It could be anna's line or ben's line.",
    );
    expect(headline("ice-disconnected", observation("ice-disconnected"))).toBe(
      "The connection was interrupted. We cannot tell which side caused it. It could be anna's line or ben's line.",
    );
    const stated = { faultDomain: "publisher-uplink", confidence: 0.6, alternatives: [] } as const;
    expect(headline("uplink-loss", outbound, stated)).toBe(
      "Possible cause: anna's outgoing line. Outgoing sound got lost on the way.",
    );
    expect(headline("uplink-loss", outbound, { ...stated, faultDomain: "sfu" })).toContain(
      "the media server",
    );
    const unnamed = describeVerdict(verdict({ statedCause: "uplink-loss", alternatives: ends }), [outbound], {
      people: { sender: "anna", receiver: null },
    });
    expect(unnamed.headline).toContain("anna's outgoing line or the receiver's incoming line");
  });

  test("every domain in every combination is readable", () => {
    for (const faultDomain of faultDomains) {
      for (const of of [[], [inbound], [outbound], [observation("ice-disconnected")]]) {
        for (const confidence of [0, 0.5, 0.95, NaN]) {
          const signal = { text: "it was measured", weight: 0.9 };
          const description = describeVerdict(
            verdict({
              faultDomain,
              confidence,
              statedCause: of[0]?.id ?? "not-there",
              for: [signal],
              against: [signal],
              missing: [{ what: "a thing", why: "", wouldDecide: [...faultDomains] }],
              alternatives: faultDomains.map((domain) => ({ faultDomain: domain, confidence: 0.1 })),
            }),
            of,
            { sessionStart },
          );
          expectReadable(description);
          for (const people of [
            { sender: "anna", receiver: "ben" },
            { sender: null, receiver: null },
          ]) {
            expectReadable(describeVerdict(verdict({ faultDomain, confidence }), of, { people }));
          }
          if (faultDomain === "unknown") expect(description.confidenceWord).toBe("unknown");
        }
      }
      expectReadable(describeFaultDomain(faultDomain));
      expectReadable(describeFaultDomain(faultDomain, { person: "Dee" }));
    }
    expect(describeFaultDomain("receiver-downlink", { person: "Dee" }).name).toBe("Dee's incoming line");
    expect(describeFaultDomain("sfu", { person: "Dee" }).name).toBe("the media server");
  });
});

describe("lost points", () => {
  const reason = (change: Partial<ScoreReason>): ScoreReason => ({
    points: 38.2,
    term: "loss",
    from: at(190),
    to: at(585),
    subject: "audio in",
    ...change,
  });
  test.each([
    [{}, "38 points: sound broke up, 03:10 to 09:45."],
    [{ term: "freeze", subject: "video in", points: 1 }, "1 point: picture froze, 03:10 to 09:45."],
    [
      { term: "join", subject: "session", points: 6.98, from: at(0), to: at(6.2) },
      "7 points: slow join, 6.2 s, 00:00 to 00:06.",
    ],
    [
      { term: "drop", subject: "session", points: 24, from: at(4000), to: at(4000) },
      "24 points: call dropped, 1:06:40.",
    ],
  ])("%j", (change, sentence) => {
    expect(describeScoreReason(reason(change), { sessionStart }).sentence).toBe(sentence);
  });
  test("every term, with extreme values", () => {
    for (const term of [...Object.keys(termTexts), "a-later-term"]) {
      for (const subject of ["audio in", "video in", "session", ""]) {
        for (const points of [0, 0.04, 100, NaN, Infinity]) {
          expectReadable(describeScoreReason(reason({ term, subject, points, to: NaN })));
          expectReadable(describeScoreReason(reason({ term, subject, points }), { sessionStart }));
        }
      }
    }
  });
});

describe("formats", () => {
  test("times and durations", () => {
    expect(formatTime(at(65), sessionStart)).toBe("01:05");
    expect(formatTime(at(3600 * 8 + 61), sessionStart)).toBe("8:01:01");
    expect(formatTime(at(-5), sessionStart)).toBe("-00:05");
    expect(formatTime(at(5), undefined)).toBeNull();
    expect(formatDuration(7_900)).toBe("7.9 s");
    expect(formatDuration(59_600)).toBe("1 min");
    expect(formatDuration(3_600_000 * 2 + 300_000)).toBe("2 h 5 min");
  });
  test("values", () => {
    expect(formatValue(0.042, "ratio")).toBe("4.2 %");
    expect(formatValue(2_500_000, "bit/s")).toBe("2.5 Mbit/s");
    expect(formatValue(true, "")).toBe("yes");
    expect(formatValue(null, "ms")).toBe("not known");
    expect(formatValue(["a", "b"], "")).toBe("a, b");
  });
  test("an unknown observation says nothing it does not know", () => {
    const { title, sentence, developerAdvice } = describeObservation(observation("some-later-observation"));
    expect(title).toBe("Something unusual was noticed");
    expect(sentence).toBe("Something unusual was noticed about the sound or picture for 6 min 35 s.");
    expect(developerAdvice).toMatch(/evidence below/);
  });
});
