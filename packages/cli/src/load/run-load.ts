import { randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createLoadClient, type LoadClient, type PlayedSession } from "./load-client.ts";
import { createLoadTally, type LoadTally } from "./load-tally.ts";
import type { PreparedSession } from "./prepared-session.ts";

export interface LoadOptions {
  /** ws:// or wss:// address of /ingest. */
  readonly url: string;
  readonly token: string;
  readonly clients: number;
  readonly intervalMs: number;
  readonly durationMs: number;
  /** Clients come within this time, one after the other. */
  readonly rampMs: number;
  /** Acknowledgements are timed from here on, until the clients are told to end, which all do at once. */
  readonly warmUpMs: number;
  /** Of all clients, how many end and are followed by another, each minute; 0..1 and more. */
  readonly churnPerMinute: number;
  /** Of all clients, how many lose their connection each minute and come back. */
  readonly dropsPerMinute: number;
  readonly sessions: readonly PreparedSession[];
  /** Resolves when the run is to end early. */
  readonly stop?: Promise<void>;
  /** Called about once a second. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface LoadProgress {
  readonly elapsedMs: number;
  readonly clients: number;
  readonly tally: LoadTally;
}

export interface LoadResult {
  /** Tag `load` of all its sessions. */
  readonly run: string;
  readonly tally: LoadTally;
  readonly sessions: readonly PlayedSession[];
  readonly elapsedMs: number;
  /** Of this process. */
  readonly cpuSeconds: number;
  /** How late this process was after its warm-up, ms: latencies are not better known than this. */
  readonly ownDelayP99Ms: number;
}

/** People in one call. */
const peoplePerCall = 2;
/** Frames of a session that is not ended before, at least. */
export const fewestFrames = 600;
/** Clients are told to send in groups, so many ms apart. */
const tickMs = 10;
/** What was made gets so long to be acknowledged at the end, in ms. */
const drainMs = 30_000;

/** Plays sessions against a server, each client on a connection of its own, at an even pace. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { intervalMs, clients: count } = options;
  const run = randomBytes(4).toString("hex");
  const sessions: PlayedSession[] = [];
  const leaving = new Set<LoadClient>();
  const groups = Math.max(1, Math.round(intervalMs / tickMs));
  /** Clients by the tick of the interval in which they send. */
  const byGroup: LoadClient[][] = Array.from({ length: groups }, () => []);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const tally = createLoadTally(startedAt + options.warmUpMs);
  let isWarm = false;
  const elapsed = (): number => performance.now() - startedAt;
  let created = 0;

  function create(): LoadClient {
    const number = created;
    created += 1;
    const call = Math.floor(number / peoplePerCall);
    const prepared = options.sessions[number % options.sessions.length];
    if (prepared === undefined) throw new Error("a load needs sessions to play");
    const name = String(number).padStart(6, "0");
    const session: PlayedSession = {
      sessionId: `load-${run}-${name}`,
      player: {
        userId: `user-${name}`,
        callId: `call-${run}-${String(call).padStart(6, "0")}`,
        run,
        startAt: Date.now(),
      },
      prepared,
      frames: framesUntilEnd(prepared.frames, number),
      made: 0,
      acknowledged: -1,
      isEnded: false,
      isRefused: false,
    };
    sessions.push(session);
    const client = createLoadClient({
      url: options.url,
      token: options.token,
      session,
      tally,
      now: () => performance.now(),
    });
    client.connect();
    return client;
  }

  function replace(group: LoadClient[], index: number): void {
    const client = group[index];
    if (client === undefined) return;
    client.end();
    leaving.add(client);
    group[index] = create();
  }

  function step(group: LoadClient[], seconds: number): void {
    for (const [index, client] of group.entries()) {
      if (client.session.isEnded || client.session.isRefused) replace(group, index);
      else if (Math.random() < (options.churnPerMinute / 60) * seconds) replace(group, index);
      else if (Math.random() < (options.dropsPerMinute / 60) * seconds) client.drop();
      group[index]?.step();
    }
    for (const client of leaving) if (client.isDone) leaving.delete(client);
  }

  const stopping = { asked: false };
  void options.stop?.then(() => {
    stopping.asked = true;
  });
  let ticks = 0;
  let progressAt = 0;
  while (!stopping.asked && elapsed() < options.durationMs) {
    const wanted = Math.min(
      count,
      Math.ceil((count * Math.min(elapsed(), options.rampMs)) / Math.max(1, options.rampMs)),
    );
    for (let current = sumOf(byGroup); current < wanted; current += 1) {
      // Spread over the interval whatever the order in which they came.
      byGroup[Math.floor((current * 0.618_034 * groups) % groups)]?.push(create());
    }
    // A process that is late makes up for it, so that the rate is what was asked for.
    for (const due = Math.floor(elapsed() / tickMs); ticks <= due; ticks += 1)
      step(byGroup[ticks % groups] ?? [], intervalMs / 1_000);
    if (!isWarm && elapsed() >= options.warmUpMs) {
      isWarm = true;
      delay.reset();
    }
    if (elapsed() >= progressAt) {
      progressAt += 1_000;
      options.onProgress?.({ elapsedMs: elapsed(), clients: sumOf(byGroup), tally });
    }
    await pause(Math.max(1, ticks * tickMs - elapsed()));
  }
  const elapsedMs = elapsed();
  tally.timedUntil = performance.now();
  const { user, system } = process.cpuUsage(cpuBefore);
  delay.disable();
  for (const client of byGroup.flat()) {
    client.end();
    leaving.add(client);
  }
  const deadline = performance.now() + drainMs;
  while (performance.now() < deadline && [...leaving].some((client) => !client.isDone)) await pause(50);
  // A goodbye that was just written gets the time to leave.
  await pause(200);
  for (const client of leaving) client.close();
  return {
    run,
    tally,
    sessions,
    elapsedMs,
    cpuSeconds: (user + system) / 1e6,
    ownDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - tickMs),
  };
}

/** Some end earlier than others: those that came together do not go together. Multiples of the golden ratio spread evenly. */
function framesUntilEnd(most: number, number: number): number {
  if (most <= fewestFrames) return most;
  return Math.ceil(fewestFrames + (most - fewestFrames) * ((number * 0.618_034) % 1));
}

function sumOf(groups: readonly (readonly LoadClient[])[]): number {
  return groups.reduce((sum, group) => sum + group.length, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
