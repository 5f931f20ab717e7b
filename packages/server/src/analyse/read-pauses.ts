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

/** How long a session is left alone that was just read, in milliseconds. */
export function pauseAfterRead(of: {
  /** Somebody looks. */
  readonly isAttended: boolean;
  /** Sessions that are followed. */
  readonly sessions: number;
  /** Number of the session. */
  readonly handle: number;
  /** It has had a pause since it came, or since somebody looked: it is not read together with others any more. */
  readonly isApart: boolean;
}): number {
  if (of.isAttended) return Math.min(longestPauseMs, shortestPauseMs + of.sessions * pauseOfEachMs);
  if (of.isApart) return unattendedPauseMs;
  // Any part of a pause, so that those that came together are never read together: multiples of the golden ratio spread evenly, however
  // many there are.
  return unattendedPauseMs * ((of.handle * 0.618_034) % 1);
}
