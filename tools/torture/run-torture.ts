import { rmSync } from "node:fs";
import { recordedTemplates, syntheticTemplates } from "@peerscope/scenarios";
import type { LoadTally } from "../../packages/cli/src/load/load-tally.ts";
import { prepareSession } from "../../packages/cli/src/load/prepared-session.ts";
import { runLoad } from "../../packages/cli/src/load/run-load.ts";
import { join } from "node:path";
import { checkLogs, type LogFindings } from "./logs.ts";
import { seededRandom } from "./seeded-random.ts";
import { compareTables, readTables } from "./tables.ts";
import { startTortureServer, type Victim } from "./torture-server.ts";

export interface TortureOptions {
  readonly dataFolder: string;
  readonly kills: number;
  readonly clients: number;
  readonly seed: number;
  /** The store is ended again and again for so long before the kills begin, in seconds; 0: not at all. */
  readonly storeDownSeconds: number;
  readonly onProgress: (line: string) => void;
}

export interface TortureResult {
  readonly seed: number;
  readonly elapsedMs: number;
  readonly kills: Readonly<Record<Victim, number>>;
  /** Kills after which no frame was acknowledged within 15 s. Must be 0. */
  readonly silences: number;
  readonly logs: LogFindings;
  /** Acknowledged frames that the server said later it does not have. Must be 0. */
  readonly framesForgotten: number;
  readonly reconnects: number;
  /** While the store was down: acknowledged frames, and what health said. */
  readonly storeDown: { readonly framesAcknowledged: number; readonly problems: readonly string[] } | null;
  /** What power cuts took from logs and journals. */
  readonly power: { readonly files: number; readonly bytes: number };
  readonly slowestStartMs: number;
  readonly rows: number;
  /** Rows that differ from those that the logs give. Must be 0. */
  readonly rowsDifferent: number;
  readonly rowProblems: readonly string[];
  readonly exitCode: number | null;
}

/** Of a hundred kills. A worker that fails often is given longer and longer pauses, so it is its turn less often. */
const shares: readonly (readonly [Victim, number])[] = [
  ["server", 0.3],
  ["power", 0.3],
  ["start", 0.15],
  ["store", 0.15],
  ["worker", 0.1],
];
const heardWithinMs = 15_000;

/** Ends a server under load again and again, and compares at the end what it kept with what it promised. */
export async function runTorture(options: TortureOptions): Promise<TortureResult> {
  const began = performance.now();
  const random = seededRandom(options.seed);
  const { dataFolder } = options;
  const server = await startTortureServer({
    dataFolder,
    random,
    // Sessions end while their clients are away, and come back.
    env: { PEERSCOPE_SESSION_IDLE_MS: "3000" },
  });
  let endLoad = (): void => {};
  const progress: { tally: LoadTally | null } = { tally: null };
  const length = { samples: 60, intervalMs: 500 };
  const load = runLoad({
    url: `${server.url.replace("http", "ws")}/ingest`,
    token: server.ingestKey,
    clients: options.clients,
    intervalMs: length.intervalMs,
    durationMs: 24 * 3_600_000,
    rampMs: 2_000,
    warmUpMs: 0,
    churnPerMinute: 2,
    dropsPerMinute: 2,
    sessions: [...recordedTemplates(length), ...syntheticTemplates(length)].map(prepareSession),
    stop: new Promise((resolve) => {
      endLoad = resolve;
    }),
    onProgress({ tally }) {
      progress.tally = tally;
    },
  });
  const acknowledged = (): number => progress.tally?.framesAcknowledged ?? 0;
  const kills: Record<Victim, number> = { server: 0, start: 0, store: 0, worker: 0, power: 0 };
  let silences = 0;

  async function untilHeard(): Promise<void> {
    const wanted = acknowledged() + options.clients / 2;
    for (const until = Date.now() + heardWithinMs; Date.now() < until; await pause(20))
      if (acknowledged() >= wanted) return;
    silences += 1;
  }

  async function keepStoreDown(): Promise<TortureResult["storeDown"]> {
    if (options.storeDownSeconds === 0) return null;
    const before = acknowledged();
    const problems = new Set<string>();
    let looked = 0;
    for (const until = Date.now() + options.storeDownSeconds * 1_000; Date.now() < until; await pause(50)) {
      await server.end("store");
      looked += 1;
      if (looked % 40 !== 0) continue;
      const health = (await (await fetch(`${server.url}/healthz`)).json()) as { problems: string[] };
      for (const problem of health.problems) problems.add(problem);
    }
    return { framesAcknowledged: acknowledged() - before, problems: [...problems] };
  }

  await untilHeard();
  const storeDown = await keepStoreDown();
  if (storeDown !== null) options.onProgress(`store down: ${JSON.stringify(storeDown)}`);
  for (let number = 1; number <= options.kills; number += 1) {
    await pause(random() * 1_500);
    const victim = pick(random());
    await server.end(victim);
    kills[victim] += 1;
    await untilHeard();
    if (number % 10 === 0)
      options.onProgress(
        `${number} kills, ${acknowledged()} frames acknowledged, ${progress.tally?.framesForgotten ?? 0} forgotten`,
      );
  }
  endLoad();
  const result = await load;
  await server.stopWhenWritten();
  const found = await readTables(dataFolder);
  const logs = checkLogs(dataFolder, result.sessions);
  options.onProgress("rows from the logs alone");
  rmSync(join(dataFolder, "store"), { recursive: true });
  await server.start();
  const exitCode = await server.stopWhenWritten();
  const wanted = await readTables(dataFolder);
  const rowProblems = compareTables(found, wanted);
  return {
    seed: options.seed,
    elapsedMs: performance.now() - began,
    kills,
    silences,
    logs,
    framesForgotten: result.tally.framesForgotten,
    reconnects: result.tally.reconnects,
    storeDown,
    power: server.power,
    slowestStartMs: server.slowestStartMs,
    rows: Object.values(wanted).reduce((sum, rows) => sum + rows.length, 0),
    rowsDifferent: rowProblems.length,
    rowProblems: rowProblems.slice(0, 20),
    exitCode,
  };
}

/** Everything that was promised was kept. */
export function isHeld({
  logs,
  silences,
  framesForgotten,
  rows,
  rowsDifferent,
  exitCode,
}: TortureResult): boolean {
  const { framesMissing, framesDifferent, framesOutOfOrder, logsUnreadable, framesAcknowledged } = logs;
  const wrong =
    framesMissing +
    framesDifferent +
    framesOutOfOrder +
    logsUnreadable +
    silences +
    framesForgotten +
    rowsDifferent;
  return wrong === 0 && framesAcknowledged > 0 && rows > 0 && exitCode === 0;
}

function pick(at: number): Victim {
  let sum = 0;
  for (const [victim, share] of shares) {
    sum += share;
    if (at < sum) return victim;
  }
  return "server";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
