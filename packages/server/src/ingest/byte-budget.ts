/**
 * Bytes that a session may send: so many a second, and a reserve for what a client kept while it was away. Frames are taken in before
 * they are paid for; who owes is not read until it does not any more.
 */
export interface ByteBudget {
  /** Bytes that are left; below zero it owes. */
  left: number;
  /** When that was, by a clock that is never set. */
  at: number;
  /** Since when it has been at its limit; null while half of the reserve is there. */
  limitedSince: number | null;
}

/** Ours: twice the buffer of a client that was away for hours. */
const reserveBytes = 8 << 20;
/** At its limit for so long without a break it is not a backlog any more, in milliseconds. Ours. */
const limitedForMs = 10 * 60_000;

export function createByteBudget(at: number): ByteBudget {
  return { left: reserveBytes, at, limitedSince: null };
}

/** Takes a frame off. `wait`: read nothing more of the client; `over`: it has been at its limit for too long. */
export function spend(
  budget: ByteBudget,
  bytes: number,
  bytesPerSecond: number,
  at: number,
): "go-on" | "wait" | "over" {
  refill(budget, bytesPerSecond, at);
  budget.left -= bytes;
  if (budget.left >= 0) return "go-on";
  budget.limitedSince ??= at;
  return at - budget.limitedSince > limitedForMs ? "over" : "wait";
}

/** True when it does not owe any more. */
export function isPaid(budget: ByteBudget, bytesPerSecond: number, at: number): boolean {
  refill(budget, bytesPerSecond, at);
  return budget.left >= 0;
}

function refill(budget: ByteBudget, bytesPerSecond: number, at: number): void {
  budget.left = Math.min(reserveBytes, budget.left + ((at - budget.at) / 1_000) * bytesPerSecond);
  budget.at = at;
  if (budget.left > reserveBytes / 2) budget.limitedSince = null;
}
