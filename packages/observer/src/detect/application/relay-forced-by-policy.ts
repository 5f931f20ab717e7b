import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "relay-forced-by-policy",
  category: "application",
  tier: "B",
  title: "The app allows relayed paths alone",
  meaning: "The app asked for paths over a relay only, so direct ones are never tried.",
  domainHint: "application",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "the configuration has `iceTransportPolicy: relay`",
  clearText: "the app changes the configuration",
  evidence: ["peer-connection.iceTransportPolicy"],
  exceptions: [{ when: "it is a choice of privacy: it is never more than info" }],
  blindIn: "Not computable in recordings without the configuration of the connection.",
  thresholds: {},
};

/** iceTransportPolicy relay. */
export const relayForcedByPolicy: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { configuration } = connection.ice;
    const { subject } = connection;
    if (configuration === null) {
      board.absent(definition, "RTCPeerConnection.getConfiguration().iceTransportPolicy");
      return;
    }
    const open = board.open(definition, subject);
    if (!configuration.relayOnly) {
      if (open !== null) board.clear(definition, subject, at);
      return;
    }
    if (open !== null) return;
    const record = board.raise(definition, subject, at, "info");
    if (record !== null)
      record.onEvidence = [evidence("peer-connection", "iceTransportPolicy", "relay", "", at, at)];
  },
};
