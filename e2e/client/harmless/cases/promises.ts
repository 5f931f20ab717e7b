/* oxlint-disable eslint/no-extend-native, typescript/unbound-method, unicorn/no-thenable -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// What a promise lets an app see besides its value.
export function promiseCases(defineCases: DefineCases): void {
  /** Rejections that nobody handles, or handles late: waits for as many as are due, and a moment for one too many. */
  const unhandled = async (due: number, run: () => unknown): Promise<string[]> => {
    const seen: string[] = [];
    const reject = (event: PromiseRejectionEvent): void => {
      seen.push(`unhandled ${(event.reason as Error).name}`);
      event.preventDefault();
    };
    const handle = (event: PromiseRejectionEvent): void =>
      void seen.push(`handled ${(event.reason as Error).name}`);
    addEventListener("unhandledrejection", reject);
    addEventListener("rejectionhandled", handle);
    run();
    for (let waited = 0; waited < 1_000 && seen.length < due; waited += 5)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    removeEventListener("unhandledrejection", reject);
    removeEventListener("rejectionhandled", handle);
    return seen;
  };

  defineCases("promises", {
    "are promises of the page": ({ log, pc }) => {
      const connection = pc();
      const promise = connection.createOffer();
      log(
        promise instanceof Promise,
        promise.constructor === Promise,
        Object.getPrototypeOf(promise) === Promise.prototype,
      );
      log(
        Object.prototype.toString.call(promise),
        Reflect.ownKeys(promise).length,
        Object.isExtensible(promise),
      );
      log(Promise.resolve(promise) === promise, promise === connection.createOffer());
    },
    "rejections that nobody handles are told, once each": async ({ log, pc }) => {
      const connection = pc();
      const answer = { type: "answer" as const, sdp: "" };
      log(await unhandled(1, () => void connection.setRemoteDescription(answer)));
      log(await unhandled(1, () => void connection.createAnswer()));
      log(await unhandled(1, () => void connection.addIceCandidate({ candidate: "x", sdpMid: "0" })));
      log(await unhandled(1, () => void navigator.mediaDevices.getUserMedia({})));
      log(
        await unhandled(1, () => void connection.addTransceiver("audio").sender.setParameters({} as never)),
      );
      log(await unhandled(1, () => void document.createElement("audio").setSinkId("nowhere")));
    },
    "rejections that are handled are not told": async ({ log, pc }) => {
      const connection = pc();
      log(await unhandled(0, () => void connection.createAnswer().catch(() => {})));
      log(await unhandled(0, () => void connection.createAnswer().then(undefined, () => {})));
      log(
        await unhandled(
          0,
          () => void Promise.allSettled([connection.createAnswer(), connection.createAnswer()]),
        ),
      );
      log(
        await unhandled(
          0,
          () => void Promise.race([connection.createAnswer(), Promise.resolve()]).catch(() => {}),
        ),
      );
    },
    "a chain without a catch is told once": async ({ log, pc }) => {
      log(
        await unhandled(
          1,
          () =>
            void pc()
              .createAnswer()
              .then(() => {})
              .then(() => {}),
        ),
      );
      log(
        await unhandled(
          1,
          () =>
            void pc()
              .createAnswer()
              .finally(() => {}),
        ),
      );
    },
    "handled too late is told as such": async ({ log, pc }) => {
      log(
        await unhandled(2, () => {
          const promise = pc().createAnswer();
          const handle = (): unknown => setTimeout(() => void promise.catch(() => {}));
          addEventListener("unhandledrejection", handle, { once: true });
        }),
      );
    },
    "two listeners of one promise get the same value": async ({ log, pc }) => {
      const promise = pc().createOffer();
      const [one, two] = await Promise.all([promise, promise.then((offer) => offer)]);
      log(one === two);
      const failing = pc().createAnswer();
      const errors = await Promise.all([
        failing.catch((error: unknown) => error),
        failing.catch((error: unknown) => error),
      ]);
      log(errors[0] === errors[1], errors[0]);
    },
    "a rejection of the page's own making passes through": async ({ log, pc }) => {
      const connection = pc();
      const given = new Error("mine");
      connection.createOffer = async () => await Promise.reject(given);
      await connection.createOffer().catch((error: unknown) => log(error === given));
      Reflect.deleteProperty(connection, "createOffer");
    },
    "Promise.prototype.then replaced by the app": async ({ log, pc, until }) => {
      const { then } = Promise.prototype;
      const connection = pc();
      let type: string | undefined;
      Promise.prototype.then = function (this: Promise<unknown>, ...args: [never, never]) {
        return Reflect.apply(then, this, args) as Promise<never>;
      };
      try {
        void connection.createOffer().then((offer) => {
          type = offer.type;
        });
        await until(() => type !== undefined);
      } finally {
        Promise.prototype.then = then;
      }
      log(type);
    },
    "the class Promise replaced by the app": async ({ log, pc, until }) => {
      // As polyfills and zones do.
      const Below = globalThis.Promise;
      class Zone<T> extends Below<T> {}
      const seen: string[] = [];
      globalThis.Promise = Zone;
      try {
        const connection = pc();
        const promise: unknown = connection.createOffer();
        log(promise instanceof Below, (promise as object).constructor === Below);
        void (promise as Promise<RTCSessionDescriptionInit>).then(({ type }) => seen.push(type));
        connection.createAnswer().catch((error: unknown) => seen.push((error as Error).name));
      } finally {
        globalThis.Promise = Below;
      }
      await until(() => seen.length === 2);
      log(seen.sort().join());
    },
    "async stack: an error has a stack and is the browser's": async ({ log, pc }) => {
      try {
        await pc().createAnswer();
      } catch (error) {
        log(error instanceof DOMException, (error as DOMException).code, typeof (error as Error).stack);
      }
    },
  });
}
