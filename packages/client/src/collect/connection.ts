/** A peer connection the SDK watches, from the first time it is seen until it is closed. */
export interface Connection {
  /** `connectionId` of its records. */
  readonly id: string;
  readonly pc: RTCPeerConnection;
  readonly tracks: Map<string, SeenTrack>;
  /** A getStats has not settled. */
  pending: boolean;
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
