import { classWords } from "../words/labels.ts";
import { duration } from "../words/time.ts";
import { classOf } from "./matrix.ts";
import { stripWords } from "./strip-words.ts";

const looks = {
  good: "bg-good-mark/50 h-2/5",
  fair: "bg-fair-mark h-3/5",
  poor: "bg-poor-mark h-full",
} as const;

interface Props {
  readonly scores: readonly (number | null)[];
  readonly bucketMs: number;
  readonly label: string;
}

/** Scores over time as bars: the worse, the taller, so that colour is not alone. Nothing where nothing could be scored. */
export function ScoreStrip({ scores, bucketMs, label }: Props): React.ReactNode {
  return (
    <div
      role="img"
      aria-label={`${label}: ${stripWords(scores, bucketMs)}`}
      className="flex h-5 w-full items-end overflow-hidden rounded-sm bg-sunken/60"
    >
      {scores.map((score, place) => {
        const of = classOf(score);
        return (
          <span
            key={place}
            className={`min-w-px flex-1 ${of === "good" || of === "fair" || of === "poor" ? looks[of] : ""}`}
            title={
              score === null
                ? undefined
                : `${duration(place * bucketMs)}: ${classWords[of].toLowerCase()}, ${Math.round(score)}`
            }
          />
        );
      })}
    </div>
  );
}
