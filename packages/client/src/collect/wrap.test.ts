import { types } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWrapper } from "./wrap.ts";

const attempt = (_: string, run: () => unknown): unknown => {
  try {
    return run();
  } catch {
    return undefined;
  }
};

function createTarget() {
  return {
    base: 10,
    add(first: number, second: number): number {
      return this.base + first + second;
    },
    async later(value: number): Promise<number> {
      if (value < 0) throw new RangeError("negative");
      return value;
    },
    fail(): never {
      throw new TypeError("native");
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

describe("a watched method", () => {
  it("looks and behaves as the native one", async () => {
    const target = createTarget();
    const native = { ...target };
    const wrapper = createWrapper(attempt);
    const seen: unknown[] = [];
    for (const name of ["add", "later", "fail"]) {
      wrapper.method(target, name, (self, args) => {
        seen.push([name, self === target, ...args]);
        return (rejected, value) => seen.push([name, rejected, value]);
      });
    }
    expect([target.add.name, target.add.length]).toEqual(["add", 2]);
    expect(target.add(1, 2)).toBe(13);
    expect(await target.later(5)).toBe(5);
    await expect(target.later(-1)).rejects.toBeInstanceOf(RangeError);
    expect(() => target.fail()).toThrow("native");
    expect(seen).toEqual([
      ["add", true, 1, 2],
      ["add", false, 13],
      ["later", true, 5],
      ["later", false, 5],
      ["later", true, -1],
      ["later", true, expect.any(RangeError)],
      ["fail", true],
      ["fail", true, expect.any(TypeError)],
    ]);
    wrapper.restore();
    expect(target).toEqual(native);
  });

  it("is followed to its end when the app replaced Promise", async () => {
    const target = createTarget();
    const wrapper = createWrapper(attempt);
    const outcomes: unknown[] = [];
    wrapper.method(target, "later", () => (rejected, value) => outcomes.push([rejected, value]));
    vi.stubGlobal("Promise", class extends Promise<unknown> {});
    expect(await target.later(5)).toBe(5);
    expect(outcomes).toEqual([[false, 5]]);
  });

  it("goes on when what watches it fails, before or after the call", async () => {
    const target = createTarget();
    const wrapper = createWrapper(attempt);
    wrapper.method(target, "add", () => {
      throw new Error("before");
    });
    wrapper.method(target, "later", () => () => {
      throw new Error("after");
    });
    expect(target.add(1, 2)).toBe(13);
    expect(await target.later(5)).toBe(5);
    await expect(target.later(-1)).rejects.toBeInstanceOf(RangeError);
  });

  describe("in the callback form of the first drafts", () => {
    type Callback = (this: unknown, ...results: unknown[]) => unknown;
    /** Keeps the callbacks, as a browser does until it has an answer. */
    function createLegacy() {
      const kept: Callback[] = [];
      const outcomes: unknown[] = [];
      const target = {
        async ask(...args: unknown[]): Promise<void> {
          if (args.length < 2) throw new TypeError("2 arguments required");
          kept.push(...(args.filter((argument) => typeof argument === "function") as Callback[]));
        },
      };
      const wrapper = createWrapper(attempt);
      wrapper.method(target, "ask", () => (rejected, value) => outcomes.push([rejected, value]));
      return { target, kept, outcomes };
    }

    it.each([
      ["success", 0, false],
      ["failure", 1, true],
    ])("hears of %s when the browser says so, not before", async (_, index, rejected) => {
      const { target, kept, outcomes } = createLegacy();
      const heard: unknown[] = [];
      const callbacks = [0, 1].map(
        (place): Callback =>
          function (...results) {
            heard.push([place, this, ...results]);
            return `returned ${place}`;
          },
      );
      expect(await target.ask("description", ...callbacks)).toBeUndefined();
      expect(outcomes).toEqual([]);
      const self = {};
      const answer = { type: "offer" };
      expect(kept[index]?.call(self, answer, "more")).toBe(`returned ${index}`);
      expect(heard).toEqual([[index, self, answer, "more"]]);
      expect(outcomes).toEqual([[rejected, answer]]);
      // A browser that calls twice tells nothing new.
      kept[index]?.call(self, answer);
      expect(heard).toHaveLength(2);
      expect(outcomes).toHaveLength(1);
    });

    it("gives the browser no proxies: Firefox would not call them", async () => {
      const { target, kept } = createLegacy();
      await target.ask(
        () => {},
        () => {},
      );
      expect(kept.map((callback) => types.isProxy(callback))).toEqual([false, false]);
    });

    it("passes on what the app's callback throws", async () => {
      const { target, kept, outcomes } = createLegacy();
      await target.ask("description", () => {
        throw new RangeError("bug of the app");
      });
      expect(() => kept[0]?.call(undefined, "answer")).toThrow(RangeError);
      expect(outcomes).toEqual([[false, "answer"]]);
    });

    it("hears of arguments that the browser refuses", async () => {
      const { target, outcomes } = createLegacy();
      await expect(target.ask(() => {})).rejects.toBeInstanceOf(TypeError);
      expect(outcomes).toEqual([[true, expect.any(TypeError)]]);
    });
  });

  it("only passes through after restore when someone wrapped it again", () => {
    const target = createTarget();
    const seen: string[] = [];
    const first = createWrapper(attempt);
    const second = createWrapper(attempt);
    first.method(target, "add", () => void seen.push("first"));
    second.method(target, "add", () => void seen.push("second"));
    expect(target.add(1, 2)).toBe(13);
    expect(seen.splice(0)).toEqual(["second", "first"]);
    first.restore();
    expect(target.add(1, 2)).toBe(13);
    expect(seen.splice(0)).toEqual(["second"]);
    second.restore();
    expect(target.add(1, 2)).toBe(13);
    expect(seen).toEqual([]);
  });

  it.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    "is native again when all SDKs of a page have stopped, in the order %s",
    (order) => {
      const page = new EventTarget();
      vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
      vi.stubGlobal("dispatchEvent", page.dispatchEvent.bind(page));
      const target = createTarget();
      const native = Object.getOwnPropertyDescriptors(target);
      const wrappers = order.map(() => createWrapper(attempt));
      for (const wrapper of wrappers) wrapper.method(target, "add", () => undefined);
      for (const index of order) wrappers[index]?.restore();
      // By identity: two functions may be alike.
      expect(Object.is(Reflect.get(target, "add"), native.add.value)).toBe(true);
      expect(Object.getOwnPropertyDescriptors(target)).toEqual(native);
    },
  );

  it("is found on the prototype, and what is missing is no problem", () => {
    class Devices {
      ask(): string {
        return "native";
      }
    }
    const devices = new Devices();
    const native = Object.getOwnPropertyDescriptor(Devices.prototype, "ask")?.value as unknown;
    const wrapper = createWrapper(attempt);
    wrapper.method(devices, "ask", () => undefined);
    wrapper.method(devices, "missing", () => undefined);
    wrapper.method(undefined, "ask", () => undefined);
    expect(Object.keys(devices)).toEqual([]);
    expect(Object.getOwnPropertyDescriptor(Devices.prototype, "ask")?.value).not.toBe(native);
    wrapper.restore();
    expect(Object.getOwnPropertyDescriptor(Devices.prototype, "ask")?.value).toBe(native);
  });
});

describe("a watched constructor", () => {
  class Native {
    readonly size: number;
    static make(): Native {
      return new Native(1);
    }
    constructor(size: number) {
      if (size < 0) throw new RangeError("negative");
      this.size = size;
    }
  }

  it("keeps instanceof, subclasses, statics and identity", () => {
    vi.stubGlobal("Thing", Native);
    vi.stubGlobal("webkitThing", Native);
    const wrapper = createWrapper(attempt);
    const created: unknown[] = [];
    wrapper.creation(
      "Thing",
      (instance, args) => created.push([instance, ...args]),
      (error, args) => created.push([error, ...args]),
    );
    const Thing = Reflect.get(globalThis, "Thing") as typeof Native;
    expect(Reflect.get(globalThis, "webkitThing")).toBe(Thing);
    expect(Thing).not.toBe(Native);
    expect([Thing.name, Thing.length, Thing.prototype]).toEqual([Native.name, 1, Native.prototype]);
    class Sub extends Thing {
      own(): number {
        return this.size + 1;
      }
    }
    const plain = new Thing(3);
    const sub = new Sub(4);
    expect([plain instanceof Thing, plain instanceof Native, plain.constructor === Thing]).toEqual([
      true,
      true,
      true,
    ]);
    expect([sub instanceof Sub, sub instanceof Thing, sub.own(), sub.constructor === Sub]).toEqual([
      true,
      true,
      5,
      true,
    ]);
    expect(created).toEqual([
      [plain, 3],
      [sub, 4],
    ]);
    expect(Thing.make().size).toBe(1);
    expect(() => new Thing(-1)).toThrow(RangeError);
    expect(created.at(-1)).toEqual([expect.any(RangeError), -1]);
    wrapper.restore();
    expect(Reflect.get(globalThis, "Thing")).toBe(Native);
    expect(Reflect.get(globalThis, "webkitThing")).toBe(Native);
    expect(plain.constructor).toBe(Native);
    expect(new Sub(5).own()).toBe(6);
  });
});
