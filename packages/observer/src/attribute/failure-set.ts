/** A bad cell of the matrix: what `sender` sent did not arrive well at `receiver`. */
export interface Cell {
  readonly sender: number;
  readonly receiver: number;
}

/** An end of a leg: the way from a sender, or the way to a receiver. */
export interface Link {
  readonly side: "uplink" | "downlink";
  readonly person: number;
}

export interface FailureSet {
  /** The fewest links that explain the bad cells which links can explain. */
  readonly links: readonly Link[];
  /** Another set of the same size does too: none of them may be named. */
  readonly ambiguous: boolean;
  /** Cells whose two ends both work for somebody else: nothing but the pair itself explains them. */
  readonly pairs: readonly Cell[];
  /** All links that may be at fault, most voted for first (007, NSDI'18); to order alternatives only. */
  readonly candidates: readonly Link[];
}

/**
 * Smallest consistent failure set (Boolean tomography, Duffield 2006): a link with one good cell works. What is left is a bipartite
 * graph of senders and receivers, and its smallest vertex cover is the answer.
 */
export function smallestFailureSet(bad: readonly Cell[], good: readonly Cell[]): FailureSet {
  const goodSenders = new Set(good.map(({ sender }) => sender));
  const goodReceivers = new Set(good.map(({ receiver }) => receiver));
  const links: Link[] = [];
  const pairs: Cell[] = [];
  const votes = new Map<string, { link: Link; votes: number }>();
  const certainSenders = new Set<number>();
  const certainReceivers = new Set<number>();
  for (const { sender, receiver } of bad) {
    const possible: Link[] = [];
    if (!goodSenders.has(sender)) possible.push({ side: "uplink", person: sender });
    if (!goodReceivers.has(receiver)) possible.push({ side: "downlink", person: receiver });
    if (possible.length === 0) pairs.push({ sender, receiver });
    for (const link of possible) {
      const key = `${link.side} ${link.person}`;
      const known = votes.get(key) ?? { link, votes: 0 };
      known.votes += 1 / possible.length;
      votes.set(key, known);
    }
    const [only, ...others] = possible;
    if (only !== undefined && others.length === 0) {
      (only.side === "uplink" ? certainSenders : certainReceivers).add(only.person);
    }
  }
  for (const person of certainSenders) links.push({ side: "uplink", person });
  for (const person of certainReceivers) links.push({ side: "downlink", person });
  const open = bad.filter(
    ({ sender, receiver }) =>
      !goodSenders.has(sender) &&
      !goodReceivers.has(receiver) &&
      !certainSenders.has(sender) &&
      !certainReceivers.has(receiver),
  );
  const cover = smallestCover(open);
  const candidates = [...votes.values()]
    .sort((a, b) => b.votes - a.votes || compareLinks(a.link, b.link))
    .map(({ link }) => link);
  return {
    links: [...links, ...cover].sort(compareLinks),
    ambiguous: cover.some((link) => hasOtherCover(open, link, cover.length)),
    pairs,
    candidates,
  };
}

function compareLinks(a: Link, b: Link): number {
  if (a.side !== b.side) return a.side === "uplink" ? -1 : 1;
  return a.person - b.person;
}

/** Is there a cover of the same size without this link? Then all its cells need their other ends. */
function hasOtherCover(cells: readonly Cell[], without: Link, size: number): boolean {
  const forced = new Set<number>();
  for (const { sender, receiver } of cells) {
    if (without.side === "uplink" && sender === without.person) forced.add(receiver);
    if (without.side === "downlink" && receiver === without.person) forced.add(sender);
  }
  if (forced.size > size) return false;
  const rest = cells.filter(({ sender, receiver }) =>
    without.side === "uplink" ? !forced.has(receiver) : !forced.has(sender),
  );
  return forced.size + smallestCover(rest).length <= size;
}

/** Smallest vertex cover of a bipartite graph: König's theorem over a largest matching. */
function smallestCover(cells: readonly Cell[]): Link[] {
  const receiversOf = new Map<number, number[]>();
  for (const { sender, receiver } of cells) {
    const known = receiversOf.get(sender);
    if (known === undefined) receiversOf.set(sender, [receiver]);
    else known.push(receiver);
  }
  const matched = new Map<number, number>();
  const takes = (sender: number, tried: Set<number>): boolean => {
    for (const receiver of receiversOf.get(sender) ?? []) {
      if (tried.has(receiver)) continue;
      tried.add(receiver);
      const holder = matched.get(receiver);
      if (holder === undefined || takes(holder, tried)) {
        matched.set(receiver, sender);
        return true;
      }
    }
    return false;
  };
  const unmatched = [...receiversOf.keys()].filter((sender) => !takes(sender, new Set()));
  const reachedSenders = new Set(unmatched);
  const reachedReceivers = new Set<number>();
  const queue = [...unmatched];
  for (let sender = queue.pop(); sender !== undefined; sender = queue.pop()) {
    for (const receiver of receiversOf.get(sender) ?? []) {
      if (reachedReceivers.has(receiver)) continue;
      reachedReceivers.add(receiver);
      const holder = matched.get(receiver);
      if (holder === undefined || reachedSenders.has(holder)) continue;
      reachedSenders.add(holder);
      queue.push(holder);
    }
  }
  const cover: Link[] = [];
  for (const sender of receiversOf.keys()) {
    if (!reachedSenders.has(sender)) cover.push({ side: "uplink", person: sender });
  }
  for (const receiver of reachedReceivers) cover.push({ side: "downlink", person: receiver });
  return cover;
}
