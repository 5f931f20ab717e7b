/**
 * A session that was read is left alone for so long while somebody looks: at least, with each session that is
 * followed besides, and at most, in milliseconds. One that is read seldom and for several seconds at once costs half, as its state
 * has left the processor's cache meanwhile. Ours, measured: npm run bench -- server.
 */
const shortestPauseMs = 250;
const pauseOfEachMs = 10;
const longestPauseMs = 15_000;
/** The same while nobody looks. Ours: docs/decisions/0011-read-when-somebody-looks.md. */
const unattendedPauseMs = 120_000;
/** Each session has a pause of its own, up to so much of it shorter or longer: those that came together are not read together for ever. */
const spread = 0.25;

/** How long a session is left alone that was just read, in milliseconds. */
export function pauseAfterRead(of: {
  /** Somebody looks. */
  readonly isAttended: boolean;
  /** Sessions that are followed. */
  readonly sessions: number;
  /** Number of the session. */
  readonly handle: number;
}): number {
  if (of.isAttended) return Math.min(longestPauseMs, shortestPauseMs + of.sessions * pauseOfEachMs);
  // Multiples of the golden ratio spread evenly, however many there are.
  const fraction = (of.handle * 0.618_034) % 1;
  return unattendedPauseMs * (1 - spread + 2 * spread * fraction);
}
