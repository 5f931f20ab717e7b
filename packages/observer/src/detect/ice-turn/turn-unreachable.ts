import type { IceServerAnswer } from "../../model/ice.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";
import { excuseTriesBefore, hasRelay, isUntold, severityWithoutRelay, turnAnswers } from "./turn-servers.ts";

const thresholds = { withoutRelaySeconds: 10 };

/** The browser could not reach the server at all. W3C webrtc-pc, RTCPeerConnectionIceErrorEvent. */
const unreachableCode = 701;

export const definition: ObservationDefinition = {
  id: "turn-unreachable",
  category: "ice-turn",
  tier: "A",
  title: "No TURN server answers",
  meaning:
    "This client asked every relay that it was given, and none answered: a firewall, a wrong address, or relays that are down.",
  domainHint: "unknown",
  effect: false,
  severities: ["major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "error 701 for all TURN URLs and no relay candidate within 10 s of gathering; critical when the connection did not come about, else major",
  clearText: "a relay candidate",
  evidence: [
    "icecandidateerror.errorCode",
    "icecandidateerror.errorText",
    "icecandidateerror.url",
    "local-candidate.candidateType",
    "derived.stunAnswered",
  ],
  exceptions: [
    { when: "a relay candidate came from any server" },
    { when: "only attempts over IPv6 failed while the client has IPv4" },
    { when: "one interface of several failed, as that of a VPN, and another one was served" },
    { guard: "G14", when: "the app had closed the connection" },
  ],
  blindIn: "Firefox before 150 has no icecandidateerror.",
  thresholds,
};

/** No TURN server answers. */
export const turnUnreachable: Detector = {
  definition,
  onTime(moment: Moment): void {
    const { connection, at, board } = moment;
    excuseTriesBefore(moment, definition.id);
    const { ice, subject } = connection;
    if (isUntold(connection)) board.absent(definition, "icecandidateerror");
    if (ice.failedAt === null) return;
    const open = board.open(definition, subject);
    if (hasRelay(connection)) {
      if (open !== null) board.clear(definition, subject, at);
      return;
    }
    const answers = turnAnswers(connection);
    const silent = answers.filter((answer) => answer !== null && isSilent(answer, ice.hasIpv4));
    const last = silent.at(-1)?.lastError ?? null;
    if (silent.length === 0 || silent.length < answers.length || last === null) return;
    const since = ice.gatheringSince ?? last.at;
    const { withoutRelaySeconds } = board.thresholds(definition, thresholds);
    if (at - since < withoutRelaySeconds * 1000) return;
    const severity = severityWithoutRelay(moment);
    const record = open ?? board.raise(definition, subject, since, severity);
    if (record === null) return;
    record.severity = severity;
    if (open !== null) return;
    const urls = silent.flatMap((answer) => answer?.lastError?.url ?? []);
    const types = [...connection.localCandidateTypes].sort().join(", ");
    const stun = [...ice.answers.values()].filter(({ server }) => server?.turn === false);
    record.onEvidence = [
      evidence("icecandidateerror", "errorCode", unreachableCode, "", since, at),
      ...(last.errorText === null
        ? []
        : [evidence("icecandidateerror", "errorText", last.errorText, "", last.at, at)]),
      evidence("icecandidateerror", "url", urls.join(", "), "", since, at),
      evidence("local-candidate", "candidateType", types === "" ? "none" : types, "", since, at),
      // A server for addresses that answers shows that the way out is open, at least over UDP.
      ...(stun.length === 0
        ? []
        : [
            evidence(
              "derived",
              "stunAnswered",
              stun.some(({ answered }) => answered),
              "",
              since,
              at,
            ),
          ]),
    ];
  },
};

/** It was asked, did not answer, and not only because this client has no IPv6. */
function isSilent({ answered, lastError, failedBesidesIpv6 }: IceServerAnswer, hasIpv4: boolean): boolean {
  return !answered && lastError?.errorCode === unreachableCode && (failedBesidesIpv6 || !hasIpv4);
}
