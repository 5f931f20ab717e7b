import { differenceOf, type SectionDifference } from "../session/sdp/difference.ts";
import { readDescriptions, type SessionDescription } from "../session/sdp/descriptions.ts";
import type { EventRow } from "../worker/messages.ts";

/**
 * Lines that are never the same in two sessions and mean nothing: identities, keys, addresses, names of streams. They are
 * left out of both sides. Ours.
 */
const everDifferent =
  /^(o=|a=(ice-ufrag|ice-pwd|fingerprint|candidate|ssrc|ssrc-group|msid|msid-semantic|cname|end-of-candidates|rtcp:)|c=IN|m=(audio|video|application) \d+)/;

/** How the last description of one side differs between two sessions; null when one of them has none. */
export function descriptionDifference(
  a: readonly EventRow[],
  b: readonly EventRow[],
  side: "local" | "remote",
): SectionDifference[] | null {
  const before = lastOf(a, side);
  const after = lastOf(b, side);
  return before === null || after === null ? null : differenceOf(before, after);
}

function lastOf(events: readonly EventRow[], side: "local" | "remote"): SessionDescription | null {
  const last = readDescriptions(events).findLast(
    (description) => description.side === side && description.sections.length > 0,
  );
  if (last === undefined) return null;
  return {
    ...last,
    sections: last.sections.map((section) => ({
      ...section,
      lines: section.lines.flatMap((line) => {
        const media = /^(m=\w+) \d+ (.*)$/.exec(line);
        if (media !== null) return [`${media[1]} ${media[2]}`];
        return everDifferent.test(line) ? [] : [line];
      }),
    })),
  };
}
