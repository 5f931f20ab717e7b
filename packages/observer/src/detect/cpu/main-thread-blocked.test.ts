import { expect, test } from "vitest";
import { buildCall, type CallBuilder, ids, summary } from "../../testing/call-builder.ts";

interface Report {
  readonly periodMs?: number;
  readonly tasks?: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly timerLateMs?: number;
}

/** A report each five seconds, as the recorder makes them. */
function blocked(call: CallBuilder, times: number, report: Report): CallBuilder {
  for (let count = 0; count < times; count += 1) {
    call.run(5).event("main-thread-blocked", { periodMs: 5000, tasks: 4, timerLateMs: 0, ...report });
  }
  return call;
}

const start = (): CallBuilder =>
  buildCall().event("connection-state-changed", { state: "connected" }, true).run(20);

test.each<[string, Report, string[]]>([
  ["15 % in long tasks", { totalMs: 750, longestMs: 400 }, []],
  ["30 % in long tasks", { totalMs: 1500, longestMs: 400 }, ["main-thread-blocked minor 20..40"]],
  ["70 % in long tasks", { totalMs: 3500, longestMs: 900 }, ["main-thread-blocked major 20..40"]],
  ["30 %, none longer than 200 ms", { totalMs: 1500, longestMs: 190 }, []],
  [
    "no long tasks told, a timer 2 s late each time",
    { totalMs: 0, longestMs: 0, tasks: 0, timerLateMs: 2000 },
    ["main-thread-blocked minor 20..40"],
  ],
  ["a debugger held the page for a minute", { totalMs: 60_000, longestMs: 60_000, periodMs: 62_000 }, []],
])("%s", (_name, report, expected) => {
  expect(summary(blocked(start(), 4, report).run(40).analyse())).toEqual(expected);
});

test("one short report is below the share of ten seconds", () => {
  expect(ids(blocked(start(), 1, { totalMs: 1500, longestMs: 400 }).run(30).analyse())).toEqual([]);
});

test("the timers of a hidden page are held back", () => {
  const call = start().event("page-visibility-changed", { visible: false });
  expect(ids(blocked(call, 6, { totalMs: 3000, longestMs: 900 }).run(20).analyse())).toEqual([]);
});

test("tasks and timers agree: the application; tasks on a machine without time: nobody is named", () => {
  const report = { totalMs: 3500, longestMs: 900, timerLateMs: 800 };
  const { verdict } = blocked(start(), 4, report).run(5).analyse();
  expect(verdict).toMatchObject({ faultDomain: "application", statedCause: "main-thread-blocked" });
  expect(verdict.confidence).toBeCloseTo(0.76);
  const busy = start().event("compute-pressure-changed", { state: "critical" }).run(15);
  expect(blocked(busy, 6, report).run(5).analyse().verdict.faultDomain).toBe("unknown");
});

test("a starved machine blocks the page as well: its encoder is stated, not the application", () => {
  const call = start();
  const starved = { outVideo: { framesEncoded: 10, totalEncodeTime: 0.75 } };
  for (let count = 0; count < 6; count += 1) {
    call.run(5, starved).event("main-thread-blocked", {
      periodMs: 5000,
      tasks: 4,
      totalMs: 3500,
      longestMs: 900,
      timerLateMs: 800,
    });
  }
  const { verdict } = call.run(20).analyse();
  expect(verdict).toMatchObject({ faultDomain: "publisher-device", statedCause: "encoder-overloaded" });
});

test("statistics alone cannot say; with events of the page, silence is a quiet page", () => {
  const missing = (call: CallBuilder): string[] => call.analyse().verdict.missing.map(({ what }) => what);
  expect(missing(buildCall().run(20))).toContain("main-thread-blocked");
  expect(missing(start())).not.toContain("main-thread-blocked");
});
