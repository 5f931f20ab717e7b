import { type Cell, type Link, smallestFailureSet } from "./failure-set.ts";
import { type Matrix, lossTerm, medianPolish } from "./median-polish.ts";

/** What the losses between all people of one window look like (catalogue section 5, step 3). People are rows of the matrix. */
export type Pattern =
  /** One sender's media is bad for nearly everybody, and hardly any other media is. */
  | {
      readonly kind: "sender";
      readonly person: number;
      readonly badShare: number;
      /** The way to the server was measured bad itself. */
      readonly measured: boolean;
      /** Nobody else sent: the sender's side and the server look the same. */
      readonly alone: boolean;
    }
  /** One receiver gets nearly everybody's media badly, and hardly anybody else does. */
  | { readonly kind: "receiver"; readonly person: number; readonly badShare: number }
  /** Most of all cells, across senders and receivers: what they have in common. */
  | { readonly kind: "most"; readonly badShare: number; readonly receivers: readonly number[] }
  /** Both ends work for others: subscription or layer selection between the two. */
  | { readonly kind: "pair"; readonly sender: number; readonly receiver: number; readonly residual: number }
  /** The fewest links that explain the rest; when ambiguous, `links` are the candidates in the order of votes. */
  | { readonly kind: "links"; readonly links: readonly Link[]; readonly ambiguous: boolean };

export interface PatternLimits {
  readonly badLossRatio: number;
  readonly rowBadShare: number;
  readonly othersBadShare: number;
  readonly rowCells: number;
  readonly mostBadShare: number;
  /** The direct measurement explains a cell when it is at least this share of its loss. */
  readonly explainedShare: number;
}

/** Catalogue section 5. `explainedShare` is that of remote-uplink-problem (2.8). */
export const patternLimits: PatternLimits = {
  badLossRatio: 0.05,
  rowBadShare: 0.8,
  othersBadShare: 0.2,
  rowCells: 3,
  mostBadShare: 0.6,
  explainedShare: 0.5,
};

/**
 * Reads a matrix of loss ratios, `loss[sender][receiver]`. `uplinks[sender]` is the loss that the server itself reported to that
 * sender, where there is a server. The order of people does not matter.
 */
export function readPatterns(
  loss: Matrix,
  uplinks: readonly (number | null)[] = [],
  limits: PatternLimits = patternLimits,
): Pattern[] {
  const patterns: Pattern[] = [];
  let bad: Cell[] = [];
  const good: Cell[] = [];
  for (const [sender, row] of loss.entries()) {
    for (const [receiver, ratio] of row.entries()) {
      if (ratio === null) continue;
      (ratio >= limits.badLossRatio ? bad : good).push({ sender, receiver });
    }
  }
  if (bad.length === 0) return patterns;
  const all = [...bad, ...good];

  // Step 1: what the direct measurement of a sender's way explains needs no model.
  for (const sender of new Set(bad.map((cell) => cell.sender))) {
    const uplink = uplinks[sender] ?? null;
    if (uplink === null || uplink < limits.badLossRatio) continue;
    const explained = bad.filter(
      (cell) =>
        cell.sender === sender && uplink >= limits.explainedShare * (loss[sender]?.[cell.receiver] ?? 1),
    );
    if (explained.length === 0) continue;
    const badShare = explained.length / all.filter((cell) => cell.sender === sender).length;
    patterns.push({ kind: "sender", person: sender, badShare, measured: true, alone: false });
    bad = bad.filter((cell) => !explained.includes(cell));
  }

  // Rows and columns that stand out among the others.
  for (const side of ["sender", "receiver"] as const) {
    const left = bad;
    for (const person of [...new Set(left.map((cell) => cell[side]))].sort((a, b) => a - b)) {
      const own = all.filter((cell) => cell[side] === person);
      const others = all.filter((cell) => cell[side] !== person);
      const badOwn = left.filter((cell) => cell[side] === person);
      const badOthers = left.length - badOwn.length;
      const badShare = badOwn.length / own.length;
      const alone = others.length === 0;
      if (own.length < limits.rowCells || badShare < limits.rowBadShare) continue;
      if (!alone && badOthers / others.length > limits.othersBadShare) continue;
      if (side === "sender") patterns.push({ kind: side, person, badShare, measured: false, alone });
      // A single receiver of many is no pattern: nobody else shows that the senders are fine.
      else if (alone) continue;
      else patterns.push({ kind: side, person, badShare });
      bad = bad.filter((cell) => cell[side] !== person);
    }
  }
  if (bad.length === 0) return patterns;

  const receivers = [...new Set(bad.map(({ receiver }) => receiver))].sort((a, b) => a - b);
  const senders = new Set(bad.map(({ sender }) => sender));
  const badShare = bad.length / all.length;
  if (badShare >= limits.mostBadShare && receivers.length >= limits.rowCells && senders.size >= 2) {
    patterns.push({ kind: "most", badShare, receivers });
    return patterns;
  }

  const { links, ambiguous, pairs, candidates } = smallestFailureSet(bad, good);
  const { residuals } = medianPolish(
    loss.map((row) => row.map((ratio) => (ratio === null ? null : lossTerm(ratio)))),
  );
  for (const { sender, receiver } of pairs) {
    patterns.push({ kind: "pair", sender, receiver, residual: residuals[sender]?.[receiver] ?? 0 });
  }
  if (links.length > 0) patterns.push({ kind: "links", links: ambiguous ? candidates : links, ambiguous });
  return patterns;
}
