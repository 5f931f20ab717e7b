import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";
import { hasJustConnected } from "../setup/retry.ts";
import { definition as checksFailed } from "./ice-checks-failed.ts";
import { isRetried } from "./turn-servers.ts";

export const definition: ObservationDefinition = {
  id: "turn-not-configured",
  category: "ice-turn",
  tier: "A",
  title: "No TURN server configured",
  meaning: "The app gave the connection no relay to fall back on where no direct path exists.",
  domainHint: "application",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the configuration of a connection that is negotiated has no turn: or turns: URL; major when its connectivity checks went unanswered and the other side had no relay either",
  clearText: "the app configures one",
  evidence: [
    "peer-connection.iceServers",
    "local-candidate.candidateType",
    "remote-candidate.candidateType",
    "derived.stunAnswered",
  ],
  exceptions: [
    { when: "the other side is a server with a public address (ICE lite)" },
    { when: "the connection was never negotiated" },
  ],
  blindIn: "Not computable in recordings without the configuration of the connection.",
  thresholds: {},
};

/** No TURN URL. */
export const turnNotConfigured: Detector = {
  definition,
  onTime(moment: Moment): void {
    const { connection, board, at } = moment;
    const { ice, subject, attemptedAt } = connection;
    if (attemptedAt === null) return;
    if (hasJustConnected(connection, at)) excuseTries(moment);
    const { configuration } = ice;
    if (configuration === null) {
      board.absent(definition, "RTCPeerConnection.getConfiguration().iceServers");
      return;
    }
    if (ice.remoteIsLite || configuration.servers.some(({ turn }) => turn)) {
      board.clear(definition, subject, at);
      return;
    }
    const open = board.open(definition, subject);
    const record = open ?? board.raise(definition, subject, attemptedAt, "info");
    if (record === null || record.severity !== "info") return;
    const schemes = configuration.servers.length === 0 ? "none" : "stun";
    if (open === null) {
      record.onEvidence = [evidence("peer-connection", "iceServers", schemes, "", attemptedAt, at)];
    }
    if (
      board.open(checksFailed, subject)?.severity !== "critical" ||
      connection.remoteCandidateTypes.has("relay")
    )
      return;
    record.severity = "major";
    record.peakEvidence = [
      evidence(
        "local-candidate",
        "candidateType",
        types(connection.localCandidateTypes),
        "",
        attemptedAt,
        at,
      ),
      evidence(
        "remote-candidate",
        "candidateType",
        types(connection.remoteCandidateTypes),
        "",
        attemptedAt,
        at,
      ),
      // Nothing of this client got out at all: then a relay would not have been reached either.
      ...(schemes === "none"
        ? []
        : [
            evidence(
              "derived",
              "stunAnswered",
              connection.localCandidateTypes.has("srflx"),
              "",
              attemptedAt,
              at,
            ),
          ]),
    ];
  },
};

function types(found: Iterable<string>): string {
  return [...found].sort().join(", ") || "none";
}

/** Another connection that came up did so without a relay: then the lack of one was not what stopped the tries before. */
function excuseTries({ model, board }: Moment): void {
  for (const record of board.records) {
    if (record.definition.id !== definition.id || record.severity !== "major") continue;
    const tried = model.connections.get(record.scope.pcId ?? "");
    if (tried !== undefined && isRetried(model, tried)) record.severity = "info";
  }
}
