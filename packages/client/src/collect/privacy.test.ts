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

  it("keeps of a description what says how the call is made, without what opens it to others", () => {
    const sdp = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");
    const described = sdp([
      "v=0",
      "o=kim@office.example 4611 2 IN IP4 192.0.2.77",
      "s=-",
      "e=kim@office.example",
      "p=+49 30 123456",
      "c=IN IP6 2001:db8:1:2::9",
      "k=clear:secret",
      "a=group:BUNDLE 0",
      "a=identity:eyJpZHAiOnsiZG9tYWluIjoi",
      "m=audio 50000 UDP/TLS/RTP/SAVPF 111",
      "a=rtcp:9 IN IP4 192.0.2.77",
      "a=candidate:1 1 udp 2122194687 192.0.2.77 50000 typ host generation 0 ufrag Ab+/",
      "a=candidate:2 1 udp 1677729535 203.0.113.9 50001 typ srflx raddr 192.0.2.77 rport 50000",
      "a=candidate:3 1 udp 1 0a1b2c3d-1111-4222-8333-444455556666.local 9 typ host",
      "a=ice-ufrag:Ab+/",
      "a=ice-pwd:nVvAqd0sTS7YbKGZpzq5lf7n",
      "a=fingerprint:sha-256 7F:3F:DC:F0:D1:6C:5B:F0:26:90:DA:93:AA:D9:88:AD",
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^31",
      "a=setup:actpass",
      "a=mid:0",
      "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
      "a=rtpmap:111 opus/48000/2",
      "a=ssrc:1234 cname:kim@192.0.2.77",
      "a=msid:f980d0a1-stream a642d0a1-track",
    ]);
    expect(reduced({ type: "offer", sdp: described })).toEqual({
      type: "offer",
      sdp: sdp([
        "v=0",
        "o=@office.example 4611 2 IN IP4 192.0.2.0",
        "s=-",
        "e=",
        "p=",
        "c=IN IP6 2001:db8:1::",
        "k=",
        "a=group:BUNDLE 0",
        "a=identity:",
        "m=audio 50000 UDP/TLS/RTP/SAVPF 111",
        "a=rtcp:9 IN IP4 192.0.2.0",
        "a=candidate:1 1 udp 2122194687 192.0.2.0 50000 typ host generation 0 ufrag Ab+/",
        "a=candidate:2 1 udp 1677729535 203.0.113.0 50001 typ srflx raddr 192.0.2.0 rport 50000",
        "a=candidate:3 1 udp 1 0a1b2c3d-1111-4222-8333-444455556666.local 9 typ host",
        "a=ice-ufrag:Ab+/",
        "a=ice-pwd:",
        "a=fingerprint:sha-256",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
        "a=setup:actpass",
        "a=mid:0",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=rtpmap:111 opus/48000/2",
        "a=ssrc:1234 cname:@192.0.2.0",
        "a=msid:f980d0a1-stream a642d0a1-track",
      ]),
    });
    expect(whole({ sdp: described })).toEqual({
      sdp: expect.stringMatching(/raddr 192\.0\.2\.77(?!.*nVvAqd0s)/s) as unknown,
    });
  });

  it("reduces candidate lines as it does descriptions", () => {
    const candidate = "candidate:1 1 udp 2122194687 192.0.2.77 50000 typ host generation 0";
    expect(reduced({ candidate: { candidate, sdpMid: "0" } })).toEqual({
      candidate: { candidate: candidate.replace("2.77", "2.0"), sdpMid: "0" },
    });
    expect(reduced({ candidate: { candidate: "" } })).toEqual({ candidate: { candidate: "" } });
  });

  it("takes certificates out of a report and shortens their names, by which a transport finds them", () => {
    const fingerprint = "7F:3F:DC:F0:D1:6C:5B:F0:26:90:DA:93:AA:D9:88:AD:16:17:20:EB:1E:8D:06:62:0C:40:0C:8D";
    expect(
      reduced({
        id: `CF${fingerprint}`,
        type: "certificate",
        fingerprint,
        fingerprintAlgorithm: "sha-256",
        base64Certificate: "MIIBFDCBvKADAgECAggX06JgJ7JD1DAK",
      }),
    ).toEqual({ id: "CF7F:3F:DC", type: "certificate", fingerprintAlgorithm: "sha-256" });
    expect(reduced({ localCertificateId: `CF${fingerprint}` })).toEqual({ localCertificateId: "CF7F:3F:DC" });
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
    // All kinds of tracks: of a canvas, of a browser tab, and made by the app.
    for (const kind of [
      "CanvasCaptureMediaStreamTrack",
      "BrowserCaptureMediaStreamTrack",
      "MediaStreamTrackGenerator",
    ]) {
      const other = { ...track, [Symbol.toStringTag]: kind };
      expect(reduced({ other })).toEqual({ other: { trackId: "t", kind: "audio" } });
    }
    const transceiver = {
      [Symbol.toStringTag]: "RTCRtpTransceiver",
      mid: "0",
      direction: "sendrecv",
      currentDirection: null,
      sender: { track },
      receiver: { track: { id: "r", kind: "audio", label: "remote audio" } },
    };
    expect(reduced({ transceiver })).toEqual({
      transceiver: { mid: "0", receiverTrackId: "r" },
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
