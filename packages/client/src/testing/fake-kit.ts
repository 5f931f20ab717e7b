import type { Kit } from "../collect/surroundings.ts";
import { createWrapper } from "../collect/wrap.ts";
import type { Emit, Recorder } from "../recorder.ts";
import { createVirtualPlatform, type VirtualPlatform } from "./virtual-platform.ts";

/** A kit whose time is virtual, with what was told through it. */
export interface FakeKit {
  readonly kit: Kit;
  readonly platform: VirtualPlatform;
  /** Events as JSON has them: members without a value are not there. */
  readonly events: { readonly name: string; readonly data: unknown }[];
  /** Members of the context, merged. */
  readonly context: Record<string, unknown>;
  readonly errors: unknown[];
  readonly stop: () => void;
}

export function createFakeKit(salt = "pk_test"): FakeKit {
  const platform = createVirtualPlatform();
  const events: { name: string; data: unknown }[] = [];
  const context: Record<string, unknown> = {};
  const errors: unknown[] = [];
  const emit: Emit = (name, data) =>
    void events.push({ name, data: JSON.parse(JSON.stringify(data)) as unknown });
  const fail = (_: string, error: unknown): void => void errors.push(error);
  const attempt: Recorder["attempt"] = (place, run) => {
    try {
      return run();
    } catch (error) {
      fail(place, error);
      return undefined;
    }
  };
  const recorder: Recorder = {
    emit,
    attempt,
    fail,
    context: (members) => void Object.assign(context, members),
    record: () => {},
    repeatContext: () => {},
    timed: (run) => run(),
    busyMs: 0,
    flush: () => {},
    end: () => {},
  };
  const listening = new AbortController();
  const { signal } = listening;
  const kit: Kit = {
    platform,
    recorder,
    wrapper: createWrapper(attempt),
    listen: (target, type, listener) =>
      target.addEventListener(type, (event) => void listener(event), { signal }),
    tellCall: (method, names, args) => (rejected) =>
      void events.push({ name: "call", data: { method, names, args, rejected } }),
    signal,
    salt,
  };
  return { kit, platform, events, context, errors, stop: () => listening.abort() };
}
