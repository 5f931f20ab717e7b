import { sdpDifference } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import {
  agrees,
  begins,
  calls,
  describes,
  facts,
  outcomes,
  sdp,
  type WrittenSection,
} from "../../testing/negotiate.ts";

const audio: WrittenSection = { codecs: ["opus"] };
const camera = (change: WrittenSection = {}): WrittenSection => ({
  kind: "video",
  codecs: ["VP8", "rtx"],
  ...change,
});
const refused = camera({ port: 0, codecs: [] });

const video = (offer: WrittenSection, answer: WrittenSection, call = begins()): CallBuilder =>
  agrees(call, [audio, offer], [audio, answer]).run(10);

const stop = (call: CallBuilder): CallBuilder => calls(call, "stop", { transceiver: { mid: "1" } });

test.each<[string, CallBuilder, string[]]>([
  ["one that both have", video(camera(), camera({ codecs: ["VP9", "VP8"] })), []],
  ["the answer refuses the section", video(camera(), refused), ["major session-end"]],
  [
    "none in common, retransmission does not count",
    video(camera(), camera({ codecs: ["H264", "rtx"] })),
    ["major session-end"],
  ],
  ["codecs of one end unknown", video(camera(), camera({ codecs: [] })), []],
  ["the m-line was refused before", video(camera({ port: 0 }), camera({ port: 0 })), []],
  ["offered as inactive", video(camera({ direction: "inactive" }), refused), []],
  ["answered as inactive", video(camera(), camera({ direction: "inactive", codecs: ["H264"] })), []],
  ["only asked to receive", video(camera({ direction: "recvonly" }), refused), []],
  ["bundled with another one", video(camera({ port: 0, more: ["a=bundle-only"] }), camera()), []],
  ["the app stopped it", video(camera(), refused, stop(begins())), []],
  [
    "the app made it inactive",
    video(
      camera(),
      refused,
      begins().event(
        "transceiver-changed",
        {
          mid: "1",
          kind: "video",
          direction: "inactive",
          currentDirection: null,
          senderTrackId: null,
          receiverTrackId: "r",
        },
        true,
      ),
    ),
    [],
  ],
  [
    "negotiated again with a common one",
    video(camera(), camera(), video(camera(), refused)),
    ["major cleared"],
  ],
  [
    "the m-line is used again for another medium",
    video(camera({ mid: "7" }), camera({ mid: "7" }), video(camera(), refused)),
    ["major cleared"],
  ],
  [
    "data is no medium",
    agrees(begins(), [{ kind: "application" }], [{ kind: "application", port: 0 }]).run(5),
    [],
  ],
  [
    "descriptions not recorded",
    buildCall().event("signaling-state-changed", { state: "stable" }, true).run(5),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "no-common-codec")).toEqual(expected);
});

test("this end gives the answer, with what differs from the offer", () => {
  const offer = sdp([audio, camera()]);
  const answer = sdp([audio, camera({ codecs: ["AV1"] })]);
  const call = begins();
  const offered = call.records.length + 1;
  calls(call, "setRemoteDescription", { description: { type: "offer", sdp: offer } });
  const difference = sdpDifference(offered, offer.split("\n"), answer.split("\n"));
  calls(call, "setLocalDescription", {}, { result: { type: "answer", sdp: [...difference] } }).run(5);
  const [found] = call.analyse().observations.filter(({ id }) => id === "no-common-codec");
  expect(found?.scope).toMatchObject({ mid: "1", kind: "video", pcId: "pc" });
  expect(facts(found)).toEqual([
    "mediaSectionRejected=false",
    "localCodecs=av1",
    "remoteCodecs=vp8",
    "commonCodecs=0",
  ]);
});

test("proved by the codecs it is the app's; a mere refusal may have other reasons", () => {
  expect(video(camera(), camera({ codecs: ["H264"] })).analyse().verdict).toMatchObject({
    faultDomain: "application",
    statedCause: "no-common-codec",
    confidence: 0.9,
  });
  expect(video(camera(), refused).analyse().verdict).toMatchObject({ faultDomain: "unknown" });
});

test("differences to nothing are passed over, and what a description may have is bounded", () => {
  const call = begins();
  const many = (section: WrittenSection): WrittenSection[] => Array.from({ length: 300 }, () => section);
  calls(call, "setLocalDescription", { description: { type: "offer", sdp: [999, 0, 5] } });
  calls(call, "setRemoteDescription", { description: { type: "answer", sdp: sdp([refused]) } });
  expect(outcomes(call.run(2), "no-common-codec")).toEqual([]);
  const offer = sdp(many(audio)).replaceAll(/a=mid:.*\r\n/g, "");
  calls(call, "setLocalDescription", { description: { type: "offer", sdp: offer } });
  describes(call, "Remote", "answer", many({ port: 0, codecs: [] })).run(2);
  expect(outcomes(call, "no-common-codec")).toHaveLength(50);
  calls(call, "setLocalDescription", { description: { type: "offer", sdp: offer.repeat(10) } });
  expect(outcomes(describes(call, "Remote", "answer", many(audio)).run(2), "no-common-codec")).toHaveLength(
    50,
  );
});

test("what is read of all descriptions of a session is bounded", () => {
  const call = begins();
  const many = Array.from({ length: 200 }, (): WrittenSection => ({ codecs: ["opus", "G722", "PCMU"] }));
  const offer = sdp(many);
  for (let count = 0; count < 700; count += 1) {
    calls(call, "setLocalDescription", { description: { type: "offer", sdp: offer } });
  }
  const later = agrees(call, [audio, camera()], [audio, refused]).run(5);
  expect(outcomes(later, "no-common-codec")).toEqual([]);
});
