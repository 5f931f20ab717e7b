import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openEarly, takeSession } from "./early-session.ts";

/** What a page has started, in its order. */
let workers: FakeWorker[] = [];

class FakeWorker {
  sent: unknown[] = [];
  ended = false;
  constructor() {
    workers.push(this);
  }
  addEventListener(): void {}
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  terminate(): void {
    this.ended = true;
  }
}

beforeEach(() => {
  workers = [];
  vi.useFakeTimers();
  vi.stubGlobal("Worker", FakeWorker);
  vi.stubGlobal("location", { origin: "https://peerscope.test" });
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the page takes the session that is being read already, once", () => {
  openEarly("a");
  expect(workers.map(({ sent }) => sent)).toEqual([
    [{ type: "open-session", sessionId: "a", origin: "https://peerscope.test" }],
  ]);
  takeSession({ from: "server", sessionId: "a" });
  expect(workers).toHaveLength(1);
  takeSession({ from: "server", sessionId: "a" });
  expect(workers).toHaveLength(2);
  vi.runAllTimers();
  expect(workers.map(({ ended }) => ended)).toEqual([false, false]);
});

test("a session that nobody comes for is closed, and so is the one before another", () => {
  openEarly("a");
  openEarly("b");
  expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
  takeSession({ from: "server", sessionId: "a" });
  expect(workers).toHaveLength(3);
  vi.runAllTimers();
  expect(workers.map(({ ended }) => ended)).toEqual([true, true, false]);
});
