/** What stands between two backticks is a name of code; the words of observations mark it so. */
const marked = /`([^`]+)`/;

/** A sentence with its names of code set as such. */
export function Sentence({ children }: { readonly children: string }): React.ReactNode {
  return children.split(marked).map((part, place) =>
    place % 2 === 0 ? (
      part
    ) : (
      // The parts of a sentence keep their places.
      // oxlint-disable-next-line react/no-array-index-key
      <code key={place} className="font-mono text-[0.93em]">
        {part}
      </code>
    ),
  );
}

/** The same where there is only plain text. */
export const plainSentence = (text: string): string => text.replaceAll(new RegExp(marked, "g"), "$1");
