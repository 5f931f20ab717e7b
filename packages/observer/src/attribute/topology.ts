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
  for (const connection of model.connections.values()) {
    let layers = 0;
    for (const { latest } of connection.outbound.values()) if (latest.rid !== null) layers += 1;
    if (layers > 1) return "server";
    let audio = 0;
    for (const { kind } of connection.inbound.values()) if (kind === "audio") audio += 1;
    if (audio > 1) return "server";
    if (connection.connectedAt === null) continue;
    if (connection.outbound.size > 0 && connection.inbound.size === 0) sendOnly += 1;
    if (connection.inbound.size > 0 && connection.outbound.size === 0) receiveOnly += 1;
  }
  return sendOnly > 0 && receiveOnly > 0 ? "server" : "unknown";
}
