import type { Detector } from "../view.ts";
import { iceChecksFailed } from "./ice-checks-failed.ts";
import { iceDisconnected } from "./ice-disconnected.ts";
import { iceFailedMidcall } from "./ice-failed-midcall.ts";
import { iceGatheringSlow } from "./ice-gathering-slow.ts";
import { icePathFlapping } from "./ice-path-flapping.ts";
import { iceRestartMissing } from "./ice-restart-missing.ts";
import { networkInterfaceChanged } from "./network-interface-changed.ts";
import { pathOverVpn } from "./path-over-vpn.ts";
import { relayDetour } from "./relay-detour.ts";
import { transportStalled } from "./transport-stalled.ts";
import { turnAuthFailed } from "./turn-auth-failed.ts";
import { turnCapacityReached } from "./turn-capacity-reached.ts";
import { turnNotConfigured } from "./turn-not-configured.ts";
import { turnUnreachable } from "./turn-unreachable.ts";
import { udpBlocked } from "./udp-blocked.ts";

/** Detectors of the category ice-turn, in the order in which they run: checks that failed before what may explain them. */
export const iceTurnDetectors: readonly Detector[] = [
  networkInterfaceChanged,
  iceGatheringSlow,
  iceChecksFailed,
  turnAuthFailed,
  turnCapacityReached,
  turnUnreachable,
  turnNotConfigured,
  udpBlocked,
  iceDisconnected,
  iceFailedMidcall,
  iceRestartMissing,
  icePathFlapping,
  transportStalled,
  relayDetour,
  pathOverVpn,
];
