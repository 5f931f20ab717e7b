/* oxlint-disable typescript/no-base-to-string, typescript/unbound-method, unicorn/prefer-add-event-listener -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Senders, transceivers and channels.
export function partCases(defineCases: DefineCases): void {
  defineCases("senders", {
    "addTrack twice, removeTrack, and with streams": async ({ attempt, log, pc, track }) => {
      const connection = pc();
      const [one, two] = [await track(), await track()];
      const stream = new MediaStream([one]);
      const sender = connection.addTrack(one, stream, new MediaStream());
      log(sender.track === one, connection.getSenders()[0] === sender);
      await attempt("again", () => connection.addTrack(one));
      await attempt("another", () => connection.addTrack(two, stream));
      await attempt("remove", () => connection.removeTrack(sender));
      log(sender.track, connection.getSenders().length);
      await attempt("remove again", () => connection.removeTrack(sender));
      await attempt("of another connection", () => pc().removeTrack(sender));
    },
    replaceTrack: async ({ attempt, log, pc, track }) => {
      const connection = pc();
      const [one, two, video] = [await track(), await track(), await track("video")];
      const sender = connection.addTrack(one);
      await attempt("another", () => sender.replaceTrack(two));
      log(sender.track === two);
      await attempt("nothing", () => sender.replaceTrack(null));
      log(sender.track);
      await attempt("another kind", () => sender.replaceTrack(video));
      log(sender.track);
      const promise = sender.replaceTrack(one);
      log(sender.track === one);
      await promise;
      log(sender.track === one);
    },
    "getParameters and setParameters": async ({ attempt, log, pc, track }) => {
      const connection = pc();
      const sender = connection.addTrack(await track("video"));
      const parameters = sender.getParameters();
      log(Object.keys(parameters).sort().join(), parameters.encodings?.length);
      await attempt("set", () => sender.setParameters(parameters));
      await attempt("again", () => sender.setParameters(parameters));
      await attempt("without having read them", () =>
        sender.setParameters({ ...parameters, transactionId: "nonsense" }),
      );
      const next = sender.getParameters();
      if (next.encodings?.[0]) next.encodings[0].maxBitrate = 100_000;
      await attempt("bitrate", () => sender.setParameters(next));
      log(sender.getParameters().encodings?.[0]?.maxBitrate);
    },
    "setStreams, dtmf and transport": async ({ attempt, log, pc, track }) => {
      const connection = pc();
      const sender = connection.addTrack(await track());
      await attempt("setStreams", () => sender.setStreams(new MediaStream()));
      await attempt("none", () => sender.setStreams());
      log(sender.dtmf, sender.transport);
      await attempt("insertDTMF", () => sender.dtmf?.insertDTMF("1"));
    },
    "transports, with their handlers": async ({ log, pair, track }) => {
      const { a } = await pair(async (a) => a.addTrack(await track()));
      const transport = a.getSenders()[0]?.transport;
      log(
        transport,
        transport === a.getSenders()[0]?.transport,
        transport?.onstatechange,
        transport?.onerror,
      );
      const ice = transport?.iceTransport;
      log(ice, ice?.onstatechange, ice?.ongatheringstatechange, ice?.onselectedcandidatepairchange);
      for (const [owner, name] of [
        [transport, "onstatechange"],
        [ice, "onstatechange"],
      ] as const) {
        if (!owner) continue;
        const handler = (): void => {};
        Reflect.set(owner, name, handler);
        log(Reflect.get(owner, name) === handler);
      }
    },
  });

  defineCases("transceivers", {
    "addTransceiver in its forms": async ({ attempt, log, pc, track }) => {
      const connection = pc();
      await attempt("kind", () => connection.addTransceiver("audio"));
      await attempt("track", async () =>
        connection.addTransceiver(await track("video"), { direction: "sendonly" }),
      );
      await attempt("encodings", () =>
        connection.addTransceiver("video", {
          sendEncodings: [{ rid: "a", scaleResolutionDownBy: 2 }, { rid: "b" }],
        }),
      );
      await attempt("wrong kind", () => connection.addTransceiver("smell"));
      await attempt("wrong direction", () =>
        connection.addTransceiver("audio", { direction: "up" as never }),
      );
      await attempt("wrong encoding", () =>
        connection.addTransceiver("video", { sendEncodings: [{ scaleResolutionDownBy: 0.5 }] }),
      );
      for (const { mid, direction, currentDirection, sender, receiver } of connection.getTransceivers())
        log(mid, direction, currentDirection, sender.track, receiver.track);
    },
    direction: async ({ attempt, log, pc }) => {
      const transceiver = pc().addTransceiver("audio");
      for (const direction of ["sendonly", "recvonly", "inactive", "sendrecv", "stopped", "nonsense"]) {
        await attempt(direction, () => Reflect.set(transceiver, "direction", direction));
        log(transceiver.direction);
      }
      log(Object.hasOwn(transceiver, "direction"));
    },
    "a change of direction is a reason to negotiate": async ({ log, pair, next }) => {
      const { a } = await pair((a) => void a.addTransceiver("audio"));
      const [transceiver] = a.getTransceivers();
      const heard = next(a, "negotiationneeded");
      if (transceiver) transceiver.direction = "recvonly";
      log(transceiver?.direction, transceiver?.currentDirection);
      log((await heard).type);
    },
    stop: async ({ attempt, log, pc, pause }) => {
      const connection = pc();
      const transceiver = connection.addTransceiver("audio");
      const { track } = transceiver.receiver;
      track.onended = () => log("ended");
      await attempt("stop", () => transceiver.stop());
      await attempt("again", () => transceiver.stop());
      log(transceiver.direction, track.readyState, connection.getTransceivers().length);
      await attempt("direction", () => Reflect.set(transceiver, "direction", "sendonly"));
      await pause(20);
    },
    setCodecPreferences: async ({ attempt, pc }) => {
      const transceiver = pc().addTransceiver("audio");
      const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
      await attempt("all", () => transceiver.setCodecPreferences(codecs));
      await attempt("none", () => transceiver.setCodecPreferences([]));
      await attempt("unknown", () =>
        transceiver.setCodecPreferences([{ mimeType: "audio/nonsense", clockRate: 1 }]),
      );
      await attempt("wrong", () => Reflect.apply(transceiver.setCodecPreferences, transceiver, [{}]));
    },
    "handlers and identity": ({ log, pc }) => {
      const connection = pc();
      const transceiver = connection.addTransceiver("audio");
      log(connection.getTransceivers()[0] === transceiver, transceiver.sender === connection.getSenders()[0]);
      log(transceiver.receiver === connection.getReceivers()[0], Reflect.ownKeys(transceiver).length);
    },
  });

  defineCases("channels", {
    "createDataChannel in its forms": async ({ attempt, log, pc }) => {
      const connection = pc();
      const channel = await attempt("plain", () => connection.createDataChannel("label"));
      const { label, ordered, maxRetransmits, protocol, negotiated, id, readyState, binaryType } =
        channel as RTCDataChannel;
      log(label, ordered, maxRetransmits, protocol, negotiated, id, readyState, binaryType);
      await attempt("both limits", () =>
        connection.createDataChannel("x", { maxRetransmits: 1, maxPacketLifeTime: 1 }),
      );
      await attempt("negotiated without id", () => connection.createDataChannel("x", { negotiated: true }));
      await attempt("id", () => connection.createDataChannel("x", { negotiated: true, id: 7 }).id);
      await attempt("same id", () => connection.createDataChannel("x", { negotiated: true, id: 7 }));
      await attempt("long label", () => connection.createDataChannel("x".repeat(70_000)));
    },
    handlers: ({ log, pc }) => {
      const channel = pc().createDataChannel("label");
      for (const name of ["onopen", "onclose", "onclosing", "onerror", "onmessage", "onbufferedamountlow"]) {
        log(name, Reflect.get(channel, name));
        const handler = (): void => log("heard", name);
        Reflect.set(channel, name, handler);
        log(Reflect.get(channel, name) === handler, channel.dispatchEvent(new Event(name.slice(2))));
      }
      log(channel.bufferedAmountLowThreshold, channel.bufferedAmount, Reflect.ownKeys(channel).length);
    },
    "open, send, close": async ({ attempt, log, pair, next, until }) => {
      let channel: RTCDataChannel | undefined;
      let remote: RTCDataChannel | undefined;
      let messages = 0;
      let closed = 0;
      await pair((a, b) => {
        channel = a.createDataChannel("label");
        channel.onopen = () => log("open");
        b.ondatachannel = (event) => {
          remote = event.channel;
          log(
            "datachannel",
            remote.label,
            remote.readyState,
            remote.onmessage,
            remote.onopen,
            remote.binaryType,
          );
          remote.onmessage = ({ data }) => {
            messages += 1;
            log("message", data);
          };
          remote.onclose = () => (closed += 1);
        };
      });
      if (!channel) return;
      await attempt("too early", () => new RTCPeerConnection().createDataChannel("x").send("x"));
      if (channel.readyState !== "open") await next(channel, "open");
      await until(() => remote !== undefined);
      channel.send("text");
      channel.send(new Uint8Array([1, 2, 3]));
      await until(() => messages === 2);
      channel.onclose = () => (closed += 1);
      channel.close();
      log(channel.readyState);
      await until(() => closed === 2);
      log(closed);
      await attempt("too late", () => channel?.send("x"));
    },
    "binaryType and messages stay the app's": async ({ log, pair, next }) => {
      let channel: RTCDataChannel | undefined;
      await pair((a, b) => {
        channel = a.createDataChannel("label", { negotiated: true, id: 1 });
        const other = b.createDataChannel("label", { negotiated: true, id: 1 });
        other.binaryType = "arraybuffer";
        other.onopen = () => other.send(new Uint8Array(4));
      });
      if (!channel) return;
      log(channel.binaryType);
      const message = (await next(channel, "message")) as MessageEvent;
      log(Object.prototype.toString.call(message.data), channel.binaryType);
    },
  });
}
