import { candidateOf } from "../../model/ice.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "path-over-vpn",
  category: "ice-turn",
  tier: "B",
  title: "Media goes through a VPN",
  meaning: "The path in use begins at an interface of a VPN.",
  domainHint: "unknown",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "the selected local candidate has the network type `vpn`",
  clearText: "another path is selected",
  evidence: ["local-candidate.networkType"],
  exceptions: [],
  blindIn: "Firefox and Safari do not report the network type of candidates.",
  thresholds: {},
};

/** Selected path uses a VPN. */
export const pathOverVpn: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { path, report, to } = interval;
    if (path === null || connection.state !== "connected") return;
    const type = candidateOf(report, path.pair.localCandidateId)?.networkType ?? null;
    const { subject } = connection;
    if (type === null) {
      board.absent(definition, "local-candidate.networkType");
      board.unknown(definition, subject, interval.from, to);
      return;
    }
    const open = board.open(definition, subject);
    if (type !== "vpn") {
      if (open !== null) board.clear(definition, subject, to);
      return;
    }
    if (open !== null) return;
    const record = board.raise(definition, subject, interval.from, "info");
    if (record !== null)
      record.onEvidence = [evidence("local-candidate", "networkType", type, "", interval.from, to)];
  },
};
