/* oxlint-disable unicorn/prefer-add-event-listener -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Handlers and listeners, and the order in which an app hears of things.
export function eventCases(defineCases: DefineCases): void {
  const handlers = [
    "onconnectionstatechange",
    "onicecandidate",
    "onicecandidateerror",
    "oniceconnectionstatechange",
    "onicegatheringstatechange",
    "onnegotiationneeded",
    "onsignalingstatechange",
    "ontrack",
    "ondatachannel",
  ];

  for (const name of handlers) {
    defineCases(`handler ${name}`, {
      "is null, keeps what is assigned, and takes only functions": ({ log, pc }) => {
        const connection = pc();
        const read = (): unknown => Reflect.get(connection, name);
        log(read(), name in connection, Object.hasOwn(connection, name));
        const handler = (): void => {};
        for (const value of [
          handler,
          null,
          handler,
          undefined,
          handler,
          1,
          "text",
          { handleEvent: handler },
        ]) {
          Reflect.set(connection, name, value);
          log(read() === value, typeof read());
        }
      },
    });
  }

  defineCases("events", {
    "of two connections that connect, in their order": async ({ log, pair, next, track }) => {
      const { a, b } = await pair(async (a, b) => {
        a.addTrack(await track(), new MediaStream());
        a.createDataChannel("label");
        a.onsignalingstatechange = () => log("a", a.signalingState);
        b.onsignalingstatechange = () => log("b", b.signalingState);
        b.ontrack = ({ track, streams }) => log("b track", track.kind, streams.length, b.signalingState);
        a.onnegotiationneeded = () => log("a needs negotiation", a.signalingState);
      });
      if (a.connectionState !== "connected") await next(a, "connectionstatechange");
      log(a.signalingState, b.signalingState);
    },
    "states of one side until it is connected": async ({ log, pair, until }) => {
      // Which of the two comes first is chance.
      const ice: string[] = [];
      const dtls: string[] = [];
      const { a } = await pair((a) => {
        a.createDataChannel("label");
        a.oniceconnectionstatechange = () => ice.push(a.iceConnectionState);
        a.onconnectionstatechange = () => dtls.push(a.connectionState);
      });
      await until(() => a.connectionState === "connected" && ice.length > 1);
      log(ice.slice(0, 2), dtls);
    },
    "negotiationneeded, once for several changes": async ({ log, pc, pause, next }) => {
      const connection = pc();
      const heard = next(connection, "negotiationneeded");
      connection.onnegotiationneeded = (event) =>
        log(event.type, event.isTrusted, event.target === connection);
      connection.addTransceiver("audio");
      connection.addTransceiver("video");
      connection.createDataChannel("label");
      log("changes are made");
      await heard;
      await pause(10);
    },
    "an event as a listener and a handler get it": async ({ log, pc, pause }) => {
      const connection = pc();
      const seen: unknown[] = [];
      connection.onsignalingstatechange = function (event) {
        log("handler", this === connection, event.type, event.currentTarget === connection, event.eventPhase);
        seen.push(event);
      };
      connection.addEventListener("signalingstatechange", (event) => {
        log("listener", seen[0] === event, event.bubbles, event.cancelable, event.composed);
      });
      connection.addTransceiver("audio");
      await connection.setLocalDescription();
      await pause(20);
    },
    "handler and listeners in the order of their registration": async ({ log, pc, pause }) => {
      const connection = pc();
      connection.addEventListener("signalingstatechange", () => log("listener 1"));
      connection.onsignalingstatechange = () => log("handler");
      connection.addEventListener("signalingstatechange", { handleEvent: () => log("object") });
      connection.addEventListener("signalingstatechange", () => log("once"), { once: true });
      connection.addTransceiver("audio");
      await connection.setLocalDescription();
      await connection.setLocalDescription({ type: "rollback" });
      await pause(20);
    },
    "stopImmediatePropagation of an app stops the app's own": async ({ log, pc, pause }) => {
      const connection = pc();
      connection.addEventListener("signalingstatechange", (event) => {
        log("first");
        event.stopImmediatePropagation();
      });
      connection.addEventListener("signalingstatechange", () => log("never"));
      connection.addTransceiver("audio");
      await connection.setLocalDescription();
      await pause(20);
    },
    "a handler that throws is told to the window": async ({ log, pc, pause }) => {
      const listener = (event: ErrorEvent): void => {
        log(event.message.replace("Uncaught ", ""));
        event.preventDefault();
      };
      addEventListener("error", listener);
      const connection = pc();
      connection.onsignalingstatechange = () => {
        throw new RangeError("in the handler");
      };
      connection.addEventListener("signalingstatechange", () => log("the next listener"));
      connection.addTransceiver("audio");
      await connection.setLocalDescription();
      await pause(20);
      removeEventListener("error", listener);
    },
    "events that an app makes itself": ({ log, pc }) => {
      const connection = pc();
      for (const type of [
        "icecandidate",
        "track",
        "datachannel",
        "connectionstatechange",
        "icecandidateerror",
        "negotiationneeded",
        "mine",
      ]) {
        connection.addEventListener(type, (event) =>
          log(event.type, event.isTrusted, event.constructor.name),
        );
        log(connection.dispatchEvent(new Event(type)));
      }
    },
    "made-up events with members that throw": ({ log, pc }) => {
      const connection = pc();
      const event = new Event("icecandidate");
      Object.defineProperty(event, "candidate", {
        get() {
          throw new RangeError("candidate");
        },
      });
      connection.addEventListener("icecandidate", () => log("heard"));
      log(connection.dispatchEvent(event));
    },
    "icecandidate, with what it carries": async ({ log, pc, until }) => {
      const connection = pc();
      connection.createDataChannel("label");
      let ended = false;
      connection.onicecandidate = (event) => {
        if (event.candidate === null) ended = true;
        else if (event.candidate.candidate)
          log(
            event.constructor.name,
            event.candidate.constructor.name,
            event.candidate.sdpMid,
            event.candidate.type,
          );
      };
      await connection.setLocalDescription();
      await until(() => ended);
      log(ended, connection.iceGatheringState);
    },
    "track, with its receiver, streams and transceiver": async ({ log, pair, track }) => {
      await pair(async (a, b) => {
        const stream = new MediaStream();
        a.addTrack(await track("audio"), stream);
        a.addTrack(await track("video"), stream);
        b.ontrack = (event) =>
          log(
            event.track,
            event.streams.length,
            event.receiver === event.transceiver.receiver,
            event.receiver.track === event.track,
            event.track.onmute,
            event.track.onended,
            b.getReceivers().length,
          );
      });
    },
    "the stream of a track, with events of its own": async ({ log, pair, track, pause }) => {
      const { a, b } = await pair(async (a, b) => {
        a.addTrack(await track("audio"), new MediaStream());
        b.ontrack = ({ streams: [stream], track }) => {
          if (!stream) return log("no stream");
          log(stream.onremovetrack, stream.onaddtrack, track.muted);
          stream.onremovetrack = (event) => log("removed", event.track.kind);
          track.onmute = () => log("muted");
          track.onended = () => log("ended");
        };
      });
      const [sender] = a.getSenders();
      if (sender) a.removeTrack(sender);
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription as RTCSessionDescription);
      await pause(50);
    },
    "closing fires nothing": async ({ log, pc, pause }) => {
      const connection = pc();
      for (const type of [
        "connectionstatechange",
        "iceconnectionstatechange",
        "signalingstatechange",
        "icegatheringstatechange",
      ])
        connection.addEventListener(type, () => log(type));
      connection.addTransceiver("audio");
      connection.close();
      log(connection.connectionState, connection.iceConnectionState, connection.signalingState);
      await pause(30);
    },
    "the other side hears of a close": async ({ log, pair, until }) => {
      let channel: RTCDataChannel | undefined;
      const { a, b } = await pair((a, b) => {
        a.createDataChannel("label");
        b.ondatachannel = (event) => {
          channel = event.channel;
        };
      });
      await until(() => channel?.readyState === "open");
      const seen: string[] = [];
      if (channel) channel.onclose = (event) => seen.push(event.type);
      a.close();
      await until(() => seen.length > 0);
      log(seen, a.connectionState, b.signalingState);
    },
    "listeners that an app takes away": async ({ log, pc, pause }) => {
      const connection = pc();
      const listener = (): void => log("heard");
      connection.addEventListener("signalingstatechange", listener);
      connection.addEventListener("signalingstatechange", listener);
      connection.addTransceiver("audio");
      await connection.setLocalDescription();
      connection.removeEventListener("signalingstatechange", listener);
      await connection.setLocalDescription({ type: "rollback" });
      await pause(20);
    },
  });

  defineCases("order", {
    // An app that depends on more than this depends on the browser's version.
    "what is logged when calls and events mix": async ({ log, pc, pause }) => {
      const connection = pc();
      connection.onsignalingstatechange = () => log("signalingstatechange");
      const gathering = new Promise<void>((resolve) => {
        connection.onicegatheringstatechange = () => {
          if (connection.iceGatheringState === "gathering") log("gathering");
          resolve();
        };
      });
      connection.onnegotiationneeded = () => log("negotiationneeded");
      connection.createDataChannel("label");
      log("channel made");
      void Promise.resolve().then(() => log("microtask"));
      const set = connection.setLocalDescription().then(() => log("set"));
      log("called");
      await set;
      log("awaited");
      // A busy machine takes its time to gather.
      await Promise.race([gathering, pause(2000)]);
      await pause(50);
    },
    "setRemoteDescription resolves after track and signalingstatechange": async ({ log, pc }) => {
      const [a, b] = [pc(), pc()];
      a.addTransceiver("audio");
      await a.setLocalDescription();
      b.ontrack = () => log("track");
      b.onsignalingstatechange = () => log("signalingstatechange");
      await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
      log("set");
      await b.createAnswer().then(() => log("answer"));
    },
    "then after then, and finally": async ({ log, pc }) => {
      const connection = pc();
      await connection
        .createOffer()
        .then(() => log("then 1"))
        .then(() => log("then 2"))
        .finally(() => log("finally"));
      await connection
        .createAnswer()
        .then(() => log("never"))
        .catch((error: unknown) => log("catch", (error as Error).name))
        .finally(() => log("finally"));
    },
    "timers and tasks after a settled call": async ({ log, pc, pause }) => {
      const connection = pc();
      await connection.createOffer();
      setTimeout(() => log("timer"), 0);
      queueMicrotask(() => log("microtask"));
      void connection.addIceCandidate().catch(() => log("no description"));
      log("called");
      await pause(30);
    },
    "calls that return at once have done their work": ({ log, pc }) => {
      const connection = pc();
      connection.addTransceiver("audio");
      log(connection.getTransceivers().length);
      connection.createDataChannel("label");
      connection.close();
      log(connection.signalingState);
    },
  });
}
