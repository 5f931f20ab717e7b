import { expect, test } from "vitest";
import { analyseRecords, buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const stalled: Changes = { outVideo: { packetsSent: 0, bytesSent: 0 } };

test.each<[string, Changes, number, string[]]>([
  ["frames are encoded, nothing leaves", stalled, 10, ["uplink-outage critical 20..30"]],
  ["2 s only", stalled, 2, []],
  ["the camera stopped delivering", { ...stalled, camSource: { frames: 0 } }, 10, []],
  ["the sender was made inactive", { outVideo: { packetsSent: 0, active: false } }, 10, []],
  ["no source statistics", { ...stalled, camSource: null }, 10, []],
])("%s", (_name, changes, seconds, expected) => {
  expect(summary(buildCall().run(20).run(seconds, changes).run(10).analyse())).toEqual(expected);
});

test("a camera that the app switched off is expected", () => {
  const off = {
    trackId: "cam",
    kind: "video",
    direction: "local",
    enabled: false,
    muted: false,
    readyState: "live",
  } as const;
  expect(ids(buildCall().run(20).event("track-state-changed", off).run(10, stalled).analyse())).toEqual([]);
});

test("it is this client's own sender, whatever the path does", () => {
  const { verdict } = buildCall().run(20).run(10, stalled).run(5).analyse();
  expect(verdict).toMatchObject({ faultDomain: "publisher-device", statedCause: "uplink-outage" });
  expect(verdict.alternatives).toEqual([{ faultDomain: "application", confidence: 0.4 }]);
});

test("it is seen within four seconds", () => {
  const call = buildCall().run(20).run(4, stalled);
  expect(ids(call.analyse())).toEqual(["uplink-outage"]);
});

test("a track that is being replaced, or that ended, is expected", () => {
  const replaced = { from: "cam", to: "cam2", kind: "video" };
  const swap = buildCall().run(20).event("sender-track-replaced", replaced, true).run(5, stalled).run(10);
  expect(ids(swap.analyse())).toEqual([]);
  const ended = { trackId: "cam", kind: "video", direction: "local", enabled: true, muted: false } as const;
  const stopped = buildCall()
    .run(20)
    .event("track-state-changed", { ...ended, readyState: "ended", stoppedByApp: true })
    .run(10, stalled);
  expect(ids(stopped.analyse())).toEqual([]);
});

test("a layer that rests while another of its source sends is expected", () => {
  const { records } = buildCall().run(20).run(10, stalled);
  const layered = records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "OV"
              ? [
                  { ...stats, rid: "h" },
                  { ...stats, id: "OV2", ssrc: 2003, rid: "l", packetsSent: (record.at % 1e9) / 10 },
                ]
              : [stats],
          ),
        }
      : record,
  );
  expect(ids(analyseRecords(layered))).toEqual([]);
});
