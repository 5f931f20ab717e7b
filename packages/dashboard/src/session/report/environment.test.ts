import { expect, test } from "vitest";
import type { EventRow } from "../../worker/messages.ts";
import { environmentOf } from "./environment.ts";

const event = (
  at: number,
  name: string,
  data: EventRow["data"],
  connectionId: string | null = null,
): EventRow => ({
  at,
  name,
  data,
  connectionId,
});

test("refusals, changes of devices and of the path stand in the order of time, in words", () => {
  const { devices, happened, left } = environmentOf([
    event(50, "selected-candidate-pair-changed", { local: {}, remote: {} }, "pc-1"),
    event(30, "network-online-changed", { online: false }),
    event(10, "api-called", { callId: 1, method: "getUserMedia", arguments: {} }),
    event(11, "api-settled", {
      callId: 1,
      method: "getUserMedia",
      outcome: "rejected",
      error: { name: "NotFoundError", message: "none" },
    }),
    event(20, "devices-listed", {
      devices: [{ kind: "audioinput", type: "headset", device: "a1", role: null }],
    }),
    event(40, "devices-changed", {
      added: [],
      removed: [{ kind: "audioinput", type: "headset", device: "a1", role: null }],
    }),
  ]);
  expect(happened.map(({ at }) => at)).toEqual([10, 30, 40, 50]);
  expect(happened.map(({ text }) => text).join("\n")).toMatch(
    /getUserMedia\(\) was refused: .*\nThe machine went offline\nGone from the microphones: headset\nMedia goes from/,
  );
  // It was unplugged: at the end there was none.
  expect(devices).toEqual([]);
  expect(left).toBe(0);
});

test("of very many changes the first are listed and the others counted", () => {
  const events = Array.from({ length: 500 }, (_, at) =>
    event(at, "network-online-changed", { online: at % 2 === 0 }),
  );
  const { happened, left } = environmentOf(events);
  expect(happened.length + left).toBe(500);
  expect(happened.length).toBeLessThan(50);
});
