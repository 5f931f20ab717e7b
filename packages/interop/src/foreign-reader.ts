import { createGetStatsLinesReader } from "./getstats-lines/reader.ts";
import { createObserverTcReader } from "./observertc/reader.ts";
import type { ForeignFormat, ForeignReader, ForeignSink } from "./reader.ts";
import { createRtcstatsReader } from "./rtcstats/dump.ts";
import { createWebrtcInternalsReader } from "./webrtc-internals/reader.ts";

type Create = (sink: ForeignSink, name: string) => ForeignReader;

const readers: { readonly [Format in ForeignFormat]: Create } = {
  "getstats-lines": createGetStatsLinesReader,
  rtcstats: createRtcstatsReader,
  "observertc-json": (sink) => createObserverTcReader(sink),
  "observertc-delta": (sink) => createObserverTcReader(sink, { format: "observertc-delta" }),
  "observertc-protobuf": (sink) => createObserverTcReader(sink, { format: "observertc-protobuf" }),
  "webrtc-internals": (sink, name) => createWebrtcInternalsReader(sink, { name }),
};

/** A reader of that format. `name` is the name of the file: sessions that the source does not name are called by it. */
export function createForeignReader(
  format: ForeignFormat,
  sink: ForeignSink,
  { name = "" }: { readonly name?: string } = {},
): ForeignReader {
  return readers[format](sink, name);
}
