/* oxlint-disable eslint/constructor-super, eslint/no-new, typescript/no-base-to-string, typescript/no-extraneous-class, typescript/unbound-method -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Making connections: as the specification means it, and in every other way that JavaScript knows.
export function classCases(defineCases: DefineCases): void {
  const Native = (): typeof RTCPeerConnection => globalThis.RTCPeerConnection;

  const ecdsa: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

  defineCases("constructor", {
    "with and without a configuration": async ({ attempt }) => {
      const configurations: unknown[] = [
        undefined,
        null,
        {},
        [],
        1,
        "text",
        { iceServers: [] },
        { iceServers: null },
        { iceServers: [{}] },
        { iceServers: [{ urls: [] }] },
        { iceServers: [{ urls: "nonsense" }] },
        { iceServers: [{ urls: "turn:127.0.0.1" }] },
        { iceServers: [{ urls: "stun:127.0.0.1:3478" }] },
        { bundlePolicy: "unknown" },
        { iceTransportPolicy: "relay" },
        { rtcpMuxPolicy: "negotiate" },
        { iceCandidatePoolSize: -1 },
        { iceCandidatePoolSize: 256 },
        { certificates: [{}] },
      ];
      for (const configuration of configurations)
        await attempt(JSON.stringify(configuration) ?? "none", () => {
          const made: unknown = Reflect.construct(Native(), [configuration]);
          (made as RTCPeerConnection).close();
          return made;
        });
    },
    "with constraints of the first drafts": async ({ attempt }) => {
      const arguments_: unknown[][] = [
        [{}, { optional: [{ DtlsSrtpKeyAgreement: true }] }],
        [null, { mandatory: {} }],
        [{}, 1],
        [{}, {}, {}],
      ];
      for (const args of arguments_)
        await attempt(JSON.stringify(args), () => {
          const made: unknown = Reflect.construct(Native(), args);
          (made as RTCPeerConnection).close();
          return made;
        });
    },
    "called without new": async ({ attempt }) => {
      const called = Native() as unknown as (...args: unknown[]) => unknown;
      await attempt("plain", () => called());
      await attempt("call", () => called.call({}));
      await attempt("apply", () => called.apply(undefined, [{}]));
      await attempt("Reflect.apply", () => Reflect.apply(called, Object.create(Native().prototype), []));
    },
    "a thrown error's class and code": ({ log }) => {
      try {
        new RTCPeerConnection({ iceServers: [{ urls: "nonsense" }] });
      } catch (error) {
        log(
          error,
          (error as DOMException).code,
          error instanceof DOMException,
          Object.prototype.toString.call(error),
        );
      }
    },
    "what an instance is": ({ log, pc }) => {
      const connection = pc();
      log(connection instanceof RTCPeerConnection, connection instanceof EventTarget);
      log(Object.prototype.toString.call(connection), String(connection), connection.constructor.name);
      log(
        Object.getPrototypeOf(connection) === RTCPeerConnection.prototype,
        connection.constructor === RTCPeerConnection,
      );
      log(
        Object.keys(connection).join(),
        Reflect.ownKeys(connection).length,
        Object.isExtensible(connection),
      );
      log(
        Object.hasOwn(RTCPeerConnection.prototype, "constructor"),
        RTCPeerConnection.prototype.constructor === RTCPeerConnection,
      );
      log(RTCPeerConnection.prototype.isPrototypeOf(connection), typeof RTCPeerConnection);
    },
    "members of a new connection": ({ log, pc }) => {
      const connection = pc();
      for (const name in connection) {
        const value: unknown = Reflect.get(connection, name);
        log(name, typeof value === "function" ? "function" : value);
      }
    },
    "Symbol.hasInstance and a foreign prototype": ({ log, pc }) => {
      const connection = pc();
      log(Function.prototype[Symbol.hasInstance].call(RTCPeerConnection, connection));
      log(
        {} instanceof RTCPeerConnection,
        Object.create(RTCPeerConnection.prototype) instanceof RTCPeerConnection,
      );
      log(Object.hasOwn(RTCPeerConnection, Symbol.hasInstance));
    },
    "bound, and through Reflect": ({ log }) => {
      const Bound = Native().bind(null, { bundlePolicy: "max-bundle" });
      const made = new Bound();
      log(
        made,
        made instanceof RTCPeerConnection,
        made instanceof Bound,
        made.getConfiguration().bundlePolicy,
      );
      made.close();
      const reflected = Reflect.construct(Native(), [], Native());
      log(reflected.constructor === RTCPeerConnection);
      reflected.close();
    },
    "Reflect.construct with another new.target": async ({ log, attempt }) => {
      class Other {
        mine(): string {
          return "mine";
        }
      }
      const made = Reflect.construct(Native(), [], Other) as unknown as RTCPeerConnection & Other;
      log(made instanceof Other, made instanceof RTCPeerConnection, made.constructor === Other, made.mine());
      await attempt("a connection's method", () =>
        Reflect.apply(RTCPeerConnection.prototype.createOffer, made, []),
      );
      await attempt("close", () => Reflect.apply(RTCPeerConnection.prototype.close, made, []));
      await attempt("no constructor", () => Reflect.construct(Native(), [], (() => {}) as never));
      await attempt("an event target", () => Reflect.construct(EventTarget, [], Native()));
    },
    "a new.target whose prototype throws": async ({ attempt }) => {
      const target = new Proxy(class {}, {
        get() {
          throw new RangeError("prototype was read");
        },
      });
      await attempt("construct", () => Reflect.construct(Native(), [], target));
    },
    "wrapped in a function that returns another": ({ log }) => {
      // As adapters and test doubles do.
      const Below = Native();
      function Shim(this: unknown, configuration?: RTCConfiguration): RTCPeerConnection {
        return new Below(configuration);
      }
      Shim.prototype = Below.prototype;
      const made = Reflect.construct(Shim, [{}]) as RTCPeerConnection;
      log(made instanceof Below, made instanceof Shim, made.constructor === Below);
      made.close();
    },
    "replaced by the app and put back": ({ log, pc }) => {
      const Below = globalThis.RTCPeerConnection;
      const descriptor = Object.getOwnPropertyDescriptor(globalThis, "RTCPeerConnection") ?? {};
      class Mock extends EventTarget {}
      Reflect.set(globalThis, "RTCPeerConnection", Mock);
      log(RTCPeerConnection === (Mock as unknown), new RTCPeerConnection() instanceof Mock);
      Object.defineProperty(globalThis, "RTCPeerConnection", descriptor);
      log(RTCPeerConnection === Below, pc() instanceof Below);
    },
    "generateCertificate and other static members": async ({ attempt, log }) => {
      await attempt("generate", () => RTCPeerConnection.generateCertificate(ecdsa));
      await attempt("unknown algorithm", () => RTCPeerConnection.generateCertificate("nonsense"));
      await attempt("missing", () =>
        Reflect.apply(RTCPeerConnection.generateCertificate, RTCPeerConnection, []),
      );
      const { generateCertificate } = RTCPeerConnection;
      await attempt("free", () => generateCertificate(ecdsa));
      class Phone extends RTCPeerConnection {}
      log(Phone.generateCertificate === generateCertificate, Object.hasOwn(Phone, "generateCertificate"));
    },
    "a connection with a certificate": async ({ log, pc }) => {
      const certificate = await RTCPeerConnection.generateCertificate(ecdsa);
      const connection = pc({ certificates: [certificate] });
      log(connection.getConfiguration().certificates?.[0] === certificate, certificate);
    },
  });

  defineCases("subclass", {
    "with fields, accessors and static members": ({ log }) => {
      class Phone extends RTCPeerConnection {
        static readonly kind = "phone";
        #rings = 0;
        label = "desk";
        get rings(): number {
          return this.#rings;
        }
        ring(): this {
          this.#rings += 1;
          return this;
        }
      }
      const phone = new Phone({ bundlePolicy: "max-bundle" });
      log(phone.ring().rings, phone.label, Phone.kind, phone.getConfiguration().bundlePolicy);
      log(
        phone instanceof Phone,
        phone instanceof RTCPeerConnection,
        phone.constructor === Phone,
        Phone.name,
        Phone.length,
      );
      log(
        Object.getPrototypeOf(Phone) === RTCPeerConnection,
        Object.keys(phone).join(),
        Object.prototype.toString.call(phone),
      );
      phone.close();
    },
    "new.target inside": ({ log }) => {
      class Phone extends RTCPeerConnection {
        constructor() {
          log(new.target === Phone, new.target.name);
          super();
          log(new.target === Phone, this instanceof Phone);
        }
      }
      new Phone().close();
      class Mobile extends Phone {}
      new Mobile().close();
    },
    "that overrides watched methods": async ({ log }) => {
      class Phone extends RTCPeerConnection {
        override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
          log("createDataChannel", label);
          return super.createDataChannel(`my ${label}`, init);
        }
        override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
          log("setRemoteDescription");
          await super.setRemoteDescription(description);
        }
        override close(): void {
          log("close");
          super.close();
        }
        override restartIce(): void {
          log("restartIce");
        }
      }
      const phone = new Phone();
      log(phone.createDataChannel("chat").label);
      await phone.setRemoteDescription({ type: "answer", sdp: "" }).catch((error: unknown) => log(error));
      phone.restartIce();
      phone.close();
      log(phone.signalingState);
    },
    "whose overridden members that do something nobody calls behind its back": async ({ log, pause }) => {
      class Phone extends RTCPeerConnection {
        override addEventListener(...args: unknown[]): void {
          log("addEventListener", args[0]);
          Reflect.apply(RTCPeerConnection.prototype.addEventListener, this, args);
        }
        override removeEventListener(...args: unknown[]): void {
          log("removeEventListener", args[0]);
          Reflect.apply(RTCPeerConnection.prototype.removeEventListener, this, args);
        }
        override getConfiguration(): RTCConfiguration {
          log("getConfiguration");
          return super.getConfiguration();
        }
        override getStats(...args: [selector?: MediaStreamTrack | null]): Promise<RTCStatsReport> {
          log("getStats");
          return super.getStats(...args);
        }
      }
      const phone = new Phone();
      phone.addTransceiver("audio");
      phone.createDataChannel("chat");
      await phone.setLocalDescription();
      const [sender] = phone.getSenders();
      await sender?.replaceTrack(null);
      await sender?.setParameters(sender.getParameters()).catch(() => {});
      // Over a sample of the SDK.
      await pause(1_100);
      phone.close();
    },
    "that returns something else": ({ log }) => {
      const other = { other: true };
      class Phone extends RTCPeerConnection {
        constructor() {
          super();
          this.close();
          return other as never;
        }
      }
      log((new Phone() as unknown) === other);
    },
    "whose constructor throws": async ({ attempt }) => {
      class Before extends RTCPeerConnection {
        constructor() {
          throw new RangeError("before super");
          // oxlint-disable-next-line no-unreachable
          super();
        }
      }
      class After extends RTCPeerConnection {
        constructor() {
          super();
          this.close();
          throw new RangeError("after super");
        }
      }
      await attempt("before", () => new Before());
      await attempt("after", () => new After());
    },
    "in the style before classes": async ({ attempt, log }) => {
      function Phone(this: object): unknown {
        return Reflect.construct(globalThis.RTCPeerConnection, [], new.target ?? Phone);
      }
      Object.setPrototypeOf(Phone, globalThis.RTCPeerConnection);
      Phone.prototype = Object.create(RTCPeerConnection.prototype, {
        constructor: { value: Phone },
      }) as object;
      const phone = Reflect.construct(Phone, []) as RTCPeerConnection;
      log(
        phone instanceof Phone,
        phone instanceof RTCPeerConnection,
        phone.constructor === (Phone as unknown),
      );
      phone.close();
      await attempt("call of the parent", () =>
        Reflect.apply(globalThis.RTCPeerConnection, Object.create(Phone.prototype), []),
      );
    },
    "made by a mixin": ({ log }) => {
      const named = (base: typeof RTCPeerConnection): typeof RTCPeerConnection & { named: true } =>
        Object.assign(class extends base {}, { named: true as const });
      const Phone = named(RTCPeerConnection);
      const phone = new Phone();
      log(
        phone instanceof RTCPeerConnection,
        phone.createOffer === RTCPeerConnection.prototype.createOffer,
        Phone.named,
      );
      phone.close();
    },
  });

  defineCases("frames", {
    "a frame of the page has functions of its own": ({ log }) => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const inside = frame.contentWindow as (Window & typeof globalThis) | null;
      const Inside = inside?.RTCPeerConnection;
      if (!inside || !Inside) return log("no class in the frame");
      log(Inside === RTCPeerConnection, Inside.prototype === RTCPeerConnection.prototype);
      log(Inside.name, Inside.prototype.createOffer === RTCPeerConnection.prototype.createOffer);
      log(Function.prototype.toString.call(Inside.prototype.createOffer).replaceAll(/\s+/g, " "));
      const made = new Inside();
      log(made instanceof Inside, made instanceof RTCPeerConnection, made.constructor === Inside);
      made.close();
      frame.remove();
    },
    "methods of the page on a connection of a frame, and the other way round": async ({
      attempt,
      log,
      pc,
    }) => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const inside = frame.contentWindow as (Window & typeof globalThis) | null;
      const Inside = inside?.RTCPeerConnection;
      if (!inside || !Inside) return log("no class in the frame");
      const made = new Inside();
      await attempt(
        "of the page",
        () => RTCPeerConnection.prototype.createDataChannel.call(made, "label").label,
      );
      const promise: unknown = Reflect.apply(RTCPeerConnection.prototype.createOffer, made, []);
      log(promise instanceof Promise, promise instanceof inside.Promise);
      log(await promise);
      const own = Reflect.apply(Inside.prototype.createOffer, pc(), []) as unknown;
      log(own instanceof Promise, own instanceof inside.Promise);
      await (own as Promise<unknown>);
      await attempt("failing", () =>
        Reflect.apply(RTCPeerConnection.prototype.setRemoteDescription, made, [{ type: "answer", sdp: "" }]),
      );
      made.close();
      frame.remove();
    },
    "a frame that is gone": async ({ attempt, log, pause }) => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const Inside = (frame.contentWindow as (Window & typeof globalThis) | null)?.RTCPeerConnection;
      if (!Inside) return log("no class in the frame");
      const made = new Inside();
      frame.remove();
      await pause(10);
      await attempt(
        "createDataChannel",
        () => RTCPeerConnection.prototype.createDataChannel.call(made, "label").readyState,
      );
      await attempt("construct", () => new Inside());
    },
  });
}
