import type { DefineCases } from "../case-tools.ts";

// The callback forms of the first WebRTC drafts, which browsers still have.
export function callbackCases(defineCases: DefineCases): void {
  type Loose = Record<string, ((...args: unknown[]) => unknown) | undefined>;
  type Callback = (...args: unknown[]) => unknown;
  type Log = (...values: unknown[]) => void;

  /** Calls with two callbacks, notes all that an app sees, and waits for one of them. */
  async function call(log: Log, run: (success: Callback, failure: Callback) => unknown): Promise<void> {
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const note = (name: string): Callback =>
      function (this: unknown, ...args: unknown[]) {
        log(name, args, this === undefined ? "undefined" : Object.prototype.toString.call(this));
        answer();
        return "ignored";
      };
    try {
      const returned = run(note("success"), note("failure"));
      log("returned", returned);
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 3_000))]);
      if (returned instanceof Promise)
        await returned.then(
          (value: unknown) => log("resolved", value),
          (error: unknown) => log("rejected", error),
        );
    } catch (error) {
      log("threw", error);
    }
  }
  const method = (pc: RTCPeerConnection, name: string): Callback =>
    ((pc as unknown as Loose)[name] ?? (() => "not there")).bind(pc);

  defineCases("callbacks", {
    "createOffer(success, failure)": async ({ log, pc }) => {
      await call(log, method(pc(), "createOffer"));
    },
    "createOffer(success, failure, options)": async ({ log, pc }) => {
      const options = { offerToReceiveAudio: true };
      const connection = pc();
      await call(log, (success, failure) => method(connection, "createOffer")(success, failure, options));
    },
    "createAnswer(success, failure) that fails": async ({ log, pc }) => {
      await call(log, method(pc(), "createAnswer"));
    },
    "setLocalDescription(description, success, failure)": async ({ log, pc }) => {
      const connection = pc();
      connection.createDataChannel("label");
      const offer = await connection.createOffer();
      await call(log, (...callbacks) => method(connection, "setLocalDescription")(offer, ...callbacks));
      log(connection.signalingState, connection.localDescription);
    },
    "setRemoteDescription(description, success, failure) that fails": async ({ log, pc }) => {
      const connection = pc();
      const answer = { type: "answer", sdp: "" };
      await call(log, (...callbacks) => method(connection, "setRemoteDescription")(answer, ...callbacks));
    },
    "addIceCandidate(candidate, success, failure)": async ({ log, pair }) => {
      const { a } = await pair();
      const line = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host";
      for (const candidate of [line, "nonsense"])
        await call(log, (...callbacks) =>
          method(a, "addIceCandidate")({ candidate, sdpMid: "0" }, ...callbacks),
        );
    },
    "getStats(success) and getStats(selector, success, failure)": async ({ attempt, log, pc }) => {
      const getStats = method(pc(), "getStats");
      await attempt("one", () => getStats(() => log("success")));
      await attempt("two", () =>
        getStats(
          null,
          () => log("success"),
          () => log("failure"),
        ),
      );
    },
    "callbacks that are not functions": async ({ attempt, pc }) => {
      const createOffer = method(pc(), "createOffer");
      await attempt("objects", () => createOffer({}, {}));
      await attempt("nulls", () => createOffer(null, null));
      await attempt("one", () => createOffer(() => {}));
      await attempt("mixed", () => createOffer(() => {}, 1));
      await attempt("object with a call", () => createOffer({ call: () => {} }, { apply: () => {} }));
      const connection = pc();
      await attempt("one after a candidate", () => method(connection, "addIceCandidate")({}, () => {}));
      await attempt("only one", () =>
        method(connection, "setLocalDescription")({ type: "rollback" }, () => {}),
      );
    },
    "callbacks that throw": async ({ log, pause, pc, until }) => {
      const connection = pc();
      const errors: string[] = [];
      const listener = (event: ErrorEvent): void => {
        errors.push(event.message);
        event.preventDefault();
      };
      const reject = (event: PromiseRejectionEvent): void => {
        errors.push(`unhandled ${event.reason}`);
        event.preventDefault();
      };
      addEventListener("error", listener);
      addEventListener("unhandledrejection", reject);
      let isCalled = false;
      const returned = method(connection, "createOffer")(
        () => {
          isCalled = true;
          throw new RangeError("in the callback");
        },
        () => log("failure"),
      );
      await until(() => isCalled);
      // Firefox tells nobody.
      await pause(30);
      if (returned instanceof Promise) log(await returned);
      removeEventListener("error", listener);
      removeEventListener("unhandledrejection", reject);
      log(errors);
    },
    // Proxies are not among them: Firefox (140) does not call one, the SDK's function in its place it does.
    "callbacks are bound or classes": async ({ attempt, log, pc, until }) => {
      const connection = pc();
      const seen: unknown[] = [];
      const bound = function (this: unknown): void {
        seen.push(`bound ${String(this)}`);
      }.bind("me");
      method(connection, "createOffer")(bound, () => {});
      await until(() => seen.length === 1);
      log(seen);
      await attempt("class", () => method(connection, "createAnswer")(() => {}, Object));
    },
    "a callback that is called is the one that was given": async ({ log, pc, until }) => {
      const connection = pc();
      const seen: unknown[] = [];
      function success(...args: unknown[]): void {
        seen.push(success.length, success.name, args.length);
      }
      Object.assign(success, { mine: true });
      method(connection, "createOffer")(success, () => {});
      await until(() => seen.length > 0);
      log(seen, Object.keys(success));
    },
    "an order of callbacks": async ({ log, pc, until }) => {
      const connection = pc();
      const seen: string[] = [];
      const note = (name: string) => () => seen.push(name);
      const createOffer = method(connection, "createOffer");
      createOffer(note("first"), note("failed"));
      createOffer(note("second"), note("failed"));
      createOffer(note("third"), note("failed"));
      await until(() => seen.length === 3);
      log(seen);
    },
    "navigator.getUserMedia(constraints, success, failure)": async ({ log }) => {
      for (const name of ["getUserMedia", "webkitGetUserMedia", "mozGetUserMedia"]) {
        const found: unknown = Reflect.get(navigator, name);
        log(name, typeof found);
        if (typeof found !== "function") continue;
        for (const constraints of [{ audio: true }, {}, { audio: { deviceId: { exact: "nowhere" } } }])
          await call(log, (success, failure) =>
            found.call(
              navigator,
              constraints,
              function (this: unknown, stream: MediaStream) {
                success.call(this, stream);
                for (const track of stream.getTracks()) track.stop();
              },
              failure,
            ),
          );
      }
    },
    "navigator.getUserMedia on the wrong receiver and without callbacks": async ({ attempt }) => {
      for (const name of ["webkitGetUserMedia", "mozGetUserMedia"]) {
        const found: unknown = Reflect.get(navigator, name);
        if (typeof found !== "function") continue;
        await attempt("receiver", () =>
          found.call(
            {},
            { audio: true },
            () => {},
            () => {},
          ),
        );
        await attempt("none", () => found.call(navigator));
        await attempt("no callbacks", () => found.call(navigator, { audio: true }));
        await attempt("wrong callbacks", () => found.call(navigator, { audio: true }, 1, 2));
      }
    },
  });
}
