import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SessionRecord } from "@peerscope/schema";
import type { Skipped } from "../../reader.ts";
import { createRtcstatsFrames } from "../frames.ts";
import type { RtcstatsPage } from "../page.ts";

/** The calls in which an rtcstats client was beside the recorder. */
export const callsWithRtcstats = [
  "good-call",
  "loss-10",
  "high-jitter",
  "cap-150kbps",
  "outage-8s",
  "ice-failure-initial",
  "cpu-throttle",
  "muted-mic",
  "gum-denied",
  "sfu-3p",
  "firefox-good",
  "turn-relay",
  "signalling-drop",
] as const;

/** One socket of an unmodified client, as a server saw it. */
export interface RecordedSocket {
  readonly peer: string;
  readonly page: RtcstatsPage;
  readonly frames: readonly string[];
  readonly closeCode: number | null;
}

interface RecordedLine {
  readonly peer: string;
  readonly conn: number;
  readonly event: "open" | "message" | "close";
  readonly data?: string;
  readonly code?: number;
  readonly protocol?: string;
  readonly url?: string;
  readonly userAgent?: string;
  readonly origin?: string;
}

/** What an rtcstats client sent in a recorded call, one entry a socket. */
export function readRecordedSockets(capture: string): RecordedSocket[] {
  const file = new URL(`../../../../scenarios/captures/${capture}/rtcstats.jsonl.gz`, import.meta.url);
  const sockets = new Map<
    number,
    { peer: string; page: RtcstatsPage; frames: string[]; closeCode: number | null }
  >();
  for (const text of gunzipSync(readFileSync(file)).toString().trim().split("\n")) {
    const line = JSON.parse(text) as RecordedLine;
    const socket = sockets.get(line.conn) ?? { peer: line.peer, page: {}, frames: [], closeCode: null };
    sockets.set(line.conn, socket);
    if (line.event === "open") {
      const { userAgent = null, origin = null, url: path = null, protocol = null } = line;
      socket.page = { userAgent, origin, path, protocol };
    } else if (line.event === "close") socket.closeCode = line.code ?? null;
    else if (line.data !== undefined) socket.frames.push(line.data);
  }
  return [...sockets.values()];
}

/** Records of a socket, and what was left out of it. */
export function readSocket({ page, frames, closeCode, peer }: RecordedSocket): {
  readonly records: SessionRecord[];
  readonly skipped: Skipped[];
} {
  const records: SessionRecord[] = [];
  const skipped: Skipped[] = [];
  const reader = createRtcstatsFrames({
    sessionId: peer,
    page,
    sink: { record: (_, record) => void records.push(record), skipped: (what) => void skipped.push(what) },
  });
  for (const frame of frames) reader.push(frame);
  reader.end(closeCode);
  return { records, skipped };
}

/** The dump that an rtcstats server would have of a socket. */
export function dumpOf({ page, frames, closeCode }: RecordedSocket): string {
  const head = {
    url: page.path,
    origin: page.origin,
    userAgent: page.userAgent,
    startTime: 1_795_234_134_633,
    remoteAddresses: [],
    locations: [],
    clientProtocol: page.protocol,
    fileFormat: 3,
  };
  return [
    "RTCStatsDump",
    JSON.stringify(head),
    ...frames,
    JSON.stringify(["close", null, closeCode, 0]),
    "",
  ].join("\n");
}
