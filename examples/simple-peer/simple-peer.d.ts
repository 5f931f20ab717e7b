/** simple-peer ships no types; this is the part that the example uses. */
declare module "simple-peer/simplepeer.min.js" {
  interface PeerEvents {
    signal: [message: object];
    connect: [];
    stream: [stream: MediaStream];
    track: [track: MediaStreamTrack, stream: MediaStream];
    data: [bytes: Uint8Array];
    close: [];
    error: [error: Error];
  }
  export default class Peer {
    constructor(options: { initiator?: boolean; stream?: MediaStream; config?: RTCConfiguration });
    on<Name extends keyof PeerEvents>(event: Name, listener: (...args: PeerEvents[Name]) => void): this;
    signal(message: object): void;
    send(text: string): void;
    destroy(): void;
  }
}
