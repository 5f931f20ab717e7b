/* oxlint-disable typescript/no-extraneous-class, typescript/unbound-method, unicorn/no-thenable -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Every function that an SDK may watch, called as no app should.
export function callCases(defineCases: DefineCases): void {
  interface Watched {
    readonly owner: object;
    readonly names: readonly string[];
  }
  const watched: Record<string, Watched> = {
    RTCPeerConnection: {
      owner: RTCPeerConnection.prototype,
      names: [
        "createOffer",
        "createAnswer",
        "setLocalDescription",
        "setRemoteDescription",
        "addIceCandidate",
        "addTrack",
        "removeTrack",
        "addTransceiver",
        "close",
        "restartIce",
        "setConfiguration",
        "createDataChannel",
        "getStats",
        "getSenders",
        "getConfiguration",
        "addStream",
      ],
    },
    RTCRtpSender: {
      owner: RTCRtpSender.prototype,
      names: ["replaceTrack", "setParameters", "getParameters", "setStreams", "getStats"],
    },
    RTCRtpTransceiver: {
      owner: RTCRtpTransceiver.prototype,
      names: ["stop", "setCodecPreferences", "setHeaderExtensionsToNegotiate"],
    },
    RTCDataChannel: { owner: RTCDataChannel.prototype, names: ["send", "close"] },
    MediaStreamTrack: {
      owner: MediaStreamTrack.prototype,
      names: ["stop", "applyConstraints", "clone", "getSettings"],
    },
    MediaDevices: {
      owner: MediaDevices.prototype,
      names: ["getUserMedia", "getDisplayMedia", "enumerateDevices", "selectAudioOutput"],
    },
    HTMLMediaElement: { owner: HTMLMediaElement.prototype, names: ["play", "pause", "setSinkId"] },
    AudioContext: { owner: AudioContext.prototype, names: ["resume", "suspend", "close", "setSinkId"] },
  };
  for (const [className, { owner, names }] of Object.entries(watched)) {
    for (const name of names) {
      // Looked up in each case: what an app calls is what is there then.
      const method = (): unknown => {
        for (let holder: object | null = owner; holder !== null; holder = Object.getPrototypeOf(holder)) {
          const descriptor = Object.getOwnPropertyDescriptor(holder, name);
          if (descriptor !== undefined) return descriptor.value;
        }
        return undefined;
      };
      defineCases(`${className}.${name}`, {
        "on the wrong receiver": async ({ attempt, log }) => {
          const called = method();
          if (typeof called !== "function") return log("not there");
          const receivers: unknown[] = [
            undefined,
            null,
            1,
            "text",
            {},
            [],
            owner,
            window,
            new EventTarget(),
            Object.create(owner),
          ];
          for (const receiver of receivers)
            await attempt(Object.prototype.toString.call(receiver), () =>
              Reflect.apply(called, receiver, []),
            );
          await attempt("through call", () => called.call({}, 1, 2));
          await attempt("bound", () => called.bind({})());
        },
        "as a constructor and as a tag": async ({ attempt, log }) => {
          const called = method();
          if (typeof called !== "function") return log("not there");
          const outcome = await attempt("new", () => Reflect.construct(called, []));
          log(outcome);
          await attempt("extended", () => Reflect.construct(Object, [], called));
          await attempt("tag", () => (called as (text: TemplateStringsArray) => unknown)`text`);
        },
      });
    }
  }

  const accessors: [string, object, string][] = [
    ["RTCRtpTransceiver", RTCRtpTransceiver.prototype, "direction"],
    ["MediaStreamTrack", MediaStreamTrack.prototype, "enabled"],
    ["MediaStreamTrack", MediaStreamTrack.prototype, "contentHint"],
    ["MediaStreamTrack", MediaStreamTrack.prototype, "onended"],
    ["RTCPeerConnection", RTCPeerConnection.prototype, "onicecandidate"],
    ["RTCPeerConnection", RTCPeerConnection.prototype, "ontrack"],
    ["RTCPeerConnection", RTCPeerConnection.prototype, "localDescription"],
    ["RTCPeerConnection", RTCPeerConnection.prototype, "connectionState"],
    ["RTCDataChannel", RTCDataChannel.prototype, "onmessage"],
    ["RTCDataChannel", RTCDataChannel.prototype, "bufferedAmountLowThreshold"],
    ["RTCDataChannel", RTCDataChannel.prototype, "binaryType"],
    ["HTMLMediaElement", HTMLMediaElement.prototype, "srcObject"],
  ];
  for (const [className, owner, name] of accessors) {
    defineCases(`${className}.${name}`, {
      "read and written on the wrong receiver": async ({ attempt }) => {
        const { get, set } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
        for (const receiver of [undefined, {}, owner, window]) {
          const label = Object.prototype.toString.call(receiver);
          await attempt(`${label} get`, () => get?.call(receiver));
          await attempt(`${label} set`, () => set?.call(receiver, "value"));
          await attempt(`${label} set nothing`, () => set && Reflect.apply(set, receiver, []));
        }
        await attempt("get of the prototype", () => Reflect.get(owner, name) as unknown);
        await attempt("set of the prototype", () => Reflect.set(owner, name, null));
      },
    });
  }

  defineCases("arguments", {
    "missing ones": async ({ attempt, pc, track }) => {
      const connection = pc();
      const sender = connection.addTrack(await track());
      const call = (owner: object, name: string, ...args: unknown[]): Promise<unknown> =>
        attempt(`${name}/${args.length}`, () =>
          Reflect.apply(Reflect.get(owner, name) as () => unknown, owner, args),
        );
      for (const name of [
        "createDataChannel",
        "addTrack",
        "removeTrack",
        "addTransceiver",
        "setConfiguration",
      ])
        await call(connection, name);
      for (const name of ["setRemoteDescription", "addIceCandidate", "getStats"])
        await call(connection, name);
      await call(sender, "setParameters");
      await call(sender, "replaceTrack");
      await call(navigator.mediaDevices, "getUserMedia");
      await call(navigator.mediaDevices, "getDisplayMedia");
    },
    "undefined and null, which are not the same as none": async ({ attempt, pc, track }) => {
      for (const nothing of [undefined, null]) {
        const connection = pc();
        const sender = connection.addTrack(await track());
        const [transceiver] = connection.getTransceivers();
        const named: [object | undefined, string][] = [
          [connection, "createOffer"],
          [connection, "createAnswer"],
          [connection, "setLocalDescription"],
          [connection, "setRemoteDescription"],
          [connection, "addIceCandidate"],
          [connection, "addTrack"],
          [connection, "removeTrack"],
          [connection, "addTransceiver"],
          [connection, "setConfiguration"],
          [connection, "createDataChannel"],
          [sender, "setParameters"],
          [sender, "replaceTrack"],
          [transceiver, "setCodecPreferences"],
          [navigator.mediaDevices, "getUserMedia"],
          [navigator.mediaDevices, "getDisplayMedia"],
        ];
        for (const [owner, name] of named)
          await attempt(`${name}(${nothing})`, () =>
            Reflect.apply(Reflect.get(Object(owner), name) as () => unknown, owner, [nothing]),
          );
      }
    },
    "of the wrong kind": async ({ attempt, pc, track }) => {
      const wrong: unknown[] = [1, "text", true, Symbol("s"), 1n, [], {}, new Date(0), document, Number.NaN];
      const connection = pc();
      const sender = connection.addTrack(await track());
      const [transceiver] = connection.getTransceivers();
      const named: [object | undefined, string][] = [
        [connection, "createOffer"],
        [connection, "setLocalDescription"],
        [connection, "setRemoteDescription"],
        [connection, "addIceCandidate"],
        [connection, "addTrack"],
        [connection, "removeTrack"],
        [connection, "addTransceiver"],
        [connection, "setConfiguration"],
        [sender, "setParameters"],
        [sender, "replaceTrack"],
        [sender, "setStreams"],
        [transceiver, "setCodecPreferences"],
        [navigator.mediaDevices, "getUserMedia"],
      ];
      for (const [owner, name] of named)
        for (const argument of wrong)
          await attempt(`${name}(${typeof argument})`, () =>
            Reflect.apply(Reflect.get(Object(owner), name) as () => unknown, owner, [argument]),
          );
    },
    "too many": async ({ attempt, pc }) => {
      const connection = pc();
      await attempt("createDataChannel", () =>
        Reflect.apply(connection.createDataChannel, connection, ["label", {}, 1, 2, 3]),
      );
      await attempt("createOffer", () => Reflect.apply(connection.createOffer, connection, [{}, 1, 2]));
      await attempt("setLocalDescription", () =>
        Reflect.apply(connection.setLocalDescription, connection, [undefined, 1, 2]),
      );
      await attempt("close", () => Reflect.apply(connection.close, connection, [1, 2, 3]));
    },
    "frozen and sealed": async ({ attempt, pc, track }) => {
      const connection = pc(Object.freeze({ iceServers: Object.freeze([]) as unknown as RTCIceServer[] }));
      await attempt("addTransceiver", () =>
        connection.addTransceiver("audio", Object.freeze({ direction: "sendonly" as const, streams: [] })),
      );
      const offer = await connection.createOffer(Object.freeze({ iceRestart: true }));
      await attempt("setLocalDescription", () => connection.setLocalDescription(Object.freeze(offer)));
      await attempt("addTrack", async () => connection.addTrack(Object.freeze(await track())));
      await attempt("setConfiguration", () => connection.setConfiguration(Object.freeze({})));
    },
    "are the same objects afterwards, unchanged": async ({ log, pc, show }) => {
      const configuration = { iceServers: [{ urls: ["stun:127.0.0.1:3478"] }], extra: { mine: true } };
      const init = { direction: "sendonly" as const, streams: [], sendEncodings: [{ rid: "a" }] };
      const options = { offerToReceiveAudio: true };
      const channel = { ordered: false, maxRetransmits: 2 };
      const before = [configuration, init, options, channel].map((given) => show(given));
      const connection = pc(configuration);
      connection.addTransceiver("video", init);
      connection.createDataChannel("label", channel);
      const offer = await connection.createOffer(options);
      await connection.setLocalDescription(offer);
      const after = [configuration, init, options, channel].map((given) => show(given));
      log(before.join() === after.join(), Object.isFrozen(options), Object.keys(configuration).join(), offer);
    },
    "with getters that throw": async ({ attempt, pc }) => {
      const connection = pc();
      const throwing = (...names: string[]): object => {
        const made = {};
        for (const name of names)
          Object.defineProperty(made, name, {
            enumerable: true,
            get() {
              throw new RangeError(`${name} was read`);
            },
          });
        return made;
      };
      const cases: [object, string, unknown[]][] = [
        [connection, "createOffer", [throwing("iceRestart")]],
        [connection, "createDataChannel", ["label", throwing("ordered")]],
        [connection, "addTransceiver", ["audio", throwing("direction")]],
        [connection, "setConfiguration", [throwing("iceServers")]],
        [connection, "setRemoteDescription", [throwing("sdp", "type")]],
        [connection, "addIceCandidate", [throwing("candidate")]],
        [navigator.mediaDevices, "getUserMedia", [throwing("audio")]],
        [navigator.mediaDevices, "getUserMedia", [{ audio: throwing("deviceId") }]],
      ];
      for (const [owner, name, args] of cases)
        await attempt(name, () => Reflect.apply(Reflect.get(owner, name) as () => unknown, owner, args));
      await attempt("constructor", () => new RTCPeerConnection(throwing("bundlePolicy")));
    },
    "that throw for whatever is asked of them": async ({ attempt, pc }) => {
      const connection = pc();
      const refuse = (): never => {
        throw new RangeError("proxy");
      };
      const hostile = new Proxy(
        {},
        {
          get: refuse,
          ownKeys: refuse,
          has: refuse,
          getPrototypeOf: refuse,
          getOwnPropertyDescriptor: refuse,
        },
      );
      for (const name of [
        "createOffer",
        "setRemoteDescription",
        "addIceCandidate",
        "setConfiguration",
        "addTrack",
        "addTransceiver",
        "removeTrack",
      ])
        await attempt(name, () =>
          Reflect.apply(Reflect.get(connection, name) as () => unknown, connection, [hostile]),
        );
      await attempt("createDataChannel", () =>
        Reflect.apply(connection.createDataChannel, connection, [hostile]),
      );
      await attempt("getUserMedia", () =>
        Reflect.apply(navigator.mediaDevices.getUserMedia, navigator.mediaDevices, [hostile]),
      );
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      await attempt("revoked", () => connection.createOffer(proxy));
    },
    "with thenables and functions among them": async ({ attempt, log, pc }) => {
      const connection = pc();
      const thenable = Object.assign({ then: () => log("then was called") }, { iceRestart: true });
      await attempt("createOffer", () => connection.createOffer(thenable));
      await attempt("createDataChannel", () =>
        Reflect.apply(connection.createDataChannel, connection, [() => "label"]),
      );
      await attempt("addTransceiver", () =>
        Reflect.apply(connection.addTransceiver, connection, ["audio", () => 1]),
      );
      await attempt("setLocalDescription", () =>
        Reflect.apply(connection.setLocalDescription, connection, [class {}]),
      );
      await attempt("a promise for a description", () =>
        Reflect.apply(connection.setRemoteDescription, connection, [
          Promise.resolve({ type: "offer", sdp: "" }),
        ]),
      );
    },
    "turned into text once": ({ log, pc }) => {
      const label = { toString: () => (log("toString"), "label") };
      const channel = Reflect.apply(pc().createDataChannel, pc(), [label]) as RTCDataChannel;
      log(channel.label);
      const kind = { toString: () => (log("kind"), "audio") };
      const connection = pc();
      log(Reflect.apply(connection.addTransceiver, connection, [kind]));
    },
    "from an iterator that can be walked once": async ({ attempt, log, pc }) => {
      const connection = pc();
      const transceiver = connection.addTransceiver("audio");
      function* codecs(): Generator<RTCRtpCodec> {
        log("walked");
        yield* RTCRtpSender.getCapabilities("audio")?.codecs.slice(0, 1) ?? [];
      }
      await attempt("setCodecPreferences", () =>
        Reflect.apply(transceiver.setCodecPreferences, transceiver, [codecs()]),
      );
      function* servers(): Generator<RTCIceServer> {
        log("walked");
        yield { urls: "stun:127.0.0.1:3478" };
      }
      const configured = pc({ iceServers: servers() as unknown as RTCIceServer[] });
      log(configured.getConfiguration().iceServers?.length);
    },
    "with cycles, and very deep": async ({ attempt, pc }) => {
      const connection = pc();
      const cycle: Record<string, unknown> = { iceRestart: true };
      cycle["self"] = cycle;
      await attempt("cycle", () => connection.createOffer(cycle));
      let deep: Record<string, unknown> = {};
      for (let level = 0; level < 5_000; level += 1) deep = { deep };
      await attempt("deep", () => connection.createOffer(deep));
      await attempt("deep constraints", () =>
        navigator.mediaDevices.getUserMedia({ audio: deep as MediaTrackConstraints }),
      );
    },
  });
}
