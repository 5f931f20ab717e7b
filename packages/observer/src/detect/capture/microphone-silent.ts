import type { SourceInterval } from "../../derive/outbound-interval.ts";
import type { Subject } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isReplacingTrack, sourceIsOff } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { digitalSilenceSeconds: 10, quietSeconds: 30, quietRms: 0.001, clearRms: 0.003 };

export const definition: ObservationDefinition = {
  id: "microphone-silent",
  category: "capture",
  tier: "A",
  title: "Microphone delivers silence",
  meaning: "The microphone is on and not muted, and no sound comes from it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major"],
  unit: "s",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "energy exactly 0 for 10 s, or RMS below 0.001 for 30 s, while the track is live, enabled and not muted; info when nobody knows whether it was muted",
  clearText: "RMS above 0.003 in 2 of 3 steps",
  evidence: [
    "media-source.totalAudioEnergy",
    "media-source.audioLevel",
    "derived.rms",
    "derived.silentSeconds",
    "track.enabled",
    "outbound-rtp.packetsSent",
  ],
  exceptions: [
    { guard: "G1", when: "the microphone is muted, by the app or by the system" },
    { when: "the room is quiet: the RMS rule needs 30 s" },
  ],
  blindIn: "Firefox and Safari report no energy of the source.",
  thresholds,
};

/** Unmuted microphone delivers nothing. */
export const microphoneSilent: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const outbound of interval.outbound) {
      const { source } = outbound;
      const { stream } = outbound;
      if (outbound.now.kind !== "audio" || source === null) continue;
      const { subject } = stream;
      if (source.totalAudioEnergy === null || source.totalSamplesDuration === null) {
        board.absent(definition, "media-source.totalAudioEnergy");
        stream.silence = null;
        continue;
      }
      board.present(definition);
      const off = sourceIsOff(model, source.now.trackId);
      const open = board.open(definition, subject);
      if (off === true || connection.state !== "connected" || isReplacingTrack(connection, "audio", to)) {
        // Muted, over, or not connected: expected silence. An open record ends, for it is no longer unmuted.
        if (open !== null && off === true) board.clear(definition, subject, from);
        stream.silence = null;
        continue;
      }
      if (source.totalSamplesDuration <= 0) continue;
      const rms = Math.sqrt(source.totalAudioEnergy / source.totalSamplesDuration);
      if (open !== null) {
        letGo(stream, { rms, from, to, board, subject });
        continue;
      }
      const limits = board.thresholds(definition, thresholds);
      if (rms >= limits.quietRms) {
        stream.silence = null;
        continue;
      }
      const zero = source.totalAudioEnergy === 0;
      stream.silence ??= { quietSince: from, zeroSince: null, loudSteps: [] };
      stream.silence.zeroSince = zero ? (stream.silence.zeroSince ?? from) : null;
      const { quietSince, zeroSince } = stream.silence;
      const digital = zeroSince !== null && to - zeroSince >= limits.digitalSilenceSeconds * 1000;
      const quiet = to - quietSince >= limits.quietSeconds * 1000;
      if (!digital && !quiet) continue;
      const since = digital ? (zeroSince ?? quietSince) : quietSince;
      raise({ source, since, to, rms, board, subject, known: off !== null }, outbound.packetsSent);
    }
  },
};

interface Raise {
  readonly source: SourceInterval;
  readonly since: number;
  readonly to: number;
  readonly rms: number;
  readonly board: View["board"];
  readonly subject: Subject;
  readonly known: boolean;
}

function raise(
  { source, since, to, rms, board, subject, known: enabledKnown }: Raise,
  packetsSent: number | null,
): void {
  // Statistics alone cannot tell a muted microphone from a dead one: context then, not an accusation.
  const record = board.raise(definition, subject, since, enabledKnown ? "major" : "info");
  if (record === null) return;
  attach({ kind: "opened", record }, [
    evidence("media-source", "totalAudioEnergy", source.totalAudioEnergy, "", since, to),
    ...known("media-source", "audioLevel", source.now.audioLevel, "", to, to),
    evidence("derived", "rms", rms, "", since, to, board.thresholds(definition, thresholds).quietRms),
    evidence("derived", "silentSeconds", (to - since) / 1000, "s", since, to),
    ...(enabledKnown ? [evidence("track", "enabled", true, "", since, to)] : []),
    ...known("outbound-rtp", "packetsSent", packetsSent, "packets", since, to),
  ]);
  if (!enabledKnown) record.missing = ["track.enabled (track-state-changed)"];
}

function letGo(
  stream: { silence: { loudSteps: number[]; quietSince: number; zeroSince: number | null } | null },
  {
    rms,
    from,
    to,
    board,
    subject,
  }: { rms: number; from: number; to: number; board: View["board"]; subject: Subject },
): void {
  stream.silence ??= { quietSince: from, zeroSince: null, loudSteps: [] };
  const { clearRms } = board.thresholds(definition, thresholds);
  const { loudSteps } = stream.silence;
  loudSteps.push(rms > clearRms ? from : Number.NaN);
  if (loudSteps.length > 3) loudSteps.shift();
  const loud = loudSteps.filter((at) => !Number.isNaN(at));
  if (loud.length < 2) return;
  const record = board.clear(definition, subject, loud[0] ?? from);
  if (record !== null) record.clearEvidence = [evidence("derived", "rms", rms, "", from, to, clearRms)];
  stream.silence = null;
}
