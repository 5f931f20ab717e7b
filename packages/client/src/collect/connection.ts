import type { SeenDescription } from "./descriptions.ts";

/** A peer connection the SDK watches, from the first time it is seen until it is closed. */
export interface Connection {
  /** `connectionId` of its records. */
  readonly id: string;
  readonly pc: RTCPeerConnection;
  /** Tracks that the other end announced. */
  readonly received: Set<MediaStreamTrack>;
  /** Data channels that either end opened. */
  readonly channels: Set<RTCDataChannel>;
  /** The session descriptions that were recorded last, by the end they are of: "local", "remote". */
  readonly descriptions: Map<string, SeenDescription>;
  /** A getStats has not settled. */
  isPending: boolean;
}

/** Looks after an open connection, once a round and after each call that changes something. */
export type Look = (
  connection: Connection,
  transceivers: readonly RTCRtpTransceiver[],
  /** What the app called stop() on. */
  stoppedByApp: WeakSet<object>,
) => void;

/** Listens without taking the place of a handler of the app; all of it ends when the SDK stops. */
export type Listen = (target: EventTarget, type: string, listener: (event: Event) => unknown) => void;
