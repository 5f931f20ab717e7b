import { passMachineTime, machineSubject } from "../../model/machine.ts";
import { sendsMedia } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, View } from "../view.ts";

const thresholds = { raisedAfterSeconds: 30, clearedAfterSeconds: 30, toldAfterSeconds: 10 };

export const definition: ObservationDefinition = {
  id: "system-pressure",
  category: "cpu",
  tier: "A",
  title: "Whole machine under load",
  meaning: "The processor of this device is busy, with this page or with other programs.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["minor", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 30,
  onText:
    "the browser calls the load of the processor serious for 30 s; major when it calls it critical for 30 s",
  clearText: "fair or nominal for 30 s",
  evidence: ["compute-pressure-changed.state", "derived.pressureSeconds"],
  exceptions: [{ guard: "G8", when: "the machine slept: that time does not count" }],
  blindIn: "Firefox and Safari do not tell the load of the processor.",
  thresholds,
};

/** Whole machine under load. Other programs count: it is this device all the same. */
export const systemPressure: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    if (model.machine.pressure !== null || connection.connectedAt === null) return;
    const limits = board.inForce(definition).thresholds;
    if (interval.to - connection.connectedAt < 1000 * (limits["toldAfterSeconds"] ?? 0)) return;
    board.absent(definition, "compute-pressure-changed");
  },
  onTime({ model, at, board }: Moment): void {
    const { pressure } = model.machine;
    if (pressure === null) return;
    passMachineTime(pressure, at);
    const { state, seriousSince, criticalSince, calmSince } = pressure;
    if (calmSince !== null) {
      const limit = board.inForce(definition).thresholds["clearedAfterSeconds"] ?? 0;
      if (at - calmSince < 1000 * limit) return;
      board.present(definition);
      const record = board.clear(definition, machineSubject, calmSince);
      if (record !== null) {
        record.clearEvidence = [evidence("compute-pressure-changed", "state", state, "", calmSince, at)];
      }
      return;
    }
    const raisedAfterMs = 1000 * (board.inForce(definition).thresholds["raisedAfterSeconds"] ?? 0);
    if (seriousSince === null || at - seriousSince < raisedAfterMs) return;
    const critical = criticalSince !== null && at - criticalSince >= raisedAfterMs;
    const before = board.open(definition, machineSubject);
    if (before !== null && (!critical || before.severity === "major")) return;
    const record = board.raise(definition, machineSubject, seriousSince, critical ? "major" : "minor");
    if (record === null) return;
    // A device that only plays is a device of the receiving side.
    record.domainHint = sendsMedia(model) ? "publisher-device" : "receiver-device";
    const since = critical ? criticalSince : seriousSince;
    record.onEvidence = [
      evidence("compute-pressure-changed", "state", state, "", since, at),
      evidence("derived", "pressureSeconds", (at - since) / 1000, "s", since, at),
    ];
  },
};
