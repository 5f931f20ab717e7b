import type { JsonObject } from "@peerscope/schema";
import { booleanOf, stringOf } from "./stat-members.ts";

/** The network of this client as the browser tells it, over all connections. */
export interface NetworkState {
  /** "wifi", "cellular", "ethernet", …; null while nobody said. */
  type: string | null;
  /** The browser believes that there is a network. */
  online: boolean;
  /** Unix ms of the last change of the kind of network, or of its return; null without one. */
  changedAt: number | null;
}

/** A change of the network that an event tells; kinds are null where they are not known. */
export interface NetworkChange {
  readonly from: string | null;
  readonly to: string | null;
}

export function createNetworkState(): NetworkState {
  return { type: null, online: true, changedAt: null };
}

/** The change that an event is, before it is applied; null for everything else, a first word included. */
export function networkChangeOf(
  network: Readonly<NetworkState>,
  name: string,
  data: JsonObject,
): NetworkChange | null {
  if (name === "network-information-changed") {
    const type = kindOf(stringOf(data, "type"));
    return type === null || network.type === null || type === network.type
      ? null
      : { from: network.type, to: type };
  }
  if (name === "network-online-changed" && !network.online && data["online"] === true) {
    return { from: "none", to: network.type };
  }
  return null;
}

/** Takes over what an event says about the network. */
export function applyNetworkEvent(network: NetworkState, name: string, at: number, data: JsonObject): void {
  if (name !== "network-information-changed" && name !== "network-online-changed") return;
  if (networkChangeOf(network, name, data) !== null) network.changedAt = at;
  if (name === "network-online-changed") network.online = booleanOf(data, "online") ?? network.online;
  else network.type = kindOf(stringOf(data, "type")) ?? network.type;
}

/** A kind of network that says something; "unknown", "none" and "other" may be any. */
export function kindOf(type: string | null): string | null {
  return type === null || type === "unknown" || type === "none" || type === "other" ? null : type;
}
