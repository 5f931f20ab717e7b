import { createLineSplitter, longestLineBytes } from "../lines.ts";
import type { ForeignReader, ForeignSink } from "../reader.ts";
import { createSkips } from "../skips.ts";
import { getStatsLinesLimits, parseGetStatsLine } from "./getstats-lines.ts";

/** What raw statistics cannot show, in words for the session page. */
const limitsOfSource: readonly string[] = [
  "Raw statistics hold no events: refused permissions, muted tracks, session descriptions and what the app did are not in it.",
];

/** Reads raw getStats lines piece by piece, one session a participant, in the order of the lines. */
export function createGetStatsLinesReader(sink: ForeignSink, name: string): ForeignReader {
  const skips = createSkips(sink);
  const sessions = new Map<string, string>();
  let records = 0;

  function sessionOf(peer: string): string | null {
    const known = sessions.get(peer);
    if (known !== undefined) return known;
    if (sessions.size >= getStatsLinesLimits.peers) return null;
    const base = name.replace(/\.(gz|txt|json|jsonl|log)$/gi, "") || "getstats";
    const sessionId = peer === "" ? base : `${base}-${peer}`;
    sessions.set(peer, sessionId);
    sink.session({ sessionId, peer: peer === "" ? null : peer, userId: null, callId: null });
    return sessionId;
  }

  const lines = createLineSplitter({
    line(text, place, { isUtf8, isCut }) {
      if (!isUtf8) skips.add("unreadable", place, "bytes that are not UTF-8; the rest of the line was read");
      const parsed = parseGetStatsLine(text);
      if (typeof parsed === "string") {
        const isTorn = isCut && parsed === "not valid JSON";
        if (isTorn) skips.add("truncated", place, "the file ends in the middle of a line");
        else
          skips.add(/longer|deeper|more than/.test(parsed) ? "limit-exceeded" : "unreadable", place, parsed);
        return;
      }
      for (const reason of parsed.reasons) skips.add("invalid-entry", place, reason);
      const sessionId = sessionOf(parsed.peer);
      if (sessionId === null) {
        skips.once("limit-exceeded", "peers", place, `more than ${getStatsLinesLimits.peers} participants`);
        return;
      }
      records += 1;
      sink.record(sessionId, parsed.record);
    },
    tooLong(place) {
      skips.add("limit-exceeded", place, `a line of more than ${longestLineBytes} bytes`);
    },
  });

  return {
    push(chunk) {
      lines.push(chunk);
    },
    end() {
      lines.end();
      return { format: "getstats-lines", records, skippedCount: skips.count, limits: limitsOfSource };
    },
  };
}
