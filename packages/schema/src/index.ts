export * from "./json.ts";
export * from "./records.ts";
export * from "./events.ts";
export * from "./sdp-diff.ts";
export * from "./session-descriptions.ts";
export * from "./analysis.ts";
export * from "./call-share.ts";
export * from "./wire/frame.ts";
export * from "./wire/messages.ts";
export { createFrameEncoder, type FrameEncoderOptions, type MemberReduction } from "./wire/encoder.ts";
export { wireVersion } from "./wire/version.ts";
export { createFrameDecoder, readFrameHeader } from "./wire/decoder.ts";
export * from "./log/session-log.ts";
export { crc32c } from "./log/crc32c.ts";
export {
  encodeSessionLogEntry,
  encodeSessionLogEntryIn,
  encodeSessionLogHeader,
  sessionLogVersion,
} from "./log/layout.ts";
export { createSessionLogReader } from "./log/reader.ts";
export { readSessionLog, type SessionLogContent, type SessionLogFrameError } from "./log/read-session-log.ts";
export {
  createStateBytes,
  type PlainClass,
  type StateBytes,
  type StateBytesOptions,
} from "./rest/state-bytes.ts";
export * from "./ids.ts";
export * from "./session-filter.ts";
