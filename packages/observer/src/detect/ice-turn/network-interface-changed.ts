import { networkChangeOf } from "../../model/network.ts";
import { objectOf } from "../../model/stat-members.ts";
import type { Subject } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Occurrence, View } from "../view.ts";

/** The event of the browser and the new candidate tell the same change. Ours. */
const thresholds = { sameChangeSeconds: 15 };

export const definition: ObservationDefinition = {
  id: "network-interface-changed",
  category: "ice-turn",
  tier: "A",
  title: "The device changed its network",
  meaning: "Wi-Fi, cable, cellular or VPN took over from one another, or the network came back.",
  domainHint: "receiver-device",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the browser tells another kind of network, or that it is online again, or the selected local candidate is of another kind of network",
  clearText: "at once: it is an event",
  evidence: ["navigator.connection.type", "local-candidate.networkType"],
  exceptions: [{ when: "the kind of network is unknown before or after" }],
  blindIn:
    "Firefox and Safari do not tell the kind of network; there only the return of the network is seen.",
  thresholds,
};

/** The network of this client, whatever connection runs over it. */
const networkSubject: Subject = { key: "network", scope: {} };

/** Wi-Fi/cellular/VPN change. */
export const networkInterfaceChanged: Detector = {
  definition,
  onEvent({ model, event, board }: Occurrence): void {
    const { name, at } = event;
    if (name !== "network-information-changed" && name !== "network-online-changed") return;
    const change = networkChangeOf(model.network, name, objectOf(event.data) ?? {});
    if (change === null) return;
    note(board, at, "navigator.connection", "type", change);
  },
  onSample({ model, connection, interval, board }: View): void {
    const { ice } = connection;
    if (ice.networkTypeChangedAt !== interval.to) return;
    const told = model.network.changedAt;
    const { sameChangeSeconds } = board.thresholds(definition, thresholds);
    if (told !== null && interval.to - told < sameChangeSeconds * 1000) return;
    note(board, interval.to, "local-candidate", "networkType", {
      from: ice.networkTypeBefore,
      to: ice.networkType,
    });
  },
};

function note(
  board: View["board"],
  at: number,
  stat: string,
  field: string,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): void {
  const record = board.raise(definition, networkSubject, at, "info");
  if (record === null) return;
  record.onEvidence = [evidence(stat, field, `${from ?? "unknown"} to ${to ?? "unknown"}`, "", at, at)];
  board.clear(definition, networkSubject, at);
}
