import type { Evidence } from "@peerscope/schema";
import type { Connection } from "../../model/connection.ts";
import { candidateOf, transportOf } from "../../model/ice.ts";
import type { Report } from "../../model/report.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { overTcpSeconds: 10 };

export const definition: ObservationDefinition = {
  id: "udp-blocked",
  category: "ice-turn",
  tier: "A",
  title: "Media goes over TCP, as UDP does not pass",
  meaning:
    "Paths over UDP were tried and led nowhere; media takes TCP or TLS, which adds delay on each loss.",
  domainHint: "unknown",
  effect: false,
  severities: ["major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the selected path runs over TCP or TLS for 10 s, no STUN or TURN server answered over UDP, and UDP was tried in vain",
  clearText: "a path over UDP is selected",
  evidence: [
    "local-candidate.candidateType",
    "local-candidate.protocol",
    "local-candidate.relayProtocol",
    "icecandidateerror.url",
    "derived.silentUdpServers",
    "derived.unansweredUdpChecks",
  ],
  exceptions: [
    { when: "a server or the other side answered over UDP: then TCP is a preference" },
    { when: "the app configured relays over TCP or TLS alone" },
  ],
  blindIn: "Where the browser does not say how a relay is reached (Safari), relayed paths are not judged.",
  thresholds,
};

/** The browser could not reach the server at all. W3C webrtc-pc, RTCPeerConnectionIceErrorEvent. */
const unreachableCode = 701;

/** Media only over TCP/TLS. */
export const udpBlocked: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { path, report, to } = interval;
    if (path === null || connection.state !== "connected") return;
    const local = candidateOf(report, path.pair.localCandidateId);
    if (local === null) {
      board.absent(definition, "local-candidate.protocol");
      return;
    }
    if (transportOf(local) === null) {
      board.absent(definition, "local-candidate.relayProtocol");
      return;
    }
    const { ice, subject } = connection;
    if (ice.tcpSince === null) {
      if (board.open(definition, subject) !== null) board.clear(definition, subject, to);
      return;
    }
    if (ice.reachedOverUdp || board.open(definition, subject) !== null) return;
    const { overTcpSeconds } = board.thresholds(definition, thresholds);
    if (to - ice.tcpSince < overTcpSeconds * 1000) return;
    const tried = triedOverUdp(connection, report, to);
    if (tried === "answered") return;
    if (tried.length === 0) {
      // Nothing over UDP was to be had or to be seen: TCP may be what the app wants.
      board.absent(definition, "an attempt over UDP");
      return;
    }
    const record = board.raise(definition, subject, ice.tcpSince, "major");
    if (record === null) return;
    record.onEvidence = [
      ...known("local-candidate", "candidateType", local.type, "", ice.tcpSince, to),
      ...(local.relayProtocol === null
        ? known("local-candidate", "protocol", local.protocol, "", ice.tcpSince, to)
        : [evidence("local-candidate", "relayProtocol", local.relayProtocol, "", ice.tcpSince, to)]),
      ...tried,
    ];
  },
};

/** What was tried over UDP and led nowhere; "answered" when something came back. */
function triedOverUdp(connection: Connection, report: Report, to: number): Evidence[] | "answered" {
  const { ice, firstSeenAt } = connection;
  let checks = 0;
  for (const pair of report.pairs.values()) {
    const local = candidateOf(report, pair.localCandidateId);
    if (local === null || transportOf(local) !== "udp") continue;
    if ((pair.responsesReceived ?? 0) > 0 || pair.state === "succeeded") return "answered";
    // Behind address translation a direct path may fail by itself; a server with a public address answers unless UDP is blocked.
    if (ice.remoteIsLite) checks += pair.requestsSent ?? 0;
  }
  const items: Evidence[] = [];
  const failed: string[] = [];
  for (const { server, lastError } of ice.answers.values()) {
    if (server?.transport !== "udp" || lastError === null) continue;
    // A refusal came over UDP.
    if (lastError.errorCode !== unreachableCode) return "answered";
    failed.push(lastError.url);
  }
  if (failed.length > 0)
    items.push(evidence("icecandidateerror", "url", failed.join(", "), "", firstSeenAt, to));
  const silent = ice.configuration?.servers.filter(
    // A relay is all that is asked for when the app wants relays alone.
    ({ transport, turn }) => transport === "udp" && (turn || ice.configuration?.relayOnly === false),
  ).length;
  if (silent !== undefined && silent > 0) {
    items.push(evidence("derived", "silentUdpServers", silent, "", firstSeenAt, to));
  }
  if (checks > 0) items.push(evidence("derived", "unansweredUdpChecks", checks, "", firstSeenAt, to));
  return items;
}
