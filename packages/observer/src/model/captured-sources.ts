import type { QuietSpeech } from "./quiet-speech.ts";
import type { Report, SourceStats } from "./report.ts";
import type { Subject } from "./streams.ts";
import { SmallMap } from "../pack/small-map.ts";

/** Loudness of what is received and of the own source, sample by sample, while the echo canceller sees an echo. */
export interface EchoLevels {
  readonly from: number;
  readonly received: number[];
  readonly own: number[];
}

/** One media-source over its life: a microphone, a camera, or what the page made itself. */
export interface CapturedSource {
  readonly subject: Subject;
  readonly kind: "audio" | "video";
  readonly trackId: string | null;
  /** Unix ms since when a camera delivers no frame, while it should; null while it delivers. */
  stillSince: number | null;
  /** Start of the first step in which it delivered again. */
  advancingSince: number | null;
  /** It was found to deliver nothing. */
  foundStill: boolean;
  /** Its frame rate was low once: from then on every step is judged. */
  wasSlow: boolean;
  quietSpeech: QuietSpeech | null;
  echo: EchoLevels | null;
  foundEcho: boolean;
}

/** Sources of one connection that are followed at once. Ours. */
const maximumSources = 100;

/** Opens sources that are new in the report and drops those that left it or show another track. Adds subjects that are gone to `gone`. */
export function followSources(
  sources: SmallMap<string, CapturedSource>,
  pcId: string,
  report: Report,
  gone: Subject[],
): void {
  for (const [id, source] of sources) {
    const now = report.sources.get(id);
    if (now !== undefined && now.trackId === source.trackId) continue;
    sources.delete(id);
    gone.push(source.subject);
  }
  for (const stats of report.sources.values()) {
    if (!sources.has(stats.id) && sources.size < maximumSources)
      sources.set(stats.id, openSource(pcId, stats));
  }
}

function openSource(pcId: string, { id, kind, trackId }: SourceStats): CapturedSource {
  return {
    subject: {
      key: [pcId, "source", kind, id, trackId ?? ""].join("/"),
      scope: { pcId, kind, direction: "outbound", ...(trackId === null ? {} : { trackId }) },
    },
    kind,
    trackId,
    stillSince: null,
    advancingSince: null,
    foundStill: false,
    wasSlow: false,
    quietSpeech: null,
    echo: null,
    foundEcho: false,
  };
}
