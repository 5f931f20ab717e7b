import { isGap } from "../../derive/gaps.ts";
import type { Connection } from "../../model/connection.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

/** Half of the checks unanswered is a path on which no handshake comes through in time. Ours. */
const thresholds = { handshakeLongerThanSeconds: 10, answeredShareAtLeast: 0.5 };

export const definition: ObservationDefinition = {
  id: "dtls-failed",
  category: "dtls",
  tier: "A",
  title: "The encryption could not be set up",
  meaning: "A network path was found, and the DTLS handshake over it failed or does not end.",
  domainHint: "unknown",
  effect: false,
  severities: ["critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "before the connection was ever connected: dtlsState is `failed`, or not `connected` 10 s after a path was found that still stands",
  clearText: "connected",
  evidence: [
    "transport.dtlsState",
    "transport.tlsVersion",
    "transport.dtlsRole",
    "candidate-pair.state",
    "derived.handshakeSeconds",
    "derived.fingerprintInDescription",
    "event.errorDetail",
    "event.receivedAlert",
    "event.sentAlert",
    "peer-connection.connectionState",
  ],
  exceptions: [
    { when: "no network path was found yet: that is ice-checks-failed" },
    { when: "so many packets are lost that fewer than half of the path checks are answered" },
    { guard: "G14", when: "it was encrypted before: the far end closes, and says so by an alert" },
    { guard: "G8", when: "the machine slept meanwhile" },
    { when: "nobody tells the state of the handshake or of the connection" },
  ],
  blindIn: "",
  thresholds,
};

/** ICE works, the handshake does not. */
export const dtlsFailed: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { handshake, subject, connectedAt } = connection;
    if (connectedAt !== null || handshake.encryptedAt !== null) {
      if (!handshake.failed) return;
      handshake.failed = false;
      const record = board.clear(definition, subject, connectedAt ?? handshake.encryptedAt ?? at);
      if (record === null) return;
      record.clearEvidence = [evidence("peer-connection", "connectionState", connection.state, "", at, at)];
      return;
    }
    const { pathAt } = handshake;
    if (pathAt === null || handshake.failed) return;
    const inForce = board.thresholds(definition, thresholds);
    const since = Math.max(pathAt, connection.ice.wokeAt ?? pathAt);
    const failed = handshake.dtlsState === "failed" || handshake.error !== null;
    // Somebody has to say that it goes on: the transport, or the connection that is still connecting.
    const goesOn = handshake.dtlsState !== null || connection.stateFromEvents;
    const endless = goesOn && handshake.pathStands && at - since > inForce.handshakeLongerThanSeconds * 1000;
    if (!failed && (!endless || isAsleep(connection, at))) return;
    if (!failed && isLossy(connection, inForce.answeredShareAtLeast)) return;
    const record = board.raise(definition, subject, pathAt, "critical");
    if (record === null) return;
    handshake.failed = true;
    record.onEvidence = describe(connection, pathAt, at);
    if (handshake.dtlsState === null) record.missing = ["transport.dtlsState"];
    // What was signalled is not the certificate that came: the description was mixed up or changed on its way.
    if (handshake.error?.errorDetail === "fingerprint-failure") record.domainHint = "application";
  },
};

function isAsleep(connection: Connection, at: number): boolean {
  const { previous } = connection;
  return previous !== null && isGap(connection, at - previous.at);
}

function isLossy({ previous }: Connection, answeredShareAtLeast: number): boolean {
  const sent = previous?.ofPair("requestsSent") ?? null;
  const answered = previous?.ofPair("responsesReceived") ?? null;
  return sent !== null && answered !== null && sent > 0 && answered / sent < answeredShareAtLeast;
}

function describe(connection: Connection, from: number, at: number): ReturnType<typeof evidence>[] {
  const { handshake, previous, negotiation } = connection;
  const { error } = handshake;
  const path = previous?.path;
  const described = negotiation.remote?.sections ? negotiation.remote.fingerprint : null;
  return [
    ...known("transport", "dtlsState", handshake.dtlsState, "", from, at),
    ...known("transport", "tlsVersion", path?.tlsVersion ?? null, "", from, at),
    ...known("transport", "dtlsRole", path?.dtlsRole ?? null, "", from, at),
    ...known("candidate-pair", "state", path?.pairState ?? null, "", from, at),
    evidence("derived", "handshakeSeconds", (at - from) / 1000, "s", from, at),
    ...(described === null ? [] : [evidence("derived", "fingerprintInDescription", described, "", from, at)]),
    ...known("event", "errorDetail", error?.errorDetail ?? null, "", from, at),
    ...known("event", "receivedAlert", error?.receivedAlert ?? null, "", from, at),
    ...known("event", "sentAlert", error?.sentAlert ?? null, "", from, at),
  ];
}
