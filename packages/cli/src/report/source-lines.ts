import { describeSkipped } from "@peerscope/interop";
import type { Input } from "../input/read-input.ts";
import type { Terminal } from "../terminal.ts";

/** Warnings of a file that are told in full; beyond that their number. */
const warningsShown = 20;

/** Tells on stderr what of a file could not be used: damage each with its place, what was skipped by reason. */
export function tellSkipped(input: Input, path: string, terminal: Terminal): void {
  for (const { code, message } of input.warnings.slice(0, warningsShown))
    terminal.err(`peerscope: warning ${code}: ${path}: ${message}`);
  const more = input.warnings.length - warningsShown;
  if (more > 0) terminal.err(`peerscope: warning: ${path}: and ${more} more`);
  const sentences = describeSkipped(input.skipped);
  for (const [index, { first }] of input.skipped.kinds.entries())
    terminal.err(`peerscope: warning line-skipped: ${path}: ${sentences[index]} (${first.reason})`);
}

/** What a recording of another tool is, and what it cannot show; nothing for a session log. */
export function sourceLines({ name, format, limits }: Input): string[] {
  if (limits.length === 0) return [];
  return [
    "",
    `${name} is ${formatNames[format]}, which cannot show everything:`,
    ...limits.map((limit) => `  ${limit}`),
  ];
}

/** Formats as people call them. */
export const formatNames: Readonly<Record<Input["format"], string>> = {
  "session-log": "a Peerscope session log",
  "getstats-lines": "raw getStats lines",
  rtcstats: "an rtcstats recording",
  "observertc-json": "ObserveRTC samples",
  "observertc-delta": "ObserveRTC samples (JSON delta)",
  "observertc-protobuf": "ObserveRTC samples (protobuf)",
  "webrtc-internals": "a chrome://webrtc-internals dump",
};
