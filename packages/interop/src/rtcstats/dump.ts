import type { JsonObject, JsonValue } from "@peerscope/schema";
import { createLineSplitter, longestLineBytes } from "../lines.ts";
import { isObject, objectOf, parseJson } from "../json.ts";
import type { ForeignReader, ForeignSink } from "../reader.ts";
import { createSkips, type Place } from "../skips.ts";
import { createRtcstatsFrames, type RtcstatsFrames } from "./frames.ts";
import { readDumpHead, type RtcstatsPage } from "./page.ts";

/** First line of a dump of format version 3. */
const magic = "RTCStatsDump";

/** What no recording of rtcstats shows, in words for the session page. docs/reference/interop.md says more. */
const limitsOfSource: readonly string[] = [
  "There are no statistics from before a connection was connected or failed.",
  "Certificates, names of statistics objects as the browser gave them, and members that a browser took back are not in it.",
  "Visibility of the page, the network of the machine, how the page plays what it receives, and states of transceivers and data channels are not in it.",
];
const withoutEnd = "It does not say how it ended: the socket was lost, or the recording was cut off.";

/**
 * Reads a dump file of an rtcstats server: format version 3 and, as far as they are described, the older ones; or frames as lines,
 * without a head.
 */
export function createRtcstatsReader(sink: ForeignSink, name: string): ForeignReader {
  const skips = createSkips(sink);
  const sessionId = name.replace(/\.(gz|txt|json|jsonl|log)$/gi, "") || "rtcstats";
  let page: RtcstatsPage = {};
  let frames: RtcstatsFrames | null = null;
  let isFirst = true;
  let isRefused = false;
  let isClosed = false;

  function begin(): RtcstatsFrames {
    if (frames !== null) return frames;
    sink.session({ sessionId, peer: null, userId: null, callId: null });
    frames = createRtcstatsFrames({ sessionId, sink, page });
    return frames;
  }

  function refuse(place: Place, reason: string): void {
    isRefused = true;
    skips.add("version-unsupported", place, reason);
  }

  /** Takes a line that is no frame; false when it is none of those. */
  function takeHead(text: string, place: Place): boolean {
    if (isFirst && text === magic) return true;
    if (!text.startsWith("{")) return false;
    const head = parseJson(text);
    if (!isObject(head)) return false;
    if (head["statsSessionId"] !== undefined) {
      refuse(place, "the protocol of Jitsi's fork, which is another one");
    } else if (head["peerConnections"] !== undefined) takeDocument(head, place);
    else if (frames === null) page = readDumpHead(head);
    else return false;
    return true;
  }

  /** The oldest form: one document with the events of each connection. */
  function takeDocument(document: JsonObject, place: Place): void {
    const events: { readonly at: number; readonly frame: JsonValue }[] = [];
    const lists: [string | null, JsonValue][] = Object.entries(objectOf(document["peerConnections"]));
    lists.push([null, document["getUserMedia"] ?? null]);
    for (const [connectionId, list] of lists) {
      if (!Array.isArray(list)) continue;
      const entries: readonly JsonValue[] = list;
      for (const entry of entries) {
        const { time, type, value = null } = objectOf(entry);
        const at = typeof time === "string" ? Date.parse(time) : typeof time === "number" ? time : Number.NaN;
        if (Number.isNaN(at) || typeof type !== "string") {
          skips.add("invalid-entry", place, "an event without a type or a time");
          continue;
        }
        const parsed = typeof value === "string" && /^[[{]/.test(value) ? parseJson(value) : undefined;
        events.push({ at, frame: [type, connectionId, parsed ?? value, at] });
      }
    }
    const target = begin();
    for (const { frame } of events.sort((a, b) => a.at - b.at)) target.push(JSON.stringify(frame), place);
  }

  const lines = createLineSplitter({
    line(text, place, { isUtf8, isCut }) {
      if (isRefused) return;
      if (!isUtf8) skips.add("unreadable", place, "bytes that are not UTF-8; the rest of the line was read");
      const isHead = takeHead(text, place);
      isFirst = false;
      if (isHead || isRefused) return;
      if (text.startsWith("[")) {
        if (isCut && parseJson(text) === undefined) {
          skips.add("truncated", place, "the file ends in the middle of a line");
          return;
        }
        isClosed ||= text.startsWith('["close",null,');
        begin().push(text, place);
        return;
      }
      // What is not the beginning of a frame has taken none with it, as far as one can tell.
      skips.add("unreadable", place, "neither a frame nor a head");
      frames?.lost();
    },
    tooLong(place) {
      isFirst = false;
      skips.add("limit-exceeded", place, `a line of more than ${longestLineBytes} bytes`);
      frames?.lost();
    },
  });

  return {
    push(chunk) {
      lines.push(chunk);
    },
    end() {
      lines.end();
      frames?.end();
      return {
        format: "rtcstats",
        records: frames?.records ?? 0,
        skippedCount: skips.count + (frames?.skippedCount ?? 0),
        limits: isClosed || frames === null ? limitsOfSource : [...limitsOfSource, withoutEnd],
      };
    },
  };
}
