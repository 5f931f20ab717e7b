import type { CallAnalysis, CallLeg, CallPairs, ScoreClass } from "@peerscope/schema";

/** What one person received of another one, of one kind, in the chosen time. */
export interface Cell {
  /** Worst score, 0 to 100; null when nothing could be scored. */
  readonly worst: number | null;
  readonly class: ScoreClass;
}

/** Sound and picture on the way from one person to another; null where nothing was received. */
export interface PairCell {
  readonly audio: Cell | null;
  readonly video: Cell | null;
}

/** One person in the matrix. */
export interface Person {
  readonly sessionId: string;
  readonly name: string;
  /** What they sent and what they received went badly somewhere in the chosen time. */
  readonly isTroubled: boolean;
  /** Whose fault it was on the way from them, and on the way to them; null where nothing says so. */
  readonly asSender: CallLeg | null;
  readonly asReceiver: CallLeg | null;
}

/** Who received whom how well. */
export interface Matrix {
  /** Those with trouble first. */
  readonly people: readonly Person[];
  /** By sender and receiver: `cells.get("a b")` is what b received of a. The sender "?" is somebody who was not measured. */
  readonly cells: ReadonlyMap<string, PairCell>;
  /** Somebody received something whose sender is not known. */
  readonly hasUnknownSender: boolean;
}

/** Buckets of the time axis that are looked at: from the first to before the last; null is the whole call. */
export type Buckets = { readonly from: number; readonly to: number } | null;

/** Sender of what fits nobody who was measured. */
export const unknownSender = "?";

export const cellKey = (sender: string, receiver: string): string => `${sender} ${receiver}`;

/** Arranges the pairs of a call for a table. `names` has everybody who was measured, by session. */
export function matrixOf(
  analysis: Pick<CallAnalysis, "pairs" | "legs">,
  names: ReadonlyMap<string, string>,
  buckets: Buckets = null,
): Matrix {
  const cells = new Map<string, { audio: Cell | null; video: Cell | null }>();
  const troubled = new Set<string>();
  let hasUnknownSender = false;
  for (const { senderId, receiverId, kind, scores } of analysis.pairs.pairs) {
    const sender = senderId ?? unknownSender;
    const worst = worstOf(scores, buckets);
    const cell: Cell = { worst, class: classOf(worst) };
    const key = cellKey(sender, receiverId);
    const known = cells.get(key) ?? { audio: null, video: null };
    cells.set(key, { ...known, [kind]: cell });
    if (senderId === null) hasUnknownSender = true;
    if (cell.class !== "fair" && cell.class !== "poor") continue;
    troubled.add(receiverId);
    if (senderId !== null) troubled.add(senderId);
  }
  const legOf = (sessionId: string, direction: CallLeg["direction"]): CallLeg | null =>
    analysis.legs.find((leg) => leg.sessionId === sessionId && leg.direction === direction) ?? null;
  const people = [...names].map(([sessionId, name]): Person => ({
    sessionId,
    name,
    isTroubled: troubled.has(sessionId),
    asSender: legOf(sessionId, "outbound"),
    asReceiver: legOf(sessionId, "inbound"),
  }));
  return {
    people: people.toSorted(
      (a, b) =>
        Number(b.isTroubled) - Number(a.isTroubled) ||
        a.name.localeCompare(b.name, undefined, { numeric: true }),
    ),
    cells,
    hasUnknownSender,
  };
}

/** Worst score that a person received of anybody, bucket by bucket: how it was for them over time. */
export function receivedOverTime({ pairs }: CallPairs, receiverId: string): (number | null)[] {
  const own = pairs.filter((pair) => pair.receiverId === receiverId);
  const length = own.reduce((most, { scores }) => Math.max(most, scores.length), 0);
  return Array.from({ length }, (_, place) =>
    own.reduce<number | null>((worst, { scores }) => lower(worst, scores[place] ?? null), null),
  );
}

/** Band of a score (scoring reference): good from 80, fair from 60, poor below. */
export function classOf(score: number | null): ScoreClass {
  if (score === null) return "not-measured";
  return score >= 80 ? "good" : score >= 60 ? "fair" : "poor";
}

function worstOf(scores: readonly (number | null)[], buckets: Buckets): number | null {
  const looked = buckets === null ? scores : scores.slice(buckets.from, buckets.to);
  return looked.reduce(lower, null);
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
