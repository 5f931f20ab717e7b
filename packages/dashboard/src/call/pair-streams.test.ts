import type { MetricSubject } from "@peerscope/schema";
import { expect, it } from "vitest";
import { createSeries, type Series } from "../charts/series.ts";
import { pairStreams } from "./pair-streams.ts";

const series = (subject: Partial<MetricSubject>): Series =>
  createSeries(JSON.stringify(subject), "bitrate-bps", {
    pcId: "pc",
    statsId: "s",
    kind: "video",
    direction: "inbound",
    ...subject,
  });
const keys = (all: readonly Series[]): string[] => all.map(({ subject }) => subject.statsId);

const fitsTraffic = (): boolean => false;

const sender = [
  series({ direction: "outbound", statsId: "low", ssrc: 1, mid: "1", rid: "l" }),
  series({ direction: "outbound", statsId: "high", ssrc: 2, mid: "1", rid: "h" }),
  series({ direction: "remote-report", statsId: "high", ssrc: 2, mid: "1" }),
  series({ direction: "outbound", statsId: "screen", ssrc: 3, mid: "2" }),
  series({ direction: "outbound", statsId: "voice", ssrc: 4, mid: "0", kind: "audio" }),
];

it("joins by number, with all layers of the source and what the far end reports", () => {
  const receiver = [series({ statsId: "of-sender", ssrc: 2 }), series({ statsId: "of-another", ssrc: 9 })];
  const { sent, received, joined } = pairStreams({
    sender,
    receiver,
    kind: "video",
    isOnlySender: false,
    fitsTraffic,
  });
  expect([joined, keys(sent), keys(received)]).toEqual(["by-id", ["low", "high", "high"], ["of-sender"]]);
});

it("joins by track", () => {
  const { received, joined } = pairStreams({
    sender: [series({ direction: "outbound", statsId: "o", trackId: "t" })],
    receiver: [series({ statsId: "a", trackId: "t", ssrc: 7 }), series({ statsId: "b", trackId: "u" })],
    kind: "video",
    isOnlySender: false,
    fitsTraffic,
  });
  expect([joined, keys(received)]).toEqual(["by-id", ["a"]]);
});

it("takes everything where no id fits, and says whether that can be anybody else's", () => {
  const receiver = [series({ statsId: "a", ssrc: 70 }), series({ statsId: "b", ssrc: 71 })];
  const both = { sender, receiver, kind: "video", fitsTraffic } as const;
  expect(pairStreams({ ...both, isOnlySender: true }).joined).toBe("alone");
  const { joined, received } = pairStreams({ ...both, isOnlySender: false });
  expect([joined, keys(received)]).toEqual(["unknown", ["a", "b"]]);
});

it("shows what was got of somebody who was not measured", () => {
  const receiver = [series({ statsId: "a", ssrc: 70 })];
  const { sent, received } = pairStreams({
    sender: [],
    receiver,
    kind: "video",
    isOnlySender: false,
    fitsTraffic,
  });
  expect([keys(sent), keys(received)]).toEqual([[], ["a"]]);
});

it("goes by the bytes where a server gave other ids", () => {
  const receiver = [series({ statsId: "a", ssrc: 70 }), series({ statsId: "b", ssrc: 71 })];
  const { received, joined } = pairStreams({
    sender,
    receiver,
    kind: "video",
    isOnlySender: false,
    fitsTraffic: ({ ssrc }) => ssrc === 71,
  });
  expect([joined, keys(received)]).toEqual(["by-traffic", ["b"]]);
});
