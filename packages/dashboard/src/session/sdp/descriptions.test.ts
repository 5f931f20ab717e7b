import { describe, expect, test } from "vitest";
import type { EventRow } from "../../worker/messages.ts";
import { readDescriptions, sectionsOf } from "./descriptions.ts";
import { differenceOf } from "./difference.ts";

const offer = [
  "v=0",
  "s=-",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=mid:0",
  "a=sendrecv",
  "a=rtpmap:111 opus/48000/2",
  "a=rtpmap:63 red/48000/2",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
  "a=mid:1",
  "a=sendonly",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "",
].join("\r\n");

const event = (at: number, name: string, data: EventRow["data"]): EventRow => ({
  at,
  name,
  connectionId: "pc",
  data,
});
const called = (at: number, callId: number, method: string, sdp: string, type = "offer"): EventRow =>
  event(at, "api-called", { callId, method, arguments: { description: { type, sdp } } });
const settled = (at: number, callId: number, method: string, extra: EventRow["data"] = {}): EventRow =>
  event(at, "api-settled", { callId, method, outcome: "fulfilled", durationMs: 1, ...extra });

/** The app takes the video's direction away between createOffer and setLocalDescription. */
const munged = offer.replace("a=sendonly", "a=inactive");
// Of the offer of call 1 the first nine lines, one of its own, and those after the tenth.
const events = [
  event(1, "api-called", { callId: 1, method: "createOffer" }),
  settled(2, 1, "createOffer", { result: { type: "offer", sdp: offer } }),
  event(3, "api-called", {
    callId: 2,
    method: "setLocalDescription",
    arguments: { description: { type: "offer", sdp: [1, 0, 9, "a=inactive\r", 10, 3] } },
  }),
  settled(4, 2, "setLocalDescription"),
  called(5, 3, "setRemoteDescription", offer.replace("m=video 9", "m=video 0"), "answer"),
  event(6, "api-settled", {
    callId: 3,
    method: "setRemoteDescription",
    outcome: "rejected",
    durationMs: 1,
    error: { name: "InvalidAccessError", message: "no" },
  }),
];

describe("the descriptions of a session", () => {
  const found = readDescriptions(events);

  test("come in order, with their side, outcome and error", () => {
    expect(
      found.map(({ side, type, method, outcome, error }) => [side, type, method, outcome, error]),
    ).toEqual([
      ["created", "offer", "createOffer", "fulfilled", null],
      ["local", "offer", "setLocalDescription", "fulfilled", null],
      ["remote", "answer", "setRemoteDescription", "rejected", "InvalidAccessError: no"],
    ]);
  });

  test("are whole again, and show what the app changed", () => {
    expect(found[1]?.sdp).toBe(munged);
    expect(found[1]?.munged).toEqual({ added: ["a=inactive"], removed: ["a=sendonly"] });
    expect(found[0]?.munged).toBeNull();
  });

  test("name their media sections, codecs without their helpers, and what was rejected", () => {
    expect(
      found[2]?.sections.map(({ kind, mid, isRejected, codecs }) => [kind, mid, isRejected, codecs]),
    ).toEqual([
      ["session", null, false, []],
      ["audio", "0", false, ["opus"]],
      ["video", "1", true, ["VP8"]],
    ]);
  });

  test("say so when what they differ from is missing", () => {
    const [only] = readDescriptions(events.slice(2, 3));
    expect(only).toMatchObject({ sdp: null, sections: [], outcome: "pending" });
  });
});

describe("the difference of two descriptions", () => {
  const [first, second] = readDescriptions([
    called(1, 1, "setLocalDescription", offer),
    called(
      2,
      2,
      "setLocalDescription",
      `${munged}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n`,
    ),
  ]);
  if (first === undefined || second === undefined) throw new Error("both are there");

  test("is told section by section, and lines that stay are not changes", () => {
    expect(second.previous).toBe(first.key);
    const differences = differenceOf(first, second);
    expect(differences.map(({ section, change }) => [section.kind, change])).toEqual([
      ["session", "same"],
      ["audio", "same"],
      ["video", "changed"],
      ["application", "added"],
    ]);
    expect(differences[2]?.lines.filter(({ change }) => change !== "same")).toEqual([
      { change: "removed", text: "a=sendonly" },
      { change: "added", text: "a=inactive" },
    ]);
  });

  test("finds a section again by its mid although another one went before it", () => {
    const without = { ...first, sections: sectionsOf(offer).filter(({ mid }) => mid !== "0") };
    expect(differenceOf(first, without).map(({ section, change }) => [section.mid, change])).toEqual([
      [null, "same"],
      ["1", "same"],
      ["0", "removed"],
    ]);
  });
});
