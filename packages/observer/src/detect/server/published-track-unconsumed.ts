import { at } from "../../attribute/call-windows.ts";
import type { CallDetector } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { sourcesOf } from "../dry-spans.ts";
import { evidence } from "../open-record.ts";
import { windowEpisodes } from "../window-episodes.ts";

const thresholds = { seconds: 30 };

export const definition: ObservationDefinition = {
  id: "published-track-unconsumed",
  category: "server",
  tier: "B",
  title: "Media was sent that nobody in the call received",
  meaning: "This person sent media, and none of those who were recorded received it.",
  domainHint: "application",
  effect: false,
  severities: ["info"],
  unit: "bit/s",
  levels: [{ severity: "info", on: 50_000, clear: 10_000 }],
  on: { rule: "for", seconds: 30 },
  clearSeconds: 10,
  onText:
    "that rate or more for 30 s while somebody else in the call receives, and receives other media of this person",
  clearText: "somebody receives it, or it stops, for 10 s",
  evidence: ["derived.sentBitrate"],
  exceptions: [
    { when: "it is not known whose media the others receive" },
    { when: "nobody else is in the call" },
  ],
  blindIn:
    "Recorders and people without the SDK are not seen. Through a server that gives streams new numbers it is not known who received what.",
  thresholds,
};

/** Sent to the server and to nobody else. */
export const publishedTrackUnconsumed: CallDetector = {
  definition,
  detect(view) {
    if (!view.overServer) return [];
    const [level] = view.inForce(definition).levels;
    if (level === undefined) return [];
    const { seconds } = view.thresholds(definition, thresholds);
    const sources = sourcesOf(view.sessions, view.legs);
    const known = new Set(view.legs.map(({ received }) => received));
    // A stream of which nobody knows whose it is may be this one.
    const isComplete = view.sessions.every(({ callShare }) =>
      (callShare?.streams ?? []).every((stream) => stream.direction === "outbound" || known.has(stream)),
    );
    if (!isComplete) return [];
    return sources.flatMap(({ sender, sent, legs }) => {
      const others = view.legs.filter((leg) => leg.sender === sender);
      const [stream] = sent;
      if (stream === undefined || others.length === 0) return [];
      const values = view.windows.map(({ from, to }) => {
        const isHeard = others.some(({ received }) => (at(received, received.packets, from) ?? 0) > 0);
        const isReceived = legs.some(({ received }) => (at(received, received.packets, from) ?? 0) > 0);
        let bytes: number | null = null;
        for (const layer of sent) {
          const own = at(layer, layer.bytes, from);
          if (own !== null) bytes = (bytes ?? 0) + own;
        }
        const rate = bytes === null ? null : (8000 * bytes) / (to - from);
        return { from, to, value: !isHeard ? null : isReceived ? 0 : rate };
      });
      return windowEpisodes(values, {
        on: level.on,
        clear: level.clear,
        windows: Math.ceil(seconds / 10),
        clearWindows: 1,
      }).map(({ from, to, peak }) => ({
        severity: "info" as const,
        from,
        to,
        person: sender,
        scope: {
          direction: "outbound" as const,
          kind: stream.kind,
          pcId: stream.pcId,
          ...(stream.mid === null ? {} : { mid: stream.mid }),
        },
        peak: evidence("derived", definition.id, peak.value, "bit/s", peak.from, peak.to, level.on),
        evidence: [evidence("derived", "sentBitrate", peak.value, "bit/s", peak.from, peak.to)],
        missing: ["recorders and people who were not recorded"],
        causedIn: [],
      }));
    });
  },
};
