import { Device, type types } from "mediasoup-client";

/** What the example asks your server. mediasoup leaves the protocol to the app; this one is as small as it gets. */
export interface Signalling {
  routerRtpCapabilities(): Promise<types.RtpCapabilities>;
  createTransport(direction: "send" | "receive"): Promise<types.TransportOptions>;
  connectTransport(transportId: string, dtlsParameters: types.DtlsParameters): Promise<void>;
  produce(transportId: string, kind: types.MediaKind, rtpParameters: types.RtpParameters): Promise<string>;
  /** What the others produce. */
  consume(transportId: string, rtpCapabilities: types.RtpCapabilities): Promise<types.ConsumerOptions[]>;
}

export interface Room {
  readonly sending: types.Transport;
  readonly receiving: types.Transport;
  readonly producers: readonly types.Producer[];
  readonly consumers: readonly types.Consumer[];
  readonly hangUp: () => void;
}

/** Sends these tracks into a room and receives what is there. */
export async function joinRoom(signalling: Signalling, tracks: readonly MediaStreamTrack[]): Promise<Room> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: await signalling.routerRtpCapabilities() });

  const sending = device.createSendTransport(await signalling.createTransport("send"));
  const receiving = device.createRecvTransport(await signalling.createTransport("receive"));
  for (const transport of [sending, receiving]) {
    transport.on("connect", ({ dtlsParameters }, accept, refuse) => {
      signalling.connectTransport(transport.id, dtlsParameters).then(accept, refuse);
    });
  }
  sending.on("produce", ({ kind, rtpParameters }, accept, refuse) => {
    signalling.produce(sending.id, kind, rtpParameters).then((id) => accept({ id }), refuse);
  });

  const producers: types.Producer[] = [];
  for (const track of tracks) producers.push(await sending.produce({ track }));
  const offered = await signalling.consume(receiving.id, device.recvRtpCapabilities);
  const consumers = await Promise.all(offered.map((options) => receiving.consume(options)));
  return {
    sending,
    receiving,
    producers,
    consumers,
    hangUp() {
      sending.close();
      receiving.close();
    },
  };
}
