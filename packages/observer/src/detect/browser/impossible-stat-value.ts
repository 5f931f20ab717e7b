import type { ImpossibleValue } from "../../model/impossible-values.ts";
import type { Subject } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "impossible-stat-value",
  category: "browser",
  tier: "A",
  title: "Browser reported an impossible value",
  meaning: "A member of the statistics has a value that cannot be true; it is ignored.",
  domainHint: "browser",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "`packetsLost` below -1,000,000, a share or level outside 0 to 1, a negative round trip or jitter, a timestamp in microseconds, or a counter that falls while id and SSRC stay; once for each member",
  clearText: "the end of the session",
  evidence: [
    "inbound-rtp.packetsLost",
    "inbound-rtp.jitter",
    "inbound-rtp.audioLevel",
    "inbound-rtp.timestamp",
    "inbound-rtp.packetsReceived",
    "inbound-rtp.bytesReceived",
    "inbound-rtp.framesDecoded",
    "inbound-rtp.totalSamplesReceived",
    "outbound-rtp.timestamp",
    "outbound-rtp.packetsSent",
    "outbound-rtp.bytesSent",
    "remote-inbound-rtp.packetsLost",
    "remote-inbound-rtp.fractionLost",
    "remote-inbound-rtp.roundTripTime",
    "remote-inbound-rtp.jitter",
    "media-source.audioLevel",
    "candidate-pair.currentRoundTripTime",
  ],
  exceptions: [
    { guard: "G10", when: "a counter begins anew with a new id or SSRC" },
    { when: "late packets lower `packetsLost`: that it is negative is no defect" },
  ],
  blindIn: "",
  thresholds: {},
};

/** Browser reports a value that cannot be true. */
export const impossibleStatValue: Detector = {
  definition,
  onSample(view: View): void {
    const { impossible } = view.interval.report;
    const { backwards } = view.interval;
    if (impossible.length === 0 && backwards.length === 0) return;
    for (const value of impossible) tell(view, value);
    for (const value of backwards) tell(view, value);
  },
};

function tell({ connection, interval, board }: View, { stat, field, value }: ImpossibleValue): void {
  const subject: Subject = { key: `statistics/${stat}.${field}`, scope: { pcId: connection.id } };
  if (board.open(definition, subject) !== null) return;
  const record = board.raise(definition, subject, interval.to, "info");
  if (record !== null) record.onEvidence = [evidence(stat, field, value, "", interval.to, interval.to)];
}
