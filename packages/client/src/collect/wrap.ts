import type { Recorder } from "../recorder.ts";

/** How a call ended; `value` is its result or its error. */
export type Settle = (rejected: boolean, value: unknown) => void;

/** Looks at a call before it happens. Returns what wants to know its end, or nothing. */
export type Begin = (self: unknown, args: readonly unknown[]) => Settle | undefined;

/** Puts functions of the page behind look-alikes and takes them away again. */
export interface Wrapper {
  /** Watches the method `name`, wherever in the prototype chain of `owner` it is. */
  method(owner: object | undefined, name: string, begin: Begin): void;
  /** Watches a constructor that is a property of `owner`. */
  constructor(
    owner: object,
    name: string,
    created: (instance: object, args: readonly unknown[]) => void,
  ): void;
  /** Puts the native functions back. One that was wrapped again by someone else stays and only passes through. */
  restore(): void;
}

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * A proxy of the native function is what an app can tell least apart from it: name, length, text, prototype and static members
 * are the native ones. What the app gets from a watched asynchronous call is the promise that follows the native one:
 * watching that one itself would mark its rejection as handled, and an app's forgotten rejection would never show up.
 */
export function createWrapper({ attempt }: Recorder): Wrapper {
  let active = true;
  const restores: (() => void)[] = [];

  function replace(owner: object, name: string, handler: ProxyHandler<AnyFunction>): void {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (typeof descriptor?.value !== "function") return;
    const value: unknown = new Proxy(descriptor.value as AnyFunction, handler);
    put(owner, name, descriptor, value);
  }

  function put(owner: object, name: string, descriptor: PropertyDescriptor, value: unknown): void {
    Object.defineProperty(owner, name, { ...descriptor, value });
    restores.push(() => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.value === value) {
        Object.defineProperty(owner, name, descriptor);
      }
    });
  }

  function call(native: AnyFunction, self: unknown, args: unknown[], settle: Settle): unknown {
    // The callback forms of the first WebRTC drafts: the promise then says nothing about the outcome.
    const isLegacy = args.some((argument) => typeof argument === "function");
    let rejected = true;
    const watched = args.map((argument) => {
      if (typeof argument !== "function") return argument;
      const outcome = (rejected = !rejected);
      return new Proxy(argument as AnyFunction, {
        apply(callback, that, values) {
          settle(outcome, values[0]);
          return Reflect.apply(callback, that, values);
        },
      });
    });
    let result: unknown;
    try {
      result = Reflect.apply(native, self, watched);
    } catch (error) {
      settle(true, error);
      throw error;
    }
    if (isLegacy) return result;
    if (!(result instanceof Promise)) {
      settle(false, result);
      return result;
    }
    return result.then(
      (value: unknown) => {
        settle(false, value);
        return value;
      },
      (error: unknown) => {
        settle(true, error);
        throw error;
      },
    );
  }

  return {
    method(owner, name, begin) {
      while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | undefined;
      if (!owner) return;
      replace(owner, name, {
        apply(native, self, args) {
          const settle = active ? attempt(name, () => begin(self, args)) : undefined;
          if (settle === undefined) return Reflect.apply(native, self, args);
          return call(native, self, args, (rejected, value) => {
            if (active) attempt(name, () => settle(rejected, value));
          });
        },
      });
    },
    constructor(owner, name, created) {
      const native: unknown = Reflect.get(owner, name);
      replace(owner, name, {
        construct(native, args, newTarget) {
          const instance = Reflect.construct(native, args, newTarget) as object;
          if (active) attempt(name, () => created(instance, args));
          return instance;
        },
      });
      // So that `connection.constructor === RTCPeerConnection` stays true.
      const prototype: unknown = Reflect.get(native as object, "prototype");
      const descriptor = Object.getOwnPropertyDescriptor(prototype, "constructor");
      if (descriptor !== undefined && descriptor.value === native)
        put(prototype as object, "constructor", descriptor, Reflect.get(owner, name));
    },
    restore() {
      active = false;
      for (const restore of restores.reverse()) attempt("restore", restore);
    },
  };
}
