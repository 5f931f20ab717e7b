import { RowQueue } from "../pack/row-queue.ts";
import type { SettledWindow } from "../score/inputs.ts";
import type { Subject } from "./streams.ts";

/*
 * What a received stream went through lately, as far as one interval does not tell it. Kept on the stream, changed by the derive
 * stage; everything is bounded by time.
 */

/** Packets arrive and no frame is decoded. Sums since then. */
export interface Undecoded {
  /** Unix ms. */
  readonly since: number;
  /** Payload bytes. */
  bytes: number;
  /** Whole frames that were put together; null when the browser does not count them. */
  framesReceived: number | null;
  /** Requests for a whole picture, and to send packets again. */
  keyFrameRequests: number;
  retransmissionRequests: number;
  packetsLost: number;
}

/** Something that was counted in one interval. */
export interface CountedAt {
  readonly at: number;
  readonly count: number;
}

/** A short dense loss. */
export interface LossBurst {
  readonly from: number;
  readonly to: number;
  readonly lost: number;
  readonly expected: number;
}

/** Columns of `marks`: when (Unix ms), and the packets received and lost until then. */
export const markColumn = { at: 0, received: 1, lost: 2 } as const;

/** The sound that belongs to a picture, and how far apart both were lately. */
export interface Sync {
  /** Stats id of the audio stream. */
  readonly audioId: string;
  readonly subject: Subject;
  /** Milliseconds by which sound was ahead of the picture, one for each step, with the times of their ends. */
  readonly leadsMs: number[];
  readonly at: number[];
}

/** The recent past of one received stream. */
export interface ReceivedMedia {
  undecoded: Undecoded | null;
  /** A stall was raised and the first frame after it was not seen yet. */
  stalled: boolean;
  /** Requests for a whole picture of the last 30 s. */
  keyFrameRequests: readonly CountedAt[];
  /** Totals of packets from time to time, for averages over a minute. */
  readonly marks: RowQueue;
  /** Bursts of the last minute. */
  bursts: readonly LossBurst[];
  sync: Sync | null;
  /** Settled windows of the score that nobody looked at yet, oldest first; sound only. */
  scoreWindows: readonly SettledWindow[];
  /** The three latest of them that were looked at. */
  judgedWindows: readonly SettledWindow[];
  /** Observations that had something to judge here: their healthy steps count from then on. */
  watched: readonly string[];
}

const none: readonly never[] = [];

export function createReceivedMedia(): ReceivedMedia {
  return {
    undecoded: null,
    stalled: false,
    keyFrameRequests: none,
    marks: new RowQueue(3),
    bursts: none,
    sync: null,
    scoreWindows: none,
    judgedWindows: none,
    watched: none,
  };
}

/** After a suspend or a clock jump the past is forgotten. */
export function forgetReceivedMedia(media: ReceivedMedia): void {
  media.undecoded = null;
  media.keyFrameRequests = none;
  media.bursts = none;
  media.marks.clear();
  if (media.sync === null) return;
  media.sync.leadsMs.length = 0;
  media.sync.at.length = 0;
}
