import { parseArgs } from "node:util";
import { sessionSummarySchema } from "@peerscope/schema/api";
import { recordedTemplates, syntheticTemplates } from "@peerscope/scenarios";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { connectServer, defaultServerUrl, request, serverUrl } from "../input/server-connection.ts";
import { latencyStretchMs, type LatencyHistogram } from "../load/load-tally.ts";
import { prepareSession } from "../load/prepared-session.ts";
import { fewestFrames, runLoad, type LoadResult } from "../load/run-load.ts";
import { verifyLoad, type VerifyResult, type VerifySource } from "../load/verify-load.ts";
import type { Terminal } from "../terminal.ts";

/** Samples of a session at most; a client that played all of its own begins another one. */
const mostSamples = 900;
/** Rows of the last records get so long to arrive, in ms. */
const rowsWithinMs = 60_000;

/** `peerscope generate`: load from thousands of clients in one process. */
export const generateCommand: Command = {
  usage: "generate [--clients N] [--rate HZ] [--seconds S] [--url <server>] [--verify]",
  summary: "Plays recorded and synthetic sessions against a server, as load.",
  help: [
    "  --clients N        clients at the same time (10)",
    "  --rate HZ          samples a second of each (1)",
    "  --seconds S        how long (60)",
    "  --ramp S           the clients come within this time (5)",
    "  --warm-up S        acknowledgements of so many seconds at the beginning are not timed (0)",
    "  --churn SHARE      of all clients, how many end and are followed by others each minute (0)",
    "  --drops SHARE      of all clients, how many lose their connection each minute and come back (0)",
    "  --sessions KIND    recorded (28 objects a sample), synthetic (17) or both (both)",
    `  --url <server>     default ${defaultServerUrl}`,
    "  --key <key>        ingest key of the project; asked of the server when left out",
    "  --verify           compares what was acknowledged with the logs and with the rows of the store",
    "  --json             the result as one JSON document",
    "",
    "Exit code 1 when something acknowledged was lost, or nothing was acknowledged.",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        clients: { type: "string", default: "10" },
        rate: { type: "string", default: "1" },
        seconds: { type: "string", default: "60" },
        ramp: { type: "string", default: "5" },
        "warm-up": { type: "string", default: "0" },
        churn: { type: "string", default: "0" },
        drops: { type: "string", default: "0" },
        sessions: { type: "string", default: "both" },
        url: { type: "string", default: defaultServerUrl },
        key: { type: "string" },
        verify: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const clients = numberOf("clients", values.clients, 1, 100_000);
    const rate = numberOf("rate", values.rate, 0.01, 20);
    const seconds = numberOf("seconds", values.seconds, 1, 7 * 86_400);
    const { token } = await connectServer(values.url, values.key, terminal.env);
    const intervalMs = Math.round(1_000 / rate);
    const samplesOfRun = Math.ceil(seconds * rate);
    // All of them as soon as one could end: a run that is over before the last ends would have all ends in less time.
    const options = { samples: samplesOfRun < fewestFrames ? samplesOfRun : mostSamples, intervalMs };
    const templates = [
      ...(values.sessions === "synthetic" ? [] : recordedTemplates(options)),
      ...(values.sessions === "recorded" ? [] : syntheticTemplates(options)),
    ];
    if (!["recorded", "synthetic", "both"].includes(values.sessions))
      throw new CliError("usage-invalid", `--sessions ${values.sessions}`);
    const ingest = new URL("/ingest", serverUrl(values.url));
    ingest.protocol = ingest.protocol === "https:" ? "wss:" : "ws:";
    const result = await runLoad({
      url: ingest.href,
      token,
      clients: Math.round(clients),
      intervalMs,
      durationMs: seconds * 1_000,
      rampMs: numberOf("ramp", values.ramp, 0, 86_400) * 1_000,
      warmUpMs: numberOf("warm-up", values["warm-up"], 0, seconds) * 1_000,
      churnPerMinute: numberOf("churn", values.churn, 0, 600),
      dropsPerMinute: numberOf("drops", values.drops, 0, 600),
      sessions: templates.map(prepareSession),
      stop: nextSignal(),
      onProgress: createProgress(terminal),
    });
    const verified = values.verify
      ? await verifyLoad(result.sessions, sourceOf(serverUrl(values.url), terminal.env))
      : null;
    if (values.json) terminal.out(JSON.stringify(toDocument(result, verified), null, 2));
    else for (const line of toText(result, verified)) terminal.out(line);
    return isGood(result, verified) ? 0 : 1;
  },
};

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max))
    throw new CliError("usage-invalid", `--${name} ${text}: must be ${min} to ${max}`);
  return value;
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

/** A line each ten seconds: a run may take hours. */
function createProgress(terminal: Terminal): NonNullable<Parameters<typeof runLoad>[0]["onProgress"]> {
  const everyMs = 10_000;
  let nextAt = everyMs;
  return ({ elapsedMs, clients, tally }) => {
    if (elapsedMs < nextAt) return;
    nextAt += everyMs;
    terminal.err(
      `${Math.round(elapsedMs / 1_000)} s: ${clients} clients, ${tally.framesAcknowledged} of ${tally.framesMade} frames acknowledged, ` +
        `p99 ${String(tally.latency.quantile(0.99))} ms, ${tally.reconnects} reconnects`,
    );
  };
}

function sourceOf(url: URL, env: Terminal["env"]): VerifySource {
  const deadline = Date.now() + rowsWithinMs;
  return {
    async log(sessionId) {
      const response = await request(new URL(`/api/sessions/${sessionId}/log?from=0`, url), env);
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      await response.body?.cancel();
      return null;
    },
    async lastAt(sessionId) {
      for (;;) {
        const response = await request(new URL(`/api/sessions/${sessionId}`, url), env);
        const summary = sessionSummarySchema.safeParse(await response.json().catch(() => null));
        // While it is live, and until its rows are written, the list has it from memory.
        const isStored = summary.success && !summary.data.live && summary.data.ended;
        if (isStored || Date.now() > deadline) return summary.success ? summary.data.lastAt : null;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
  };
}

function isGood({ tally }: LoadResult, verified: VerifyResult | null): boolean {
  if (tally.framesAcknowledged === 0 || tally.framesForgotten > 0) return false;
  return (
    verified === null ||
    (verified.framesMissing === 0 &&
      verified.framesDifferent === 0 &&
      verified.logsDamaged === 0 &&
      verified.sessionsWithoutRows === 0)
  );
}

function toDocument(result: LoadResult, verified: VerifyResult | null): object {
  const { tally, run, sessions, elapsedMs, cpuSeconds, ownDelayP99Ms } = result;
  const { latency, latencyStretches, refusals, timedFrom, timedUntil: _until, ...counts } = tally;
  const timedFromAt = performance.timeOrigin + timedFrom;
  return {
    run,
    elapsedMs: Math.round(elapsedMs),
    sessions: sessions.length,
    ...counts,
    refusals: Object.fromEntries(refusals),
    acknowledgementMs: {
      ...toQuantiles(latency),
      everyTenSeconds: latencyStretches.map((stretch, index) => ({
        at: Math.round(timedFromAt + index * latencyStretchMs),
        ...toQuantiles(stretch),
      })),
    },
    generator: { cpuSeconds, ownDelayP99Ms: Math.round(ownDelayP99Ms) },
    verified,
  };
}

function toQuantiles(latency: LatencyHistogram): object {
  return {
    p50: latency.quantile(0.5),
    p95: latency.quantile(0.95),
    p99: latency.quantile(0.99),
    max: Math.ceil(latency.maxMs),
    count: latency.count,
  };
}

function toText(result: LoadResult, verified: VerifyResult | null): string[] {
  const { tally, run, sessions, elapsedMs, cpuSeconds, ownDelayP99Ms } = result;
  const { latency } = tally;
  const quantiles = [0.5, 0.95, 0.99].map((share) => String(latency.quantile(share)));
  const seconds = elapsedMs / 1_000;
  const refusals = [...tally.refusals].map(([code, count]) => `${code} ${count}`).join(", ");
  return [
    `run ${run}: ${sessions.length} sessions, ${seconds.toFixed(1)} s`,
    `frames: ${tally.framesMade} made, ${tally.framesAcknowledged} acknowledged (${(tally.framesAcknowledged / seconds).toFixed(0)} a second), ` +
      `${tally.framesForgotten} forgotten by the server`,
    `acknowledgement: p50 ${quantiles[0]} ms, p95 ${quantiles[1]} ms, p99 ${quantiles[2]} ms, longest ${Math.ceil(latency.maxMs)} ms`,
    `connections: ${tally.connections}, ${tally.reconnects} reconnects; refusals: ${refusals === "" ? "none" : refusals}`,
    `this process: ${cpuSeconds.toFixed(1)} CPU seconds, late by ${Math.round(ownDelayP99Ms)} ms (p99)`,
    ...(verified === null
      ? []
      : [
          `verified: ${verified.sessions} sessions, ${verified.framesFound} frames in the logs; ${verified.framesMissing} acknowledged frames missing, ` +
            `${verified.framesDifferent} different, ${verified.logsDamaged} logs damaged, ${verified.sessionsWithoutRows} sessions not in the rows`,
          ...verified.problems.map((problem) => `  ${problem}`),
        ]),
  ];
}
