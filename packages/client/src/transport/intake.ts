import type { SessionRecord } from "@peerscope/schema";
import type { FrameQueue } from "./frame-queue.ts";

/** Takes records, and counts those that were lost before they got here: the frame queue, or what stands in for it. */
export interface Sink {
  readonly push: FrameQueue["push"];
  readonly lose: FrameQueue["lose"];
  readonly flush: FrameQueue["flush"];
  readonly status: FrameQueue["status"];
  /** As that of the queue. Not before that is there, nor in an older one that a cache has. */
  readonly reduces?: boolean | undefined;
}

/** Where records go. Until the frame queue is loaded, which encodes them, they wait here as they are. */
export interface Intake extends Sink {
  /** The queue is there. */
  readonly open: (queue: Sink) => void;
}

/** Records that wait; reached only by an app that sends events in a loop. Ours, as that of the queue. */
const maxRecords = 2_000;

export function createIntake(): Intake {
  let queue: Sink | undefined;
  const records: SessionRecord[] = [];
  const losses: Parameters<Sink["lose"]>[] = [];
  const intake: { -readonly [Member in keyof Intake]: Intake[Member] } = {
    push(record) {
      if (queue) queue.push(record);
      else if (records.length < maxRecords) records.push(record);
      else intake.lose("buffer-full", record.kind);
    },
    lose(...loss) {
      if (queue) queue.lose(...loss);
      else losses.push(loss);
    },
    flush: (last) => queue?.flush(last),
    status: () =>
      queue?.status() ?? { framesAcknowledged: 0, recordsQueued: records.length, lost: losses.length },
    open(loaded) {
      queue = loaded;
      intake.reduces = loaded.reduces;
      records.forEach(queue.push);
      for (const loss of losses) queue.lose(...loss);
    },
  };
  return intake;
}
