export { getStatsLinesLimits, isGetStatsLines, readGetStatsLines } from "./getstats-lines/getstats-lines.ts";
export type { GetStatsLines, GetStatsSession, SkippedLine } from "./getstats-lines/getstats-lines.ts";
export { toImportSessions } from "./import/import-session.ts";
export type { ImportSession } from "./import/import-session.ts";
export { sendSession } from "./import/send-session.ts";
export type { ImportAnswer, ImportOutcome, ImportServer } from "./import/send-session.ts";
export { createRecordingReader, isSessionLog } from "./recording/recording-reader.ts";
export type {
  LogDamage,
  RecordedSession,
  Recording,
  RecordingFormat,
  RecordingReader,
} from "./recording/recording-reader.ts";
export { describePlace, describeSkipped } from "./recording/skipped-tally.ts";
export type { SkippedKind, SkippedTally } from "./recording/skipped-tally.ts";
export { createObserverTcSession } from "./observertc/session.ts";
export { createRtcstatsFrames } from "./rtcstats/frames.ts";
export type { RtcstatsFrames } from "./rtcstats/frames.ts";
export type { RtcstatsPage } from "./rtcstats/page.ts";
export type { ForeignSession, Skipped } from "./reader.ts";
export { createRecordRule, pseudonymPrefix } from "./record-rule.ts";
export type { RecordRules } from "./record-rule.ts";
export { writeGetStatsLines } from "./getstats-lines/write-getstats-lines.ts";
export { writeRtcstatsDump } from "./rtcstats/write-dump.ts";
export { writeWebrtcInternals } from "./webrtc-internals/write-dump.ts";
