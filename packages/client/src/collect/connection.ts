/** A peer connection the SDK watches, from the first time it is seen until it is closed. */
export interface Connection {
  /** `connectionId` of its records. */
  readonly id: string;
  readonly pc: RTCPeerConnection;
  readonly tracks: Map<string, SeenTrack>;
  /** Transceivers and transports that were seen, each with what was told of it last. */
  readonly told: Map<object, string>;
  /** Look after what no event tells, once a round. */
  readonly checks: Set<() => void>;
  /** The session descriptions that were recorded last, by the end they are of: "local", "remote". */
  readonly descriptions: Map<string, SeenDescription>;
  /** A getStats has not settled. */
  pending: boolean;
}

/** A session description as it was recorded. */
export interface SeenDescription {
  /** The call whose arguments or result it is. */
  readonly callId: number;
  readonly lines: readonly string[];
}

/** A local or remote track of a connection. */
export interface SeenTrack {
  readonly track: MediaStreamTrack;
  readonly direction: "local" | "remote";
  /** What a local one shows. */
  readonly source: string | undefined;
  /** State that was told last. */
  told: string;
}

/** Listens without taking the place of a handler of the app; all of it ends when the SDK stops. */
export type Listen = (target: EventTarget, type: string, listener: (event: Event) => unknown) => void;
