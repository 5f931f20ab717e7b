import { describe, expect, it } from "vitest";
import { toPlain } from "../sample/plain-copy.ts";
import { createPrivacyRule } from "./privacy.ts";

const reduced = (value: unknown): unknown => toPlain(value, createPrivacyRule(false));
const whole = (value: unknown): unknown => toPlain(value, createPrivacyRule(true));

describe("privacy rule", () => {
  it.each([
    ["192.0.2.77", "192.0.2.0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::"],
    ["2001:db8::1", "2001:db8::"],
    ["[2001:db8:1:2::9]", "[2001:db8:1::]"],
    ["fe80::1%eth0", "fe80::"],
    ["::1", "::"],
    ["::ffff:192.0.2.77", "::"],
    ["0a1b2c3d-1111-4222-8333-444455556666.local", "0a1b2c3d-1111-4222-8333-444455556666.local"],
    ["", ""],
  ])("cuts the address %s to %s", (address, network) => {
    expect(reduced({ address, ip: address, relatedAddress: address })).toEqual({
      address: network,
      ip: network,
      relatedAddress: network,
    });
    expect(whole({ address })).toEqual({ address });
  });

  it("takes credentials and queries from ICE servers, and keeps how they are reached", () => {
    const configuration = {
      iceServers: [
        { urls: "stun:stun.example:3478" },
        {
          urls: ["turn:192.0.2.77:3478?transport=tcp", "turns:[2001:db8:1:2::9]:5349?secret=1"],
          username: "1700000000:kim",
          credential: "secret",
        },
      ],
      certificates: [{}],
    };
    expect(reduced({ configuration })).toEqual({
      configuration: {
        iceServers: [
          { urls: "stun:stun.example:3478" },
          { urls: ["turn:192.0.2.0:3478?transport=tcp", "turns:[2001:db8:1::]:5349"] },
        ],
      },
    });
  });

  it("sends a summary of descriptions and candidates", () => {
    const sdp = "v=0\r\no=- 1 2 IN IP4 192.0.2.77\r\nm=audio 9 UDP 0\r\na=x\r\nm=video 9 UDP 0\r\n";
    expect(reduced({ description: { type: "offer", sdp } })).toEqual({
      description: { type: "offer", sdp: { size: sdp.length, media: ["audio", "video"] } },
    });
    const candidate = "candidate:1 1 udp 2122194687 192.0.2.77 50000 typ host generation 0";
    expect(reduced({ candidate: { candidate, sdpMid: "0" } })).toEqual({
      candidate: {
        candidate: { type: "host", protocol: "udp", address: "192.0.2.0", port: 50_000 },
        sdpMid: "0",
      },
    });
    expect(reduced({ candidate: { candidate: "" } })).toEqual({ candidate: { candidate: "" } });
  });

  it("hides which device, not whether one was asked for", () => {
    const constraints = {
      audio: { deviceId: { exact: "abc" }, echoCancellation: true },
      video: { groupId: "g" },
    };
    expect(reduced({ constraints })).toEqual({
      constraints: { audio: { deviceId: true, echoCancellation: true }, video: { groupId: true } },
    });
  });

  it("names media objects, without the label of their device", () => {
    const track = {
      [Symbol.toStringTag]: "MediaStreamTrack",
      id: "t",
      kind: "audio",
      label: "Kim's headset",
    };
    const stream = { [Symbol.toStringTag]: "MediaStream", id: "s", getTracks: () => [track] };
    expect(reduced({ track, stream, sender: { [Symbol.toStringTag]: "RTCRtpSender", track } })).toEqual({
      track: { trackId: "t", kind: "audio" },
      stream: { streamId: "s", tracks: [{ trackId: "t", kind: "audio" }] },
      sender: { track: { trackId: "t", kind: "audio" } },
    });
  });

  it("leaves the rest of a report as it is", () => {
    const stats = {
      id: "C1",
      type: "codec",
      sdpFmtpLine: "a=1",
      timestamp: 1.5,
      mimeType: "audio/opus",
      on: true,
    };
    expect(reduced(stats)).toEqual(stats);
  });
});
