import type { EventData } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids } from "./testing/call-builder.ts";

/* Expected states E1 to E18 of the observation catalogue, as far as one side sees them: nothing above info. */

const mic = {
  trackId: "mic",
  kind: "audio",
  direction: "local",
  enabled: true,
  muted: false,
  readyState: "live",
} as const;
const cam = { ...mic, trackId: "cam", kind: "video" } as const;
const mutedMic: Changes = { micSource: { totalAudioEnergy: 0 }, outAudio: { bytesSent: 150 } };
const noOwnVideo: Changes = {
  camSource: { frames: 0 },
  outVideo: { packetsSent: 0, bytesSent: 0, framesEncoded: 0 },
};
const noFarVideo: Changes = {
  inVideo: { packetsReceived: 0, bytesReceived: 0, framesReceived: 0, framesDecoded: 0 },
  remoteOutVideo: { packetsSent: 0 },
};

test.each<[string, () => CallBuilder]>([
  [
    "E1 local mute for a minute",
    () =>
      buildCall()
        .event("track-state-changed", mic)
        .run(20)
        .event("track-state-changed", { ...mic, enabled: false })
        .run(60, mutedMic)
        .event("track-state-changed", mic)
        .run(20),
  ],
  [
    "E2 remote mute and unmute",
    () =>
      buildCall()
        .run(20)
        .run(40, { inAudio: { totalAudioEnergy: 0, bytesReceived: 150 } })
        .run(20),
  ],
  [
    "E3 camera off and on",
    () =>
      buildCall()
        .event("track-state-changed", cam)
        .run(20)
        .event("track-state-changed", { ...cam, readyState: "ended", stoppedByApp: true })
        .run(30, noOwnVideo)
        .run(20),
  ],
  ["E3 the far end's camera off and on", () => buildCall().run(20).run(30, noFarVideo).run(20)],
  [
    "E4 replaceTrack(null) and back",
    () =>
      buildCall()
        .run(20)
        .event("sender-track-replaced", { from: "cam", to: null, kind: "video" }, true)
        .run(20, { ...noOwnVideo, camSource: null })
        .event("sender-track-replaced", { from: null, to: "cam", kind: "video" }, true)
        .run(20),
  ],
  [
    "E5 discontinuous transmission with long pauses",
    () =>
      buildCall()
        .run(20)
        .run(60, {
          inAudio: {
            packetsReceived: 3,
            bytesReceived: 60,
            concealedSamples: 40_000,
            silentConcealedSamples: 40_000,
            jitter: 0.09,
          },
        })
        .run(20),
  ],
  [
    "E6 static screen share at 0 fps",
    () =>
      buildCall()
        .run(20, { inVideo: { contentType: "screenshare" } })
        .run(120, {
          inVideo: {
            contentType: "screenshare",
            packetsReceived: 0,
            bytesReceived: 0,
            framesDecoded: 0,
            framesReceived: 0,
          },
          remoteOutVideo: { packetsSent: 0 },
        }),
  ],
  [
    "E7 hidden tab for five minutes",
    () =>
      buildCall()
        .run(20)
        .event("page-visibility-changed", { visible: false })
        .run(300, { inVideo: { framesDecoded: 0 } })
        .event("page-visibility-changed", { visible: true })
        .run(30),
  ],
  [
    "E8 layer down and up",
    () =>
      buildCall()
        .run(20)
        .run(1, { inVideo: { frameHeight: 180, freezeCount: 1, totalFreezesDuration: 0.9 } })
        .run(20, { inVideo: { frameHeight: 180 } })
        .run(1, { inVideo: { freezeCount: 1, totalFreezesDuration: 0.9 } })
        .run(40),
  ],
  [
    "E8 one layer disabled by the server",
    () =>
      buildCall()
        .run(20)
        .run(30, { outVideo: { active: false, packetsSent: 0, bytesSent: 0 } }),
  ],
  [
    "E10 ICE restart on a healthy call",
    () => {
      const transport = { iceLocalUsernameFragment: "new", selectedCandidatePairId: "CP2" };
      return buildCall()
        .run(20)
        .run(5, { pair: { id: "CP2", currentRoundTripTime: 0.9 }, transport })
        .run(30, { pair: { id: "CP2" }, transport });
    },
  ],
  ["E11 laptop suspended for ten minutes", () => buildCall().run(20).skip(600).run(30)],
  ["E12 clock set back by an hour", () => buildCall().run(30).skip(-3600).run(30)],
  [
    "E13 on hold and resumed",
    () => {
      const hold = (currentDirection: string, kind: "audio" | "video"): EventData["transceiver-changed"] => ({
        mid: kind === "audio" ? "0" : "1",
        kind,
        direction: currentDirection,
        currentDirection,
        senderTrackId: kind === "audio" ? "mic" : "cam",
        receiverTrackId: kind === "audio" ? "far-mic" : "far-cam",
      });
      const nothing = { packetsSent: 0, bytesSent: 0 } as const;
      return buildCall()
        .event("track-state-changed", mic)
        .event("track-state-changed", { ...cam, source: "camera" })
        .run(20)
        .event("transceiver-changed", hold("inactive", "audio"), true)
        .event("transceiver-changed", hold("inactive", "video"), true)
        .run(60, {
          ...noFarVideo,
          inAudio: { packetsReceived: 0, bytesReceived: 0, totalAudioEnergy: 0 },
          remoteOutAudio: { packetsSent: 0 },
          micSource: { totalAudioEnergy: 0, totalSamplesDuration: 0 },
          camSource: { frames: 0 },
          outAudio: nothing,
          outVideo: { ...nothing, framesEncoded: 0 },
        })
        .event("transceiver-changed", hold("sendrecv", "audio"), true)
        .event("transceiver-changed", hold("sendrecv", "video"), true)
        .run(30);
    },
  ],
  [
    "E14 the far end leaves and its tracks are removed",
    () =>
      buildCall()
        .run(20)
        .run(10, { inAudio: null, inVideo: null, remoteOutAudio: null, remoteOutVideo: null })
        .event("connection-closed", {}, true),
  ],
  [
    "E16 codec change",
    () =>
      buildCall()
        .run(20, { inVideo: { codecId: "A" } })
        .run(30, { inVideo: { codecId: "B" } }),
  ],
  [
    "E17 the app sets jitterBufferTarget to a second, for somebody who listens",
    () => {
      const held = {
        jitterBufferDelay: 48_000,
        jitterBufferTargetDelay: 48_000,
        jitterBufferMinimumDelay: 1920,
      };
      return buildCall()
        .run(20)
        .run(60, { inAudio: held, micSource: { totalAudioEnergy: 0 } })
        .run(20);
    },
  ],
  [
    "E18 left during connecting",
    () =>
      buildCall()
        .event("connection-state-changed", { state: "connecting" }, true)
        .skip(3)
        .event("connection-closed", {}, true)
        .event("session-ended", { reason: "pagehide" }),
  ],
])("%s", (_name, call) => {
  expect(ids(call().analyse())).toEqual([]);
});

test("N14: plain connections without any event have outbound subjects", () => {
  const found = buildCall()
    .run(20)
    .run(20, { remoteInAudio: { packetsLost: 5 } })
    .analyse().observations;
  expect(found.map(({ scope }) => scope.direction)).toContain("outbound");
});

test("N22: a member that vanished does not keep its old value", () => {
  const analysis = buildCall()
    .run(21)
    .run(10, { inAudio: { jitter: 0.05 } })
    .run(30, { inAudio: { jitter: null } })
    .analyse();
  expect(analysis.observations.map(({ id, endReason }) => `${id} ${endReason}`)).toEqual([
    "downlink-jitter not-computable",
  ]);
});

test("every record of a removed subject closes", () => {
  const call = buildCall()
    .run(20)
    .run(10, { inAudio: { packetsLost: 10 } })
    .run(5, { inAudio: null });
  const open = call.analyse().observations.filter(({ endReason }) => endReason === "session-end");
  expect(open).toEqual([]);
});
