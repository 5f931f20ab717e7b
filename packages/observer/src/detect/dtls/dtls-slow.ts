import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { pageIsHidden } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { expectedAboveRttMs: 500 };

/** The first samples may lack the round trip: checks have to be answered. Ours. */
const waitsForRttMs = 5000;

export const definition: ObservationDefinition = {
  id: "dtls-slow",
  category: "dtls",
  tier: "B",
  title: "Setting up the encryption took long",
  meaning:
    "Between a network path that worked and an encrypted connection lay more time than a handshake needs.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 1000, clear: 900 },
    { severity: "major", on: 3000, clear: 2900 },
  ],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "once per connection: from the first path that worked to dtlsState `connected`",
  clearText: "at once: it is said when it is over",
  evidence: [
    "derived.handshakeMs",
    "derived.handshakeRoundTrips",
    "candidate-pair.currentRoundTripTime",
    "transport.dtlsState",
  ],
  exceptions: [
    { when: "the round trip is above 500 ms: two or three of them take that long" },
    { guard: "G2", when: "the page is hidden" },
  ],
  blindIn:
    "Without the events of the page it is known between two samples only; then the shortest time that fits is taken.",
  thresholds,
};

/** The handshake took long. */
export const dtlsSlow: Detector = {
  definition,
  onSample({ model, connection, interval, board }: View): void {
    const { handshake, subject } = connection;
    if (handshake.judged) return;
    const { pathAt, encryptedAt } = handshake;
    const roundTripTime = interval.path?.pair.currentRoundTripTime ?? null;
    if (pathAt === null || encryptedAt === null) return;
    if (roundTripTime === null && interval.to - encryptedAt < waitsForRttMs) return;
    handshake.judged = true;
    if (encryptedAt <= pathAt || pageIsHidden(model, encryptedAt)) return;
    const { expectedAboveRttMs } = board.thresholds(definition, thresholds);
    const rttMs = roundTripTime === null ? null : roundTripTime * 1000;
    if (rttMs !== null && rttMs > expectedAboveRttMs) return;
    const handshakeMs = encryptedAt - pathAt;
    const change = board.vote(definition, subject, pathAt, encryptedAt, handshakeMs);
    if (change === null) return;
    attach(change, [
      evidence("derived", "handshakeMs", handshakeMs, "ms", pathAt, encryptedAt),
      evidence("transport", "dtlsState", "connected", "", encryptedAt, encryptedAt),
      ...known("candidate-pair", "currentRoundTripTime", rttMs, "ms", interval.from, interval.to),
      ...(rttMs === null || rttMs === 0
        ? []
        : [evidence("derived", "handshakeRoundTrips", handshakeMs / rttMs, "", pathAt, encryptedAt)]),
    ]);
    if (rttMs === null) change.record.missing = ["candidate-pair.currentRoundTripTime"];
    board.clear(definition, subject, encryptedAt);
  },
};
