import type { CallAnalysis } from "@peerscope/schema";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { omit } from "../url/search.ts";
import { plural } from "../words/numbers.ts";
import { duration } from "../words/time.ts";
import { matrixOf, unknownSender, type Buckets } from "./matrix.ts";
import { MatrixTable } from "./matrix-table.tsx";
import { PairDetails, type ChosenPair } from "./pair-details.tsx";

/** More people than this, and those without trouble are folded. Ours, as in the specification of the dashboard. */
const maxShown = 12;

interface Props {
  readonly analysis: CallAnalysis;
  readonly names: ReadonlyMap<string, string>;
}

/** Rows send, columns receive: a bad row is a sender's line, a bad column a receiver's, a lone cell the way between two. */
export function CallMatrix({ analysis, names }: Props): React.ReactNode {
  const { pairs } = analysis;
  const [bucket, setBucket] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useChosenPair(analysis);
  const buckets = useMemo<Buckets>(
    () => (bucket === null ? null : { from: bucket, to: bucket + 1 }),
    [bucket],
  );
  const matrix = useMemo(() => matrixOf(analysis, names, buckets), [analysis, names, buckets]);
  if (pairs.pairs.length === 0) {
    return (
      <p className="card p-6 text-ink-soft">
        Nothing that one person received of another one could be scored: the call was too short, nobody sent
        anything, or its source does not report it.
      </p>
    );
  }
  const folded =
    all || matrix.people.length <= maxShown ? [] : matrix.people.filter((one) => !one.isTroubled);
  const people = matrix.people.filter((one) => !folded.includes(one));
  const count = pairs.pairs.reduce((most, { scores }) => Math.max(most, scores.length), 0);
  return (
    <section className="card overflow-hidden" aria-label="Who received whom">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        <h2 className="font-semibold">Who received whom</h2>
        <label className="flex min-w-56 flex-1 items-center gap-3 text-table text-ink-soft">
          <span className="tnum shrink-0">
            {bucket === null
              ? "Whole call, worst moment"
              : `${duration(bucket * pairs.bucketMs)} to ${duration((bucket + 1) * pairs.bucketMs)}`}
          </span>
          <input
            type="range"
            className="h-6 flex-1 accent-accent"
            aria-label="Part of the call"
            aria-valuetext={bucket === null ? "whole call" : duration(bucket * pairs.bucketMs)}
            min={-1}
            max={count - 1}
            value={bucket ?? -1}
            onChange={(event) =>
              setBucket(Number(event.target.value) < 0 ? null : Number(event.target.value))
            }
          />
        </label>
        {bucket !== null && (
          <button type="button" className="btn" onClick={() => setBucket(null)}>
            Whole call
          </button>
        )}
      </header>
      <MatrixTable matrix={matrix} people={people} onChoose={setChosen} chosen={chosen} />
      {matrix.people.length > maxShown && (
        <p className="border-t border-line px-4 py-2 text-table text-ink-soft">
          {folded.length > 0 && `+${plural(folded.length, "person", "people")} without trouble. `}
          <button type="button" className="link min-h-6" onClick={() => setAll(!all)}>
            {all ? "Only those with trouble" : "Show all"}
          </button>
        </p>
      )}
      {matrix.hasUnknownSender && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-soft">
          “Not known” is a stream whose sender was not measured, or that fits several: a media server gives
          streams other ids, and then they are told apart by what they carry.
        </p>
      )}
      {chosen !== null && (
        <PairDetails pair={chosen} analysis={analysis} names={names} onClose={() => setChosen(null)} />
      )}
    </section>
  );
}

/** The pair that the URL names; null without one, and for one that is not in this call. */
function useChosenPair({ pairs }: CallAnalysis): [ChosenPair | null, (pair: ChosenPair | null) => void] {
  const { sender, receiver } = useSearch({ from: "/calls/$id" });
  const navigate = useNavigate({ from: "/calls/$id" });
  const chosen = useMemo(() => {
    if (sender === undefined || receiver === undefined) return null;
    const isHere = pairs.pairs.some(
      (pair) => (pair.senderId ?? unknownSender) === sender && pair.receiverId === receiver,
    );
    return isHere ? { sender, receiver } : null;
  }, [pairs, sender, receiver]);
  const choose = (pair: ChosenPair | null): void =>
    void navigate({
      search: (before) => ({ ...omit(before, "sender", "receiver"), ...pair }),
      replace: true,
      resetScroll: false,
    });
  return [chosen, choose];
}
