/** How a call ended; `value` is its result or its error. */
export type Settle = (rejected: boolean, value: unknown) => void;

/** Looks at a call before it happens. Returns what wants to know its end, or nothing. */
export type Begin = (self: unknown, args: readonly unknown[]) => Settle | undefined;

/** Puts functions of the page behind look-alikes and takes them away again. */
export interface Wrapper {
  /** Watches the method `name`, wherever in the prototype chain of `owner` it is. */
  method(owner: object | undefined, name: string, begin: Begin): void;
  /** Watches `new` of a constructor that is a property of the global object. */
  creation(
    name: string,
    created: (instance: object, args: readonly unknown[]) => void,
    failed?: (error: unknown, args: readonly unknown[]) => void,
  ): void;
  /** Puts the native functions back. One that was wrapped again only passes through; it goes when an SDK above it has gone. */
  restore(): void;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Tells other SDKs on the page that functions were put back. */
const restoredEvent = "peerscope-restored";

/**
 * A proxy of the native function is what an app can tell least apart from it: name, length, text, prototype and static members
 * are the native ones. What the app gets from a watched asynchronous call is the promise that follows the native one:
 * watching that one itself would mark its rejection as handled, and an app's forgotten rejection would never show up.
 */
export function createWrapper(attempt: (place: string, run: () => unknown) => unknown): Wrapper {
  let active = true;
  // The browser's own, whatever the app puts in its place later.
  const NativePromise = Promise;
  let restores: (() => unknown)[] = [];
  const watch = (place: string, run: () => unknown): unknown => (active ? attempt(place, run) : undefined);

  function restore(): void {
    active = false;
    const before = restores.length;
    restores = restores.filter((put) => !attempt("restore", put));
    // What another SDK wrapped over goes when that one has gone.
    if (restores.length) globalThis.addEventListener?.(restoredEvent, restore, { once: true });
    if (restores.length < before) globalThis.dispatchEvent?.(new Event(restoredEvent));
  }

  /** Replaces a function wherever in the prototype chain of `owner` it is, if the page lets it be replaced. */
  function put(owner: unknown, name: string, make: (native: AnyFunction) => unknown): void {
    attempt(name, () => {
      let holder = owner;
      let descriptor: PropertyDescriptor | undefined;
      while (holder && !(descriptor = Object.getOwnPropertyDescriptor(holder, name)))
        holder = Object.getPrototypeOf(holder);
      if (typeof descriptor?.value !== "function") return;
      const native = descriptor;
      const value = make(native.value as AnyFunction);
      const set = (changed: PropertyDescriptor): unknown => Object.defineProperty(holder, name, changed);
      set({ ...native, value });
      restores.push(() => Object.getOwnPropertyDescriptor(holder, name)?.value === value && set(native));
    });
  }

  /** Runs a native function and tells its outcome, once. */
  function call(run: (args: unknown[]) => unknown, args: unknown[], tell: Settle): unknown {
    let isTold = false;
    const settle: Settle = (rejected, value) => {
      if (!isTold) tell(rejected, value);
      isTold = true;
    };
    // The callback forms of the first WebRTC drafts: success, then failure. Their promise is fulfilled whatever happens.
    let callbacks = 0;
    const given = args.map((argument) => {
      if (typeof argument !== "function") return argument;
      const rejected = callbacks++ > 0;
      // No proxy: Firefox (140) calls back from privileged code, to which a proxy of the page is no function.
      return function (this: unknown, ...results: unknown[]): unknown {
        settle(rejected, results[0]);
        return Reflect.apply(argument as AnyFunction, this, results);
      };
    });
    const fulfilled = (value: unknown): unknown => {
      if (!callbacks) settle(false, value);
      return value;
    };
    const failed = (error: unknown): never => {
      settle(true, error);
      throw error;
    };
    let result: unknown;
    try {
      result = run(given);
    } catch (error) {
      return failed(error);
    }
    return result instanceof NativePromise ? result.then(fulfilled, failed) : fulfilled(result);
  }

  return {
    method(owner, name, begin) {
      put(
        owner,
        name,
        (native) =>
          new Proxy(native, {
            apply(_, self, args) {
              const settle = watch(name, () => begin(self, args)) as Settle | undefined;
              if (!settle) return Reflect.apply(native, self, args);
              return call(
                (given) => Reflect.apply(native, self, given),
                args,
                (rejected, value) => watch(name, () => settle(rejected, value)),
              );
            },
          }),
      );
    },
    creation(name, created, failed) {
      put(globalThis, name, (native) => {
        const proxy = new Proxy(native, {
          construct(_, args, newTarget) {
            return call(
              (given) => Reflect.construct(native, given, newTarget) as object,
              args,
              (rejected, value) =>
                watch(name, () => (rejected ? failed?.(value, args) : created(value as object, args))),
            ) as object;
          },
        });
        // So that `connection.constructor === RTCPeerConnection` stays true.
        put(native.prototype, "constructor", () => proxy);
        // Chromium has the same one under two names.
        put(globalThis, `webkit${name}`, (alias) => (alias === native ? proxy : alias));
        return proxy;
      });
    },
    restore,
  };
}
