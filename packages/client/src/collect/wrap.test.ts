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

  it("passes the old callback form through, functions untouched", () => {
    const calls: unknown[] = [];
    const target = {
      createOffer(success: (offer: string) => void): void {
        calls.push(success);
        success("offer");
      },
    };
    const wrapper = createWrapper(attempt);
    wrapper.method(target, "createOffer", () => () => calls.push("watched"));
    const success = vi.fn();
    target.createOffer(success);
    expect(success).toHaveBeenCalledWith("offer");
    expect(calls).toEqual([success]);
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
    const wrapper = createWrapper(attempt);
    const created: unknown[] = [];
    wrapper.creation("Thing", (instance, args) => created.push([instance, ...args]));
    const Thing = Reflect.get(globalThis, "Thing") as typeof Native;
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
    wrapper.restore();
    expect(Reflect.get(globalThis, "Thing")).toBe(Native);
    expect(plain.constructor).toBe(Native);
    expect(new Sub(5).own()).toBe(6);
  });
});
