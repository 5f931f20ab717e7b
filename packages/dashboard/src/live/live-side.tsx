import { Link } from "@tanstack/react-router";
import type { LiveChange, LiveSnapshot } from "@peerscope/schema/api";
import { SeverityShape } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { observationTitle } from "../words/causes.ts";
import { plural } from "../words/numbers.ts";
import { clock } from "../words/time.ts";
import { factorName, factorSentence } from "./factor-words.ts";
import { personOf } from "./live-rows.ts";

/** Is it one person or many: what those who suffer share and others do not. */
export function CommonFactor({ snapshot }: { readonly snapshot: LiveSnapshot }): React.ReactNode {
  const { factors, factorsTried, affected } = snapshot;
  return (
    <section aria-labelledby="factor-title" className="card p-4">
      <h2 id="factor-title" className="text-table font-semibold">
        Common factor now
      </h2>
      {factors.length > 0 ? (
        <ul className="mt-2 flex flex-col gap-3">
          {factors.map((factor) => (
            <li key={`${factor.dimension} ${factor.value}`}>
              <p className="font-medium break-words">{factorName(factor)}</p>
              <p className="text-table text-ink-soft">{factorSentence(factor)}</p>
            </li>
          ))}
        </ul>
      ) : (
        <p className="mt-2 text-table text-ink-soft">
          {affected === 0
            ? "Nobody suffers, so there is nothing to share."
            : factorsTried === 0
              ? "Too few clients to tell: at least 20 have to share something, and 20 others not."
              : `No shared factor found. ${plural(factorsTried, "value")} of browser, system, network, path, country, version and tags were compared.`}
        </p>
      )}
    </section>
  );
}

/** What opened and what cleared, newest first. */
export function JustNow({ changes }: { readonly changes: readonly LiveChange[] }): React.ReactNode {
  const zone = useZone();
  return (
    <section aria-labelledby="changes-title" className="card overflow-hidden">
      <h2 id="changes-title" className="border-b border-line px-4 py-2.5 text-table font-semibold">
        Just now
      </h2>
      {changes.length === 0 ? (
        <p className="px-4 py-4 text-table text-ink-soft">
          Nothing opened or cleared since the server began.
        </p>
      ) : (
        // A list that scrolls has to be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ol className="max-h-96 overflow-y-auto py-1" tabIndex={0} aria-labelledby="changes-title">
          {changes.map(({ at, change, sessionId, userId, observation }) => (
            <li
              key={`${at} ${change} ${sessionId} ${observation.key}`}
              data-change={change}
              className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 px-4 py-1 text-table"
            >
              <time dateTime={new Date(at).toISOString()} className="text-xs leading-5 text-ink-soft">
                {clock(at, zone)}
              </time>
              <span className="min-w-0">
                <span className="flex items-baseline gap-1.5">
                  <SeverityShape of={observation.severity} />
                  <span>{observationTitle(observation.id)}</span>
                </span>
                <span className="flex items-baseline gap-1.5 text-xs text-ink-soft">
                  {change}
                  <span aria-hidden>·</span>
                  <Link
                    to="/sessions/$id"
                    params={{ id: sessionId }}
                    search={{ obs: observation.key }}
                    className="link inline-block min-h-6 max-w-44 truncate leading-6"
                  >
                    {personOf({ userId, sessionId })}
                  </Link>
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
