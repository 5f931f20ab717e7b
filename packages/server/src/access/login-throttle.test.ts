import { describe, expect, test } from "vitest";
import { createLoginThrottle, type LoginThrottle } from "./login-throttle.ts";

describe("the back-off of logins", () => {
  const start = (): { readonly time: { now: number }; readonly throttle: LoginThrottle } => {
    const time = { now: 1_000_000 };
    const throttle = createLoginThrottle(() => time.now);
    return { time, throttle };
  };

  test("pauses after five failures of an account double up to a minute, from whatever address", () => {
    const { time, throttle } = start();
    const pauses: number[] = [];
    for (let tries = 0; tries < 13; tries += 1) {
      // A try after another, as soon as it is taken.
      const waitMs = throttle.attempt("anna", `10.0.${tries}.1`);
      expect(waitMs).toBe(0);
      const pauseMs = throttle.attempt("anna", `10.1.${tries}.1`);
      if (pauseMs === 0) continue;
      pauses.push(pauseMs);
      time.now += pauseMs;
    }
    expect(pauses.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
  });

  test("guesses at many accounts from one address are slowed down, for up to a quarter of an hour", () => {
    const { time, throttle } = start();
    let tried = 0;
    const until = time.now + 3_600_000;
    while (time.now < until) {
      const waitMs = throttle.attempt(`account-${tried}`, "10.0.0.1");
      if (waitMs === 0) tried += 1;
      else expect(waitMs).toBeLessThanOrEqual(15 * 60_000);
      time.now += Math.max(waitMs, 1);
    }
    expect(tried).toBeLessThan(40);
  });

  test("many at the same time are no way around it", () => {
    const { throttle } = start();
    const waits = Array.from({ length: 100 }, () => throttle.attempt("anna", "10.0.0.1"));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(5);
  });

  test("a success makes good for the account, and for nobody else's tries", () => {
    const { throttle } = start();
    for (let index = 0; index < 4; index += 1) throttle.attempt("anna", "10.0.0.1");
    throttle.attempt("anna", "10.0.0.1");
    throttle.succeeded("anna", "10.0.0.1");
    expect(throttle.attempt("anna", "10.0.0.1")).toBe(0);
    // An own account between guesses at others.
    let guesses = 0;
    for (let index = 0; index < 1_000; index += 1) {
      if (throttle.attempt(`victim-${index}`, "10.0.0.2") === 0) guesses += 1;
      if (throttle.attempt("mallory", "10.0.0.2") === 0) throttle.succeeded("mallory", "10.0.0.2");
    }
    expect(guesses).toBeLessThanOrEqual(20);
  });

  test("it forgets after an hour, and remembers a bounded number", () => {
    const { time, throttle } = start();
    for (let index = 0; index < 9; index += 1) throttle.attempt("anna", null);
    expect(throttle.attempt("anna", null)).toBeGreaterThan(0);
    time.now += 3_600_001;
    for (let index = 0; index < 5; index += 1) expect(throttle.attempt("anna", null)).toBe(0);
    expect(throttle.attempt("anna", null)).toBeGreaterThan(0);
    for (let index = 0; index < 10_000; index += 1) throttle.attempt(`other-${index}`, null);
    expect(throttle.attempt("anna", null)).toBe(0);
  });
});
