import type { Connection } from "../../model/connection.ts";
import type { Mismatch } from "../../model/media-mismatches.ts";
import { negotiatedDirection } from "../../model/negotiation.ts";
import type { Subject } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "no-common-codec",
  category: "setup",
  tier: "A",
  title: "The ends share no format for a medium",
  meaning: "Offer and answer stand, and one of the media was refused or has no codec that both ends know.",
  domainHint: "application",
  effect: false,
  severities: ["major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "after an exchange, a media section that was offered to carry media has port 0 in the answer, or the codecs of both ends have none in common",
  clearText: "a later exchange in which it has one, or is ended",
  evidence: [
    "derived.localCodecs",
    "derived.remoteCodecs",
    "derived.commonCodecs",
    "derived.mediaSectionRejected",
    "transceiver.currentDirection",
  ],
  exceptions: [
    {
      guard: "G14",
      when: "the section is offered or answered as inactive, or the app stopped its transceiver",
    },
    { when: "the m-line was refused before and stays, or is used again for another medium" },
    { when: "the section only asks to receive and is refused: nobody wanted to send" },
    { when: "the m-line has port 0 because it is bundled with another one" },
  ],
  blindIn: "Without the session descriptions (plain getStats logs) it is not seen.",
  thresholds: {},
};

/** A media section was refused, or has no codec in common. */
export const noCommonCodec: Detector = {
  definition,
  onTime({ connection, board }: Moment): void {
    const { mismatches } = connection.negotiation;
    if (mismatches.size === 0) return;
    for (const mismatch of mismatches.values()) {
      const subject = subjectOf(connection, mismatch);
      const open = board.open(definition, subject);
      if (mismatch.resolvedAt !== null) {
        if (open !== null) board.clear(definition, subject, mismatch.resolvedAt);
        continue;
      }
      if (open !== null) continue;
      const record = board.raise(definition, subject, mismatch.at, "major");
      if (record !== null) record.onEvidence = describe(connection, mismatch);
    }
  },
};

function subjectOf({ subject, id }: Connection, { mid, kind }: Mismatch): Subject {
  return { key: `${subject.key}/mid ${mid}`, scope: { pcId: id, mid, kind } };
}

function describe(connection: Connection, mismatch: Mismatch): ReturnType<typeof evidence>[] {
  const { at, mid, localCodecs, remoteCodecs, rejected } = mismatch;
  const list = (codecs: readonly string[]): string | null =>
    codecs.length === 0 ? null : codecs.join(", ").slice(0, 200);
  const both = localCodecs.length > 0 && remoteCodecs.length > 0;
  const common = localCodecs.filter((name) => remoteCodecs.includes(name)).length;
  const direction = negotiatedDirection(connection.negotiation, mid);
  return [
    evidence("derived", "mediaSectionRejected", rejected, "", at, at),
    ...known("derived", "localCodecs", list(localCodecs), "", at, at),
    ...known("derived", "remoteCodecs", list(remoteCodecs), "", at, at),
    ...(both ? [evidence("derived", "commonCodecs", common, "", at, at)] : []),
    ...known("transceiver", "currentDirection", direction, "", at, at),
  ];
}
