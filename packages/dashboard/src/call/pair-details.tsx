import type { CallAnalysis } from "@peerscope/schema";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { PairCharts } from "./pair-charts.tsx";
import { ScoreStrip } from "./score-strip.tsx";
import { unknownSender } from "./matrix.ts";

/** Two session ids; the sender may be the unknown one. */
export interface ChosenPair {
  readonly sender: string;
  readonly receiver: string;
}

interface Props {
  readonly pair: ChosenPair;
  readonly analysis: CallAnalysis;
  readonly names: ReadonlyMap<string, string>;
  readonly onClose: () => void;
}

/** One way of the call over time, with links to either end. */
export function PairDetails({ pair, analysis, names, onClose }: Props): React.ReactNode {
  const { pairs } = analysis;
  const sender = names.get(pair.sender) ?? "somebody who is not known";
  const receiver = names.get(pair.receiver) ?? pair.receiver;
  const streams = pairs.pairs.filter(
    ({ senderId, receiverId }) => (senderId ?? unknownSender) === pair.sender && receiverId === pair.receiver,
  );
  return (
    <section className="border-t border-line p-4" aria-label={`From ${sender} to ${receiver}`}>
      <div className="flex items-baseline gap-3">
        <h3 className="font-semibold">
          From {sender} to {receiver}
        </h3>
        <button type="button" className="btn-quiet ml-auto" aria-label="Close" onClick={onClose}>
          <X className="size-4" aria-hidden />
        </button>
      </div>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-4 gap-y-2 text-table">
        {streams.map(({ kind, mean, scores }) => (
          <div key={kind} className="contents">
            <dt className="text-ink-soft">{kind === "audio" ? "Sound" : "Picture"}</dt>
            <dd>
              <ScoreStrip
                scores={scores}
                bucketMs={pairs.bucketMs}
                label={`${kind === "audio" ? "Sound" : "Picture"} from ${sender} to ${receiver}`}
              />
            </dd>
            <dd className="tnum text-right">mean {Math.round(mean)}</dd>
          </div>
        ))}
      </dl>
      <PanelBoundary what="What was sent and got">
        <PairCharts
          key={`${pair.sender} ${pair.receiver}`}
          sender={pair.sender === unknownSender ? null : pair.sender}
          receiver={pair.receiver}
          names={{ sender, receiver }}
          kinds={streams.map(({ kind }) => ({
            kind,
            isOnlySender: !pairs.pairs.some(
              (other) =>
                other.receiverId === pair.receiver &&
                other.kind === kind &&
                (other.senderId ?? unknownSender) !== pair.sender,
            ),
          }))}
        />
      </PanelBoundary>
      <p className="mt-3 flex flex-wrap gap-2">
        <Link to="/sessions/$id" params={{ id: pair.receiver }} className="btn">
          What {receiver} received
        </Link>
        {pair.sender !== unknownSender && (
          <Link to="/sessions/$id" params={{ id: pair.sender }} className="btn">
            What {sender} sent
          </Link>
        )}
      </p>
    </section>
  );
}
