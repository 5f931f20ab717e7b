import type { SessionModel } from "../model/session.ts";

/**
 * What is between this client and the others, as far as one side can see.
 * "server": each leg is measured on its own, an end of it can be named. "unknown" includes a direct call: the measured path
 * has two ends and nothing here tells them apart (catalogue section 5, identifiability).
 */
export type Topology = "server" | "unknown";

/**
 * A media server is recognised by what browsers do not do with each other: simulcast layers, several audio streams received
 * on one connection, or separate connections for sending and receiving.
 */
export function topologyOf(model: SessionModel): Topology {
  let sendOnly = 0;
  let receiveOnly = 0;
  for (const { seen, connectedAt } of model.connections.values()) {
    if (seen.layersOut > 1 || seen.audioIn > 1) return "server";
    if (connectedAt === null) continue;
    if (seen.sent && !seen.received) sendOnly += 1;
    if (seen.received && !seen.sent) receiveOnly += 1;
  }
  return sendOnly > 0 && receiveOnly > 0 ? "server" : "unknown";
}
