import type { RecordingFormat } from "@peerscope/interop";

/** What a file is, as a page says it. */
export const formatWords: Readonly<Record<RecordingFormat, string>> = {
  "session-log": "Peerscope session log",
  "getstats-lines": "Raw getStats lines",
  rtcstats: "rtcstats recording",
  "observertc-json": "ObserveRTC samples",
  "observertc-delta": "ObserveRTC samples, JSON delta",
  "observertc-protobuf": "ObserveRTC samples, protobuf",
  "webrtc-internals": "chrome://webrtc-internals dump",
};
