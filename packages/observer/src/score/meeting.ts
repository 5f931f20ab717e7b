import type { ScoreClass } from "@peerscope/schema";

/** One participant of a meeting as the meeting's score needs it. */
export interface MeetingParticipant {
  readonly score: number | null;
  readonly class: ScoreClass;
  /** Minutes in which media was expected; the weight in the mean. */
  readonly expectedMinutes: number;
}

/** Mean and worst belong together: a mean alone hides the person who could not take part. */
export interface MeetingScore {
  readonly mean: number | null;
  readonly worst: number | null;
  readonly classes: Readonly<Record<ScoreClass, number>>;
}

/** Scores of one call's participants. Failed ones count with 0 and weigh as much as the longest participant. */
export function meetingScore(participants: readonly MeetingParticipant[]): MeetingScore {
  const classes: Record<ScoreClass, number> = {
    good: 0,
    fair: 0,
    poor: 0,
    failed: 0,
    dropped: 0,
    "not-measured": 0,
  };
  const longest = participants.reduce((most, one) => Math.max(most, one.expectedMinutes), 0);
  const equal = longest <= 0;
  let weights = 0;
  let sum = 0;
  let worst: number | null = null;
  for (const participant of participants) {
    classes[participant.class] += 1;
    const failed = participant.class === "failed";
    const score = failed ? 0 : participant.score;
    if (score === null) continue;
    worst = worst === null ? score : Math.min(worst, score);
    // Who never got in has no minutes, but was expected for the whole meeting.
    const weight = equal ? 1 : failed ? longest : Math.max(0, participant.expectedMinutes);
    weights += weight;
    sum += weight * score;
  }
  return { mean: weights > 0 ? sum / weights : null, worst, classes };
}
