import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

/** Two requests without an answer: one may be on its way when a sample is taken. Ours. */
const thresholds = { silentSeconds: 5, unansweredRequests: 2 };

export const definition: ObservationDefinition = {
  id: "transport-stalled",
  category: "ice-turn",
  tier: "A",
  title: "Nothing comes back",
  meaning:
    "The connection stood, this client went on sending, and nothing at all came back, no answer to path checks either.",
  domainHint: "unknown",
  effect: false,
  severities: ["critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "no byte received for 5 s on a path that worked, own packets sent meanwhile, path checks (STUN) unanswered, and media was received before",
  clearText: "bytes are received",
  evidence: [
    "derived.silentSeconds",
    "candidate-pair.bytesReceived",
    "candidate-pair.bytesSent",
    "derived.unansweredRequests",
  ],
  exceptions: [
    { when: "path checks are answered: then the others are muted or gone" },
    { guard: "G1", when: "nobody sent anything before" },
    { guard: "G14", when: "the other side closed its end" },
    { guard: "G8", when: "the machine slept" },
  ],
  blindIn: "Firefox before 142 does not count path checks.",
  thresholds,
};

/** Connected, we send, nothing comes back. */
export const transportStalled: Detector = {
  definition,
  onSample(view: View): void {
    const { connection, interval, board } = view;
    const { path, from, to } = interval;
    if (path === null) return;
    const { transportSilentSince: since, subject } = connection;
    if (since === null) {
      if (path.bytesReceived === null || path.bytesReceived === 0) return;
      const record = board.clear(definition, subject, from);
      if (record !== null) {
        record.clearEvidence = [
          evidence("candidate-pair", "bytesReceived", path.bytesReceived, "bytes", from, to),
        ];
      }
      return;
    }
    const { silentSeconds, unansweredRequests } = board.thresholds(definition, thresholds);
    const seconds = (to - since) / 1000;
    if (seconds < silentSeconds || !connection.everReceivedBytes) return;
    if (path.pair.responsesReceived === null || path.pair.requestsSent === null) {
      board.absent(definition, "candidate-pair.responsesReceived");
      return;
    }
    if (connection.unansweredRequests < unansweredRequests || (path.bytesSent ?? 0) === 0) return;
    // A path that failed for good has an observation of its own.
    if (connection.state !== "connected" && connection.state !== "disconnected") return;
    if (!isAwaited(view) || board.open(definition, subject) !== null) return;
    const record = board.raise(definition, subject, since, "critical");
    if (record === null) return;
    record.onEvidence = [
      evidence("derived", "silentSeconds", seconds, "s", since, to, silentSeconds),
      evidence("candidate-pair", "bytesReceived", 0, "bytes", since, to),
      ...known("candidate-pair", "bytesSent", path.bytesSent, "bytes", from, to),
      evidence(
        "derived",
        "unansweredRequests",
        connection.unansweredRequests,
        "",
        connection.unansweredSince ?? since,
        to,
      ),
    ];
  },
};

/** Somebody on the other side sent media before and did not end it. */
function isAwaited({ model, connection }: View): boolean {
  for (const stream of connection.inbound.values()) {
    if (stream.lastPacketAt !== null && !endIsIntended(model, connection, stream)) return true;
  }
  return false;
}
