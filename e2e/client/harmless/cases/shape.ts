/* oxlint-disable typescript/unbound-method, unicorn/no-instanceof-builtins -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// What an app, a polyfill or a framework finds when it looks at the functions instead of calling them.
export function shapeCases(defineCases: DefineCases): void {
  const interfaces = [
    "RTCPeerConnection",
    "RTCRtpSender",
    "RTCRtpReceiver",
    "RTCRtpTransceiver",
    "RTCDataChannel",
    "RTCDtlsTransport",
    "RTCIceTransport",
    "RTCSctpTransport",
    "RTCDTMFSender",
    "RTCSessionDescription",
    "RTCIceCandidate",
    "MediaStream",
    "MediaStreamTrack",
    "MediaDevices",
    "Navigator",
    "HTMLMediaElement",
    "BaseAudioContext",
    "AudioContext",
    "WebSocket",
    "EventTarget",
    "Permissions",
    "Promise",
    "History",
    "Storage",
  ];
  const classOf = (name: string): { readonly prototype: object } | undefined => Reflect.get(globalThis, name);
  const partsOf = (name: string): [string, object][] => {
    const found = classOf(name);
    return found
      ? [
          ["static", found],
          ["prototype", found.prototype],
        ]
      : [];
  };

  for (const name of interfaces) {
    defineCases(`shape of ${name}`, {
      "own keys in their order": ({ log }) => {
        for (const [part, owner] of partsOf(name))
          log(part, Reflect.ownKeys(owner).map(String).join(" "), "|", Object.keys(owner).join(" "));
      },
      "what for-in goes over": ({ log }) => {
        for (const [part, owner] of partsOf(name)) {
          const seen: string[] = [];
          for (const key in owner) seen.push(key);
          log(part, seen.join(" "));
        }
      },
      "property descriptors, names and lengths": ({ log }) => {
        for (const [part, owner] of partsOf(name)) {
          for (const key of Reflect.ownKeys(owner)) {
            const descriptor = Object.getOwnPropertyDescriptor(owner, key) ?? {};
            const { writable, enumerable, configurable, value, get, set } = descriptor;
            const functions = [value, get, set].map((member: unknown) =>
              typeof member === "function"
                ? `${member.name}/${member.length} ${Reflect.ownKeys(member).map(String).sort().join(",")}`
                : typeof member,
            );
            log(part, String(key), `${writable} ${enumerable} ${configurable}`, functions.join(" | "));
          }
        }
      },
      "functions are native code": ({ log }) => {
        for (const [part, owner] of partsOf(name)) {
          for (const key of Reflect.ownKeys(owner)) {
            const { value, get, set } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
            for (const member of [value, get, set] as unknown[]) {
              // A function of the app that is watched has the text of a native one too.
              if (typeof member !== "function" || "byApp" in member) continue;
              // The name of a function inside its text is the one thing that a proxy cannot keep.
              const text = Function.prototype.toString.call(member).replaceAll(/\s+/g, " ");
              log(
                part,
                String(key),
                text.replace(/^(function|class) [^(]*/, "$1 "),
                String(member) === Function.prototype.toString.call(member),
              );
            }
          }
        }
      },
      "the global and its prototype chain": ({ log }) => {
        const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
        log(typeof descriptor?.value, descriptor?.writable, descriptor?.enumerable, descriptor?.configurable);
        const owner = classOf(name);
        if (!owner) return;
        const { prototype } = owner;
        log(prototype.constructor === owner, Object.prototype.toString.call(prototype));
        log(Object.isFrozen(prototype), Object.isExtensible(owner), Object.isSealed(owner));
        const parent: unknown = Object.getPrototypeOf(owner);
        log(parent, Object.getPrototypeOf(prototype) === Reflect.get(Object(parent), "prototype"));
      },
    });
  }

  defineCases("shape", {
    "nothing new on the global object, the navigator, the document": ({ log }) => {
      // Firefox makes its classes when they are asked for, so their order says nothing.
      log(Reflect.ownKeys(globalThis).map(String).sort().join(" "));
      for (const owner of [navigator, navigator.mediaDevices, document, performance, screen])
        log(Reflect.ownKeys(owner).map(String).sort().join(" "));
    },
    "aliases of the constructor are the constructor": ({ log }) => {
      const aliases = ["webkitRTCPeerConnection", "mozRTCPeerConnection", "webkitAudioContext"];
      for (const alias of aliases) {
        const found: unknown = Reflect.get(globalThis, alias);
        log(alias, typeof found, found === RTCPeerConnection, found === globalThis.AudioContext);
        if (typeof found === "function") log(Object.getOwnPropertyDescriptor(globalThis, alias)?.enumerable);
      }
    },
    "a function is the same each time it is read": ({ log, pc }) => {
      const a = pc();
      log(a.createOffer === pc().createOffer, a.createOffer === RTCPeerConnection.prototype.createOffer);
      log(Object.hasOwn(a, "createOffer"), Reflect.ownKeys(a).length);
      log(globalThis.RTCPeerConnection === RTCPeerConnection, RTCPeerConnection === a.constructor);
    },
    "functions that libraries take for native": ({ log }) => {
      // As lodash's isNative asks.
      const escaped = Function.prototype.toString
        .call(Object.prototype.hasOwnProperty)
        .replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
      const isNative = new RegExp(
        `^${escaped.replaceAll(/hasOwnProperty|(function).*?(?=\\\()| for .+?(?=\\\])/g, "$1.*?")}$`,
      );
      const { prototype } = RTCPeerConnection;
      for (const watched of [
        RTCPeerConnection,
        prototype.createOffer,
        prototype.close,
        navigator.mediaDevices.getUserMedia,
      ])
        if (!("byApp" in watched))
          log(
            watched,
            isNative.test(Function.prototype.toString.call(watched)),
            /\[native code\]/.test(String(watched)),
          );
    },
    "a function can be given members, frozen and compared": ({ log }) => {
      const { createOffer } = RTCPeerConnection.prototype;
      log(
        Reflect.set(createOffer, "mine", 1),
        Reflect.get(createOffer, "mine"),
        Object.keys(createOffer).join(),
      );
      log(
        Reflect.deleteProperty(createOffer, "mine"),
        Object.keys(createOffer).length,
        Object.isFrozen(createOffer),
      );
      log(Object.getPrototypeOf(createOffer) === Function.prototype, Object.hasOwn(createOffer, "prototype"));
      log(typeof createOffer, createOffer instanceof Function, Object.prototype.toString.call(createOffer));
    },
    "a method can be replaced by assignment, deleted and put back": ({ log, pc }) => {
      const { prototype } = RTCPeerConnection;
      const descriptor = Object.getOwnPropertyDescriptor(prototype, "restartIce") ?? {};
      prototype.restartIce = () => log("mine");
      pc().restartIce();
      log(Reflect.deleteProperty(prototype, "restartIce"), "restartIce" in prototype);
      Object.defineProperty(prototype, "restartIce", descriptor);
      log(prototype.restartIce, prototype.restartIce === descriptor.value);
    },
    "a method on one connection shadows the shared one": ({ log, pc }) => {
      const connection = pc();
      const shared = connection.restartIce;
      connection.restartIce = function (this: unknown) {
        log("mine", this === connection);
        Reflect.apply(shared, this, []);
      };
      connection.restartIce();
      log(Object.keys(connection).join());
    },
  });
}
