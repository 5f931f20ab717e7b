import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "./json.ts";
import { sdpDifference } from "./sdp-diff.ts";
import { createDescriptionReader, type DescriptionReader } from "./session-descriptions.ts";

const offer =
  "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n";
const munged = offer.replace("111 63", "111").replace("useinbandfec", "usedtx");
const against = (callId: number, base: string, text: string): JsonValue => [
  ...sdpDifference(callId, base.split("\n"), text.split("\n")),
];

function created(reader: DescriptionReader, callId: number, sdp: JsonValue, connectionId = "pc-1") {
  return reader.read("api-settled", connectionId, {
    callId,
    method: "createOffer",
    outcome: "fulfilled",
    result: { type: "offer", sdp },
  });
}

function applied(reader: DescriptionReader, callId: number, sdp: JsonValue, method = "setLocalDescription") {
  return reader.read("api-called", "pc-1", {
    callId,
    method,
    arguments: { description: { type: "offer", sdp } },
  });
}

describe("descriptions of a session", () => {
  it("are put together, and what the app changed is told", () => {
    const reader = createDescriptionReader();
    expect(created(reader, 1, offer)).toEqual({
      type: "offer",
      sdp: offer,
      base: null,
      added: [],
      removed: [],
    });
    expect(applied(reader, 2, against(1, offer, munged))).toEqual({
      type: "offer",
      sdp: munged,
      base: { callId: 1, method: "createOffer" },
      added: ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=fmtp:111 usedtx=1"],
      removed: ["m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "a=fmtp:111 useinbandfec=1"],
    });
    // The first of the other end is said by what is known of this one.
    const answer = munged.replace("v=0", "v=0\r\na=recvonly");
    expect(applied(reader, 3, against(2, munged, answer), "setRemoteDescription")).toMatchObject({
      sdp: answer,
      added: ["a=recvonly"],
      removed: [],
    });
    expect(created(reader, 4, against(2, munged, munged))).toMatchObject({
      sdp: munged,
      added: [],
      removed: [],
    });
  });

  it("without the one before are told to be incomplete, and the next whole one is whole", () => {
    const reader = createDescriptionReader();
    expect(applied(reader, 2, against(1, offer, munged))).toEqual({
      type: "offer",
      sdp: null,
      base: { callId: 1, method: null },
      added: [],
      removed: [],
    });
    expect(applied(reader, 3, against(2, munged, offer))?.sdp).toBeNull();
    expect(created(reader, 4, offer)?.sdp).toBe(offer);
    // Another connection has nothing of it.
    expect(created(reader, 5, against(4, offer, offer), "pc-2")?.sdp).toBeNull();
  });

  it("are not in other events", () => {
    const reader = createDescriptionReader();
    expect(reader.read("connection-created", "pc-1", { result: { type: "offer", sdp: offer } })).toBeNull();
    expect(
      reader.read("api-settled", "pc-1", { callId: 1, method: "createOffer", outcome: "rejected" }),
    ).toBeNull();
    expect(reader.read("api-called", "pc-1", null)).toBeNull();
  });

  it("are not whole when the call that they differ from is no number", () => {
    const reader = createDescriptionReader();
    for (const callId of [{ toString: false }, "7", null, [7]]) {
      const result: JsonValue = { type: "offer", sdp: [callId, 0, 1] };
      expect(reader.read("api-settled", "pc-1", { callId: 8, method: "createOffer", result })).toMatchObject({
        sdp: null,
        base: null,
      });
    }
  });

  it("never throw, whatever the records hold", () => {
    const reader = createDescriptionReader();
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.constantFrom("api-called", "api-settled"),
        (sdp, other, name) => {
          for (const description of [{ type: other, sdp }, other]) {
            const data = {
              callId: 1,
              method: "createOffer",
              result: description,
              arguments: { description },
            };
            const read = reader.read(name, "pc-1", data as JsonValue);
            if (read) expect(read.sdp === null || typeof read.sdp === "string").toBe(true);
          }
        },
      ),
    );
  });
});
