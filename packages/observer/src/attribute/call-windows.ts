import type { SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { type Leg, windowMs } from "./joins.ts";
import { type Pattern, patternLimits, readPatterns } from "./multi-party.ts";

/** Fewest packets that make a loss ratio. Catalogue section 5, step 2. */
const fewestPackets = 50;

/** How many of something there were, and how many of them were bad. */
interface Share {
  readonly all: number;
  readonly bad: number;
}

/** Ten seconds of a call. Lists are by person. */
export interface CallWindow {
  readonly from: number;
  readonly to: number;
  /** Loss that the far end of each person's way out reported; null without enough packets. */
  readonly uplinks: readonly (number | null)[];
  /** Receivers that this person's media is known to reach; a bad one lost 5 % or more of it, and not most of what others send. */
  readonly heardBy: readonly Share[];
  /** Streams that this person received, and how many people they came from at least. */
  readonly received: readonly (Share & { readonly senders: number })[];
  readonly patterns: readonly Pattern[];
}

/** Lays the windows of all sessions beside each other. */
export function callWindows(sessions: readonly SessionAnalysis[], legs: readonly Leg[]): CallWindow[] {
  const starts = new Set<number>();
  for (const { callShare } of sessions) {
    for (const { from, packets } of callShare?.streams ?? []) {
      for (const [place, count] of packets.entries()) if (count !== null) starts.add(from + place * windowMs);
    }
  }
  const senderOf = new Map(legs.map(({ received, sender }) => [received, sender]));
  return [...starts].sort((a, b) => a - b).map((from) => windowAt(from, sessions, legs, senderOf));
}

function windowAt(
  from: number,
  sessions: readonly SessionAnalysis[],
  legs: readonly Leg[],
  senderOf: ReadonlyMap<StreamWindows, number>,
): CallWindow {
  const uplinks = sessions.map(({ callShare }) => uplinkLoss(callShare?.streams ?? [], from));
  const loss = lossMatrix(from, sessions.length, legs);
  const heardBy = sessions.map((_, person) => heardShare(loss, person));
  const isBad = loss.some((row) =>
    row.some((ratio) => ratio !== null && ratio >= patternLimits.badLossRatio),
  );
  return {
    from,
    to: from + windowMs,
    uplinks,
    heardBy,
    received: sessions.map(({ callShare }) => receivedAt(callShare?.streams ?? [], from, senderOf)),
    patterns: isBad ? readPatterns(loss, uplinks) : [],
  };
}

/** Receivers of one person's media; who loses most of what others send too does not count as bad, and neither as good. */
function heardShare(loss: readonly (readonly (number | null)[])[], person: number): Share {
  let all = 0;
  let bad = 0;
  for (const [receiver, ratio] of (loss[person] ?? []).entries()) {
    if (ratio === null) continue;
    const isBad = ratio >= patternLimits.badLossRatio;
    if (isBad && losesOthersToo(loss, person, receiver)) continue;
    all += 1;
    if (isBad) bad += 1;
  }
  return { all, bad };
}

function losesOthersToo(
  loss: readonly (readonly (number | null)[])[],
  person: number,
  receiver: number,
): boolean {
  let all = 0;
  let bad = 0;
  for (const [sender, row] of loss.entries()) {
    const ratio = row[receiver] ?? null;
    if (sender === person || ratio === null) continue;
    all += 1;
    if (ratio >= patternLimits.badLossRatio) bad += 1;
  }
  return bad > 0 && bad * 2 >= all;
}

/** Loss from each sender to each receiver over all streams between the two. */
function lossMatrix(from: number, people: number, legs: readonly Leg[]): (number | null)[][] {
  const sums = new Map<number, { lost: number; all: number }>();
  for (const { sender, receiver, received } of legs) {
    const lost = at(received, received.lost, from);
    const packets = at(received, received.packets, from);
    if (lost === null || packets === null) continue;
    const key = sender * people + receiver;
    const sum = sums.get(key) ?? { lost: 0, all: 0 };
    sum.lost += lost;
    sum.all += lost + packets;
    sums.set(key, sum);
  }
  const matrix: (number | null)[][] = Array.from({ length: people }, () => []);
  for (const [key, { lost, all }] of sums) {
    if (all < fewestPackets) continue;
    const row = matrix[Math.floor(key / people)];
    if (row === undefined) continue;
    if (row.length === 0) for (let person = 0; person < people; person += 1) row.push(null);
    row[key % people] = lost / all;
  }
  return matrix;
}

function uplinkLoss(streams: readonly StreamWindows[], from: number): number | null {
  let lost = 0;
  let reported = 0;
  for (const stream of streams) {
    if (stream.direction !== "outbound") continue;
    const of = at(stream, stream.reported, from);
    if (of === null) continue;
    reported += of;
    lost += at(stream, stream.lost, from) ?? 0;
  }
  return reported < fewestPackets ? null : Math.min(1, lost / reported);
}

function receivedAt(
  streams: readonly StreamWindows[],
  from: number,
  senderOf: ReadonlyMap<StreamWindows, number>,
): CallWindow["received"][number] {
  const known = new Set<number>();
  const unknown = { audio: 0, video: 0 };
  let all = 0;
  let bad = 0;
  for (const stream of streams) {
    if (stream.direction !== "inbound") continue;
    const lost = at(stream, stream.lost, from);
    const packets = at(stream, stream.packets, from);
    if (lost === null || packets === null || lost + packets < fewestPackets) continue;
    all += 1;
    if (lost / (lost + packets) >= patternLimits.badLossRatio) bad += 1;
    const sender = senderOf.get(stream);
    if (sender === undefined) unknown[stream.kind] += 1;
    else known.add(sender);
  }
  // Nobody sends two microphones: as many people as streams of one kind.
  return { all, bad, senders: Math.max(known.size, unknown.audio, unknown.video) };
}

/** The value of a column in the window that starts then; null outside of it. */
export function at(stream: StreamWindows, column: readonly (number | null)[], from: number): number | null {
  return column[(from - stream.from) / windowMs] ?? null;
}
