import { useQuery } from "@tanstack/react-query";
import type { SessionList, SessionSummary } from "@peerscope/schema/api";
import { useState } from "react";
import { FileButton } from "../files/file-button.tsx";
import { useNow } from "../frame/clock.ts";
import { useProject } from "../frame/project.ts";
import { ScoreBadge } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { fetchJson } from "../queries/fetch-json.ts";
import { sessionQuery } from "../queries/sessions.ts";
import { readIntent } from "../url/search.ts";
import { causeWords } from "../words/causes.ts";
import { browserWords, shortId } from "../words/labels.ts";
import { when } from "../words/time.ts";

interface Props {
  /** Session that it is to be compared with; undefined when neither is chosen. */
  readonly other: string | undefined;
  readonly onPick: (picked: string | File) => void;
}

const shownSessions = 8;

/** Chooses a session: by id or link, a file of this machine, or one of the same user, of the same call, or the newest. */
export function PickSession({ other, onPick }: Props): React.ReactNode {
  const [text, setText] = useState("");
  const zone = useZone();
  const summary = useQuery({ ...sessionQuery(other ?? ""), enabled: other !== undefined });
  const { userId, callId } = summary.data ?? { userId: null, callId: null };
  const isKnown = other === undefined || summary.data !== undefined || summary.isError;
  return (
    <div className="card flex flex-col gap-4 p-4">
      <form
        className="flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const intent = readIntent(text.trim(), Date.now(), zone);
          const id = intent.go === "session" ? intent.id : text.trim();
          if (id !== "") onPick(id);
        }}
      >
        <input
          type="text"
          aria-label="Id or link of a session"
          placeholder="Paste the id or the link of a session"
          className="h-9 min-w-48 flex-1 rounded-md border border-line bg-page px-3 text-sm placeholder:text-ink-soft"
          value={text}
          maxLength={400}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="btn" disabled={text.trim() === ""}>
          Compare
        </button>
        <FileButton
          onFiles={([file]) => {
            if (file !== undefined) onPick(file);
          }}
        >
          Open a file
        </FileButton>
      </form>
      {userId !== null && (
        <Suggestions
          title={`Other sessions of ${userId}`}
          query={{ user: userId }}
          except={other}
          onPick={onPick}
        />
      )}
      {callId !== null && (
        <Suggestions
          title="Others in the same call"
          query={{ call: callId }}
          except={other}
          onPick={onPick}
        />
      )}
      {isKnown && userId === null && callId === null && (
        <Suggestions title="Newest sessions" query={{}} except={other} onPick={onPick} />
      )}
    </div>
  );
}

interface SuggestionsProps {
  readonly title: string;
  readonly query: Readonly<Record<string, string>>;
  readonly except: string | undefined;
  readonly onPick: (sessionId: string) => void;
}

function Suggestions({ title, query, except, onPick }: SuggestionsProps): React.ReactNode {
  const project = useProject();
  const asked = new URLSearchParams({
    ...query,
    ...(project === undefined ? {} : { project }),
    limit: String(shownSessions + 1),
  }).toString();
  const { data, isError } = useQuery({
    queryKey: ["compare-with", asked],
    queryFn: ({ signal }) => fetchJson<SessionList>(`/api/sessions?${asked}`, signal),
  });
  const sessions = (data?.sessions ?? [])
    .filter(({ sessionId }) => sessionId !== except)
    .slice(0, shownSessions);
  return (
    <div>
      <h3 className="eyebrow">{title}</h3>
      {sessions.length === 0 ? (
        <p className="mt-1 text-table text-ink-soft">
          {isError ? "The list could not be loaded" : data === undefined ? "Looking" : "There is none"}
        </p>
      ) : (
        <ul className="mt-1 flex flex-col">
          {sessions.map((session) => (
            <li key={session.sessionId}>
              <Suggestion session={session} onPick={onPick} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Suggestion({
  session,
  onPick,
}: {
  readonly session: SessionSummary;
  readonly onPick: (sessionId: string) => void;
}): React.ReactNode {
  const zone = useZone();
  const now = useNow(60_000);
  return (
    <button
      type="button"
      data-session-id={session.sessionId}
      className="flex min-h-8 w-full flex-wrap items-center gap-x-3 rounded px-2 text-left text-table hover:bg-sunken"
      onClick={() => onPick(session.sessionId)}
    >
      <ScoreBadge score={session.score} of={session.scoreClass} />
      <span className="font-medium">{session.userId ?? shortId(session.sessionId)}</span>
      <span className="truncate">{causeWords(session).what}</span>
      <span className="ml-auto text-xs text-ink-soft">
        {browserWords(session.browser, session.os)} · {when(session.startedAt, now, zone)}
      </span>
    </button>
  );
}
