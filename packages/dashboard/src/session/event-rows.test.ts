import { describe, expect, test } from "vitest";
import type { EventRow } from "../worker/messages.ts";
import { eventLines, matches } from "./event-rows.ts";

const event = (at: number, name: string, data: EventRow["data"]): EventRow => ({
  at,
  name,
  data,
  connectionId: "pc",
});

const log = [
  event(1, "api-called", { callId: 1, method: "createOffer" }),
  event(2, "api-called", { callId: 2, method: "setRemoteDescription", arguments: { type: "answer" } }),
  event(3, "api-settled", { callId: 1, method: "createOffer", outcome: "fulfilled", durationMs: 2 }),
  event(4, "api-settled", {
    callId: 2,
    method: "setRemoteDescription",
    outcome: "rejected",
    durationMs: 2,
    error: { name: "InvalidStateError", message: "wrong state" },
  }),
  event(5, "api-called", { callId: 3, method: "getUserMedia" }),
  event(6, "connection-state-changed", { state: "failed" }),
  event(7, "app-event", { name: "<img src=x onerror=alert(1)>", data: { seat: 4 } }),
  event(8, "api-settled", { callId: 9, method: "addIceCandidate", outcome: "fulfilled", durationMs: 1 }),
];

describe("events", () => {
  const lines = eventLines(log);

  test("a call and its outcome are one line, told when it was called", () => {
    expect(
      lines.map(({ at, name, failed, pending, durationMs }) => ({ at, name, failed, pending, durationMs })),
    ).toEqual([
      { at: 1, name: "createOffer()", failed: false, pending: false, durationMs: 2 },
      { at: 2, name: "setRemoteDescription()", failed: true, pending: false, durationMs: 2 },
      { at: 5, name: "getUserMedia()", failed: false, pending: true, durationMs: null },
      { at: 6, name: "connection state changed", failed: true, pending: false, durationMs: null },
      { at: 7, name: "<img src=x onerror=alert(1)>", failed: false, pending: false, durationMs: null },
      { at: 8, name: "addIceCandidate()", failed: false, pending: false, durationMs: 1 },
    ]);
    expect(lines[1]?.detail).toBe("InvalidStateError: wrong state");
  });

  test("the filter finds words anywhere, and what failed", () => {
    const found = (filter: string): number[] =>
      lines.filter((line) => matches(line, filter)).map((line) => line.at);
    expect(found("")).toHaveLength(6);
    expect(found("failed")).toEqual([2, 6]);
    expect(found("REMOTE answer")).toEqual([2]);
    expect(found("seat")).toEqual([7]);
    expect(found("nothing like it")).toEqual([]);
  });

  test("a session description is whole, and what the app changed in it is told", () => {
    const offer = "v=0\r\nm=audio 9 RTP/SAVPF 111\r\na=fmtp:111 useinbandfec=1\r\n";
    const description = (sdp: readonly (string | number)[]) => ({ description: { type: "offer", sdp } });
    const [created, munged, lost] = eventLines([
      event(1, "api-called", { callId: 1, method: "createOffer" }),
      event(2, "api-settled", { callId: 1, method: "createOffer", result: { type: "offer", sdp: offer } }),
      event(3, "api-called", {
        callId: 2,
        method: "setLocalDescription",
        arguments: description([1, 0, 2, "a=fmtp:111 usedtx=1\r", 3, 1]),
      }),
      event(4, "api-called", {
        callId: 3,
        method: "setRemoteDescription",
        arguments: description([99, 0, 3]),
      }),
    ]);
    expect(created?.detail).toBe("offer, 1 media section");
    expect(munged?.detail).toBe("offer, 1 media section, 2 lines changed by the app");
    expect(munged?.data["arguments"]).toEqual({
      description: {
        type: "offer",
        changedByApp: ["- a=fmtp:111 useinbandfec=1", "+ a=fmtp:111 usedtx=1"],
        sdp: ["v=0", "m=audio 9 RTP/SAVPF 111", "a=fmtp:111 usedtx=1"],
      },
    });
    expect(lost?.detail).toBe("offer, incomplete");
  });
});
