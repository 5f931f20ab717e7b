import type { ScoreClass } from "@peerscope/schema";
import type { LiveCall, LiveSession, LiveSnapshot } from "@peerscope/schema/api";
import { observationTitle } from "../words/causes.ts";
import { classWords, shortId } from "../words/labels.ts";
import { count, plural } from "../words/numbers.ts";

/** A row of the list of those who suffer. */
export interface SufferingRow {
  readonly session: LiveSession;
  /** Not among those who suffer any more; the row only stays so that the list does not jump. */
  readonly isOver: boolean;
}

/**
 * Those who suffer, longest first. While somebody is reading (`isHeld`) nothing moves: rows keep their place, those that are
 * over stay and say so, new ones come at the end.
 */
export function sufferingRows(
  before: readonly SufferingRow[],
  sessions: readonly LiveSession[],
  isHeld: boolean,
): SufferingRow[] {
  const suffering = sessions
    .filter(({ since }) => since !== null)
    .toSorted((a, b) => (a.since ?? 0) - (b.since ?? 0) || (a.sessionId < b.sessionId ? -1 : 1));
  if (!isHeld) return suffering.map((session) => ({ session, isOver: false }));
  const fresh = new Map(suffering.map((session) => [session.sessionId, session]));
  const kept = before.map(({ session }): SufferingRow => {
    const now = fresh.get(session.sessionId);
    fresh.delete(session.sessionId);
    return now === undefined ? { session, isOver: true } : { session: now, isOver: false };
  });
  return [...kept, ...[...fresh.values()].map((session) => ({ session, isOver: false }))];
}

/** How many sessions of a snapshot are listed as suffering; the server lists the worst of them and leaves out the rest. */
export function listedOf(sessions: readonly LiveSession[]): number {
  return sessions.filter(({ since }) => since !== null).length;
}

/** Who the list is about: everybody who suffers, or the worst of them. */
export function listWords(affected: number, listed: number): string {
  if (affected === 0) return "nobody";
  const all = plural(affected, "person", "people");
  return affected > listed ? `the worst ${count(listed)} of ${all}, longest first` : `${all}, longest first`;
}

/** Why a row only stays while somebody reads. Whoever is missing in a list that is cut may still suffer. */
export function goneWords(isCut: boolean): string {
  return isCut ? "It is better, they left, or it is worse for others" : "It is better, or they left";
}

/** What is wrong in a session, in the words of a row. */
export function sufferingWords(session: LiveSession): string {
  const [first] = session.observations;
  if (first !== undefined) return observationTitle(first.id);
  if (session.class === "failed") return "Never connected";
  if (session.class === "dropped") return "The connection was lost";
  return "The score is poor";
}

/** How the last minutes of a call were for its worst client, in words. */
export function minutesWords(minutes: LiveCall["minutes"]): string {
  const there = minutes.filter((of) => of !== null);
  const countsOf = (classes: readonly ScoreClass[]): string[] =>
    classes.flatMap((of) => {
      const found = there.filter((one) => one === of).length;
      return found === 0 ? [] : [`${classWords[of].toLowerCase()} in ${found}`];
    });
  const bad = countsOf(["failed", "dropped", "poor", "fair"]);
  const isMeasured = there.some((of) => of !== "not-measured");
  const told = isMeasured
    ? [...(bad.length === 0 ? ["nothing worse than good"] : bad), ...countsOf(["not-measured"])]
    : ["nothing was measured"];
  return `Of ${plural(there.length, "minute")}: ${told.join(", ")}`;
}

/** Who it is: the name that the app gave, else the beginning of the session id. */
export function personOf({
  userId,
  sessionId,
}: {
  readonly userId: string | null;
  readonly sessionId: string;
}): string {
  return userId ?? shortId(sessionId);
}

/** What a screen reader is told of one snapshot after another; null when nothing changed for anybody. */
export function announcementOf(before: LiveSnapshot, after: LiveSnapshot): string | null {
  const suffered = new Set(before.sessions.filter(({ since }) => since !== null).map((one) => one.sessionId));
  const suffering = after.sessions.filter(({ since }) => since !== null);
  // Who was not in a list that was cut may have suffered already.
  const wasCut = before.affected > suffered.size;
  const fresh = suffering.filter(
    ({ sessionId, since }) => !suffered.has(sessionId) && (!wasCut || (since ?? 0) > before.at),
  );
  const [first] = fresh;
  if (first === undefined && after.affected === before.affected) return null;
  const total =
    after.affected === 0
      ? "Nobody suffers any more"
      : plural(after.affected, "person suffers", "people suffer");
  if (first === undefined) return total;
  const others = fresh.length === 1 ? "" : ` and ${plural(fresh.length - 1, "other")}`;
  return `${total}. New: ${personOf(first)}${others}, ${sufferingWords(first)}`;
}
