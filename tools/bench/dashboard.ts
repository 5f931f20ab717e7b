/** `npm run bench -- dashboard`: what the pages take in Chromium with as much as they are built for. See docs/reference/benchmarks.md. */
import { measurePages } from "../../e2e/dashboard/measure-pages.ts";
import type { BenchmarkResult, Figure } from "./figures.ts";

export async function benchDashboard(): Promise<BenchmarkResult> {
  const found = await measurePages({ sessions: 1_000_000, hours: 8, people: 200 });
  const figure = (subject: string, measure: string, unit: string, value: number, atMost: number): Figure => ({
    subject,
    candidate: "Peerscope",
    measure,
    unit,
    value,
    atMost,
  });
  const session = "session of 8 hours";
  return {
    benchmark: "dashboard",
    at: new Date().toISOString(),
    node: process.version,
    browser: found.browser,
    figures: [
      figure("list of 1,000,000 sessions", "shown, nothing cached", "ms", found.firstViewMs, 1_500),
      figure(session, "shown, nothing cached", "ms", found.sessionFirstPictureMs, 1_500),
      figure("call of 200 people", "shown, nothing cached", "ms", found.callMs, 2_000),
      figure(session, "a frame while charts move, p95", "ms", found.chartFrameMs, 50),
      figure(session, "memory of the page", "MB", found.sessionMegabytes, 400),
      figure("first view", "JavaScript, gzip", "kB", found.firstViewScriptBytes / 1_000, 200),
    ],
  };
}
