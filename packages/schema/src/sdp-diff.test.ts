import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySdpDifference, sdpDifference, type SdpDifference } from "./sdp-diff.ts";

const difference = (base: string, text: string): SdpDifference =>
  sdpDifference(7, base.split("\n"), text.split("\n"));

const offer = [
  "v=0",
  "o=- 1 2 IN IP4 127.0.0.0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "c=IN IP4 0.0.0.0",
  "a=mid:0",
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
  "c=IN IP4 0.0.0.0",
  "a=mid:1",
  "a=rtcp-mux",
  "a=rtpmap:96 VP8/90000",
  "",
].join("\r\n");

describe("the difference of two descriptions", () => {
  it("is one run when they are equal", () => {
    expect(difference(offer, offer)).toEqual([7, 0, 13]);
  });

  it("names lines that were changed, and only these", () => {
    const munged = offer.replace("96 97", "97 96").replace("opus/48000/2", "opus/48000");
    expect(difference(offer, munged)).toEqual([
      7,
      0,
      6,
      "a=rtpmap:111 opus/48000\r",
      "m=video 9 UDP/TLS/RTP/SAVPF 97 96\r",
      8,
      5,
    ]);
    expect(applySdpDifference(offer, difference(offer, munged))).toBe(munged);
  });

  it("takes over what an added media section repeats", () => {
    const section = offer.slice(offer.indexOf("m=video"));
    const grown = offer + section.replace("a=mid:1", "a=mid:2");
    expect(difference(offer, grown)).toEqual([7, 0, 12, 7, 2, "a=mid:2\r", 10, 3]);
    expect(applySdpDifference(offer, difference(offer, grown))).toBe(grown);
  });

  it("keeps line ends as they are", () => {
    for (const text of ["", "\n", "\r\n", "a\nb\r\n\n", "a\r\n"]) {
      expect(applySdpDifference(offer, difference(offer, text))).toBe(text);
    }
  });

  it("gives back any text, from any base", () => {
    const texts = fc
      .array(fc.constantFrom("a=x", "a=y", "m=audio", "m=video", "", "\r", "c=IN\r"), { maxLength: 40 })
      .map((lines) => lines.join("\n"));
    const text = fc.oneof(texts, fc.string(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(text, text, (base, wanted) => {
        expect(applySdpDifference(base, difference(base, wanted))).toBe(wanted);
      }),
      { verbose: true },
    );
  });
});

describe("a difference that does not fit", () => {
  it.each([
    ["no list", "v=0"],
    ["an object", { 0: 7 }],
    ["null", null],
    ["a run beyond the base", [7, 10, 4]],
    ["a run before it", [7, -1, 2]],
    ["a run without length", [7, 3]],
    ["a run of a fraction", [7, 0.5, 1]],
    ["a length that is text", [7, 0, "a=x"]],
    ["something nested", [7, [0, 1]]],
    ["more text than any description has", [7, ...Array.from({ length: 20_000 }, () => [0, 13]).flat()]],
  ])("is refused: %s", (_, hostile) => {
    expect(applySdpDifference(offer, hostile)).toBeNull();
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (base, value) => {
        const text = applySdpDifference(base, value as never);
        expect(text === null || typeof text === "string").toBe(true);
      }),
    );
  });
});
